// The devtools' panel in a real page, over a real stream.

import { launchChromium } from "@throughline/browsers";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type ExampleProcess, startExample } from "./start-example.js";

let example: ExampleProcess;
let browser: Browser;
let page: Page;
/** What the page itself complained about. */
let complaints: string[];

beforeAll(async () => {
  example = startExample(0);
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await example?.kill();
});

async function open(query: string): Promise<void> {
  await page.goto(new URL(`/${query}`, await example.url).href);
  await page.locator(".line").first().waitFor();
}

beforeEach(async () => {
  complaints = [];
  page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
  page.setDefaultTimeout(20_000);
  page.on("pageerror", (error) => complaints.push(String(error)));
});

afterEach(async () => {
  await page.close();
  expect(complaints).toEqual([]);
});

const toggle = () => page.getByRole("button", { name: /^Throughline: / });
const panel = () => page.getByRole("region", { name: "Throughline devtools" });
const inPanel = (name: string) => panel().getByRole("button", { name, exact: true });
const state = () => panel().locator(".head .state");

/** The bundler names a part of the application after the module that it begins with. */
const isDevtools = (url: string) => url.includes("/devtools-");

test("it is loaded only when it is asked for", async () => {
  const loaded: string[] = [];
  page.on("request", (request) => loaded.push(request.url()));
  await open("");
  expect(await toggle().count()).toBe(0);
  expect(loaded.some(isDevtools)).toBe(false);
  const isWatched = await page.evaluate(() => Symbol.for("throughline.watcher") in globalThis);
  expect(isWatched).toBe(false);
  await open("?devtools");
  expect(loaded.some(isDevtools)).toBe(true);
});

test("it shows the stream, and heals what it breaks", async () => {
  await open("?devtools");
  await expect.poll(() => toggle().textContent()).toBe("Throughline: 1 stream");
  await toggle().click();
  await expect.poll(() => state().textContent()).toBe("live");
  await inPanel("Drop the connection").click();
  const drops = panel().locator("table").nth(1).locator("tbody tr");
  await expect.poll(() => drops.first().textContent()).toMatch(/network.*after.*after/);
  await inPanel("Silence").click();
  await expect.poll(() => inPanel("Silence").getAttribute("aria-pressed")).toBe("true");
  await expect.poll(() => state().textContent(), { timeout: 10_000 }).not.toBe("live");
  await page.locator('.light:not([data-state="live"])').waitFor();
  await inPanel("Clear faults").click();
  await expect.poll(() => state().textContent(), { timeout: 10_000 }).toBe("live");
  await page.locator('.light[data-state="live"]').waitFor();
});

test("events can be filtered, held, and read", async () => {
  await open("?devtools");
  await toggle().click();
  const lines = panel().locator("ol.list > li");
  await lines.first().waitFor();
  await panel().getByRole("searchbox", { name: "Filter events" }).fill("alert_");
  await expect
    .poll(async () => (await lines.allTextContents()).every((text) => text.includes("alert_")))
    .toBe(true);
  await panel().getByRole("searchbox").fill("");
  await inPanel("Pause").click();
  const held = await lines.first().textContent();
  await expect.poll(() => panel().locator("output").textContent()).toMatch(/\d+ new/);
  expect(await lines.first().textContent()).toBe(held);
  await lines.first().locator("summary").click();
  await expect.poll(() => lines.first().locator("pre").textContent()).toContain('"ward"');
  await inPanel("Pause").click();
  await expect.poll(() => lines.first().textContent()).not.toBe(held);
});

test("it can be used by keyboard alone, and gives the focus back", async () => {
  await open("?devtools");
  await toggle().focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => inPanel("Hide").evaluate((node) => node.matches(":focus"))).toBe(true);
  await page.keyboard.press("Tab");
  await expect
    .poll(() =>
      panel()
        .locator('[aria-current="true"]')
        .evaluate((node) => node.matches(":focus")),
    )
    .toBe(true);
  await page.keyboard.press("Escape");
  await expect.poll(() => toggle().evaluate((node) => node.matches(":focus"))).toBe(true);
  expect(await panel().count()).toBe(0);
});

test("a strict Content-Security-Policy does not undress it", async () => {
  await page.route(/\?devtools$/, async (route) => {
    const response = await route.fetch();
    // The dashboard itself has an image in its styles.
    const policy = "default-src 'self'; img-src 'self' data:";
    const headers = { ...response.headers(), "content-security-policy": policy };
    await route.fulfill({ response, headers });
  });
  const refused: string[] = [];
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) refused.push(message.text());
  });
  await open("?devtools");
  await toggle().click();
  await expect.poll(() => state().textContent()).toBe("live");
  expect(await panel().evaluate((node) => getComputedStyle(node).position)).toBe("fixed");
  const band = panel().locator('.band span[data-state="live"]');
  expect(await band.evaluate((node) => node.getBoundingClientRect().width)).toBeGreaterThan(0);
  expect(refused).toEqual([]);
});

test("closed it has no timer", async () => {
  await page.addInitScript(() => {
    const calls = { timers: 0 };
    Object.assign(globalThis, { calls });
    const { setInterval: original } = globalThis;
    globalThis.setInterval = ((...args: Parameters<typeof setInterval>) => {
      if (new Error().stack?.includes("/devtools-")) calls.timers += 1;
      return original(...args);
    }) as typeof setInterval;
  });
  const timers = () =>
    page.evaluate(() => (globalThis as unknown as { calls: { timers: number } }).calls.timers);
  await open("?devtools");
  await toggle().waitFor();
  expect(await timers()).toBe(0);
  await toggle().click();
  await expect.poll(timers).toBe(1);
});
