// The page over the real back end, in a real browser.

import { launchChromium } from "@throughline/browsers";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { findFlaskPython } from "../../backend/launcher/python-process.js";
import { type ExampleProcess, startExample } from "../start-example.js";

// Where there is no Python with Flask and gunicorn, and none can be made; scripts/test.mjs says so.
describe.skipIf(findFlaskPython() === undefined)("the dashboard over Flask", () => {
  let example: ExampleProcess;
  let url: string;
  let browser: Browser;
  let page: Page;
  /** What the page itself complained about. */
  let complaints: string[];

  beforeAll(async () => {
    example = startExample(0, undefined, "flask");
    url = await example.url;
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    await example?.kill();
  });

  beforeEach(async () => {
    complaints = [];
    const context = await browser.newContext({ viewport: { width: 1440, height: 1000 } });
    page = await context.newPage();
    page.setDefaultTimeout(25_000);
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      // The browser notes each request that a fault has broken; that is the fault, not the page. Nor
      // can a page help that a server refuses a native source.
      const isFault = /^Failed to load resource:|^EventSource's response/.test(message.text());
      if (message.type() === "error" && !isFault) complaints.push(message.text());
    });
    await page.goto(url);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.locator(".line").first().waitFor();
    await lightIs("live");
  });

  afterEach(async () => {
    await setFault("/demo/fault", null);
    await setFault("/demo/source-fault", null);
    await page.context().close();
    expect(complaints).toEqual([]);
  });

  async function until(what: string, isTrue: () => Promise<boolean>, withinMs = 30_000) {
    await expect.poll(isTrue, { message: what, timeout: withinMs, interval: 100 }).toBe(true);
  }

  async function setFault(path: string, fault: string | null): Promise<void> {
    const response = await fetch(new URL(path, url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ fault }),
    });
    expect(response.status).toBe(200);
  }

  const lightIs = (state: string) => page.locator(`.light[data-state="${state}"]`).waitFor();

  /** The items of the feed, newest first, each once. */
  async function shownItems(): Promise<string[]> {
    const shown = await page
      .locator(".panel-feed .line[data-item]")
      .evaluateAll((lines) => lines.map((line) => line.getAttribute("data-item") ?? ""));
    expect(new Set(shown).size).toBe(shown.length);
    return shown;
  }

  async function newestOfLedger(): Promise<string> {
    const { entries } = await (await fetch(new URL("/demo/ledger", url))).json();
    return entries.at(-1).id;
  }

  /** Whatever is published now arrives. */
  async function expectRowsToCome(): Promise<void> {
    const newest = await newestOfLedger();
    await until(`${newest} is shown`, async () => (await shownItems()).includes(newest));
  }

  async function countOf(row: string): Promise<number> {
    const cell = page.locator(`.figures [data-row="${row}"] td`).last();
    return Number((await cell.innerText()).replaceAll(",", ""));
  }

  test("the rows of the back end stand in the feed once, and none of them is missing", async () => {
    await expectRowsToCome();
    await expectRowsToCome();
    await until("something is counted", async () => (await countOf("received")) > 0);
    expect(await countOf("missing")).toBe(0);
    expect(await countOf("repeated")).toBe(0);
  });

  test("a frozen link between browser and gateway heals, and nothing is missing or repeated", async () => {
    await expectRowsToCome();
    await page.locator("#faults").getByRole("button", { name: "Freeze" }).click();
    await until("the light turns", async () => {
      return (await page.locator(".light").getAttribute("data-state")) !== "live";
    });
    await page.locator("#faults").getByRole("button", { name: "Recover now" }).click();
    await lightIs("live");
    await expectRowsToCome();
    expect(await page.locator(".drop").first().innerText()).toMatch(/fell silent\s+Freeze/);
    expect(await countOf("repeated")).toBe(0);
    await until("nothing is missing", async () => (await countOf("missing")) === 0);
  });

  test("kill -9 of the back end is told while the light stays green, and then its rows come", async () => {
    await expectRowsToCome();
    const before = await shownItems();
    await page.locator("#source-faults").getByRole("button", { name: "kill -9" }).click();
    const remark = page.locator(".source-silent");
    await remark.waitFor();
    expect(await remark.innerText()).toMatch(
      /^Connected; the source is silent since \d\d:\d\d:\d\d \(.+\)\.$/,
    );
    expect(await page.locator(".light").getAttribute("data-state")).toBe("live");

    await page.getByText(/^The source was silent from/).waitFor();
    await page.getByText("The back end is whole. Last: kill -9").waitFor();
    await expectRowsToCome();
    // As many of the older ones as are drawn stand where they stood.
    const after = await shownItems();
    const older = after.slice(after.indexOf(before[0] ?? ""));
    expect(older.length).toBeGreaterThan(5);
    expect(older).toEqual(before.slice(0, older.length));
    expect(await countOf("repeated")).toBe(0);
  });

  test("an analysis goes on across a reset without starting again", async () => {
    await page.getByRole("combobox", { name: "Depth" }).selectOption("quick");
    await page.getByRole("button", { name: "Run analysis" }).click();
    const begunMs = performance.now();
    await page.locator(".stage-current", { hasText: "Brief" }).waitFor();
    await setFault("/demo/fault", "reset");
    await page.locator(".result-summary").waitFor();
    expect(await page.locator(".stage-done").count()).toBe(4);
    // It takes 14 s; beginning again in its last stage would have taken 12 s more.
    expect(performance.now() - begunMs).toBeLessThan(22_000);
  });

  test("after the logout the streams end with 401, the page says so, and a login begins anew", async () => {
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByText("Logged out. The streams have ended with 401").waitFor();
    await lightIs("failed");
    expect(await page.locator(".light").innerText()).toContain("please sign in again");
    await page.getByRole("button", { name: "Log in again" }).click();
    await page.getByRole("button", { name: "Log in" }).click();
    await lightIs("live");
    await expectRowsToCome();
  });

  test("a wrong password is said, and nothing is wider than a phone", async () => {
    await page.getByRole("button", { name: "Log out" }).click();
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await page.getByRole("button", { name: "Log in again" }).click();
    await page.getByLabel("Password").fill("rose");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByText("Invalid username or password").waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  });
});
