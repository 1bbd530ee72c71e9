import { launchChromium } from "@throughline/browsers";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type ExampleProcess, startExample } from "./start-example.js";

let example: ExampleProcess;
let url: string;
let browser: Browser;
let page: Page;
/** What the page itself complained about. */
let complaints: string[];

beforeAll(async () => {
  example = startExample(0);
  url = await example.url;
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await example?.kill();
});

beforeEach(async () => {
  complaints = [];
  page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
  page.setDefaultTimeout(20_000);
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // The browser notes each request that a fault has broken; that is the fault, not the page.
    const isFault = message.text().startsWith("Failed to load resource:");
    if (message.type() === "error" && !isFault) complaints.push(message.text());
  });
  await page.goto(url);
  await page.locator(".line").first().waitFor();
  await until("both readers have received something", async () => {
    const { native, throughline } = await readCounts();
    return native.received > 0 && throughline.received > 0;
  });
});

afterEach(async () => {
  await setFault(null);
  await page.close();
  expect(complaints).toEqual([]);
});

/** Waits for something that the page shows sooner or later. */
async function until(what: string, isTrue: () => Promise<boolean>, withinMs = 25_000) {
  await expect.poll(isTrue, { message: what, timeout: withinMs, interval: 100 }).toBe(true);
}

async function setFault(fault: string | null): Promise<void> {
  const response = await fetch(new URL("/demo/fault", url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ fault }),
  });
  expect(response.status).toBe(200);
}

interface Counts {
  readonly state: string;
  readonly received: number;
  readonly missing: number;
  readonly repeated: number;
  readonly outOfOrder: number;
}

/** The table of the comparison, as a person reads it. */
async function readCounts(): Promise<{ native: Counts; throughline: Counts }> {
  const cells = await page
    .locator(".figures tbody tr")
    .evaluateAll((rows) =>
      rows.map((row) => [
        row.getAttribute("data-row") ?? "",
        ...[...row.querySelectorAll("td")].map((cell) => cell.textContent ?? ""),
      ]),
    );
  const side = (column: number): Counts => {
    const text = (row: string) => cells.find(([name]) => name === row)?.[column] ?? "";
    const count = (row: string) => Number(text(row).replaceAll(",", ""));
    return {
      state: text("state"),
      received: count("received"),
      missing: count("missing"),
      repeated: count("repeated"),
      outOfOrder: count("outOfOrder"),
    };
  };
  return { native: side(1), throughline: side(2) };
}

/** The newest items of the feed, newest first, are those of the ledger: no hole, none twice. */
async function expectFeedToMatchLedger(): Promise<void> {
  await page.getByRole("button", { name: "Show older items" }).click();
  const shown = await page
    .locator(".panel-feed .line")
    .evaluateAll((lines) => lines.map((line) => line.getAttribute("data-item")));
  const ledger = await (await fetch(new URL("/demo/ledger?since=0", url))).json();
  const published: string[] = ledger.entries.map(({ id }: { id: string }) => id).reverse();
  const newest = published.indexOf(shown[0] ?? "");
  expect(shown.length).toBeGreaterThan(100);
  expect(shown).toEqual(published.slice(newest, newest + shown.length));
}

const light = () => page.locator(".light");
const lightIs = (state: string) => page.locator(`.light[data-state="${state}"]`).waitFor();
const faultButton = (name: string) => page.getByRole("button", { name, exact: false }).first();

test("a silent freeze is noticed, heals after the link, and costs only the other reader", async () => {
  await lightIs("live");
  await setFault("freeze");
  await until("the light turns", async () => (await light().getAttribute("data-state")) !== "live");
  await until("items are missing on both sides", async () => {
    const { native, throughline } = await readCounts();
    return native.missing > 0 && throughline.missing > 0;
  });
  expect((await readCounts()).native.state).toBe("open");

  await setFault(null);
  const mendedAtMs = Date.now();
  await lightIs("live");
  // The light stays for a second at least, and the machine that tests is busy.
  expect(Date.now() - mendedAtMs).toBeLessThan(8000);

  await until("Throughline has caught up", async () => {
    const { throughline } = await readCounts();
    return throughline.missing === 0 && throughline.state === "live";
  });
  const { native, throughline } = await readCounts();
  expect(throughline).toMatchObject({ missing: 0, repeated: 0, outOfOrder: 0 });
  expect(native.missing).toBeGreaterThan(0);
  expect(throughline.received - native.received).toBeGreaterThanOrEqual(native.missing);

  await expectFeedToMatchLedger();
  const drop = page.locator(".drop").first();
  expect(await drop.innerText()).toMatch(/fell silent\s+Freeze\s+1\.\d s\s/);
  // What was published meanwhile is marked as late where it stands.
  expect(await page.locator(".fact-late").count()).toBeGreaterThan(0);
});

test("every item of the ledger stands in the feed once and in order after a reset", async () => {
  await lightIs("live");
  await setFault("reset");
  await until("the drop is listed", async () => (await page.locator(".drop").count()) > 0);
  await until("nothing is missing", async () => {
    const { throughline } = await readCounts();
    return throughline.state === "live" && throughline.missing === 0;
  });
  await expectFeedToMatchLedger();
  expect((await readCounts()).throughline).toMatchObject({ repeated: 0, outOfOrder: 0 });
});

test("after a burst of 503 the browser's reader has given up and Throughline is live", async () => {
  await setFault("unavailable");
  await until("the browser's reader is closed", async () => {
    return (await readCounts()).native.state === "closed";
  });
  await setFault(null);
  await until("Throughline is complete", async () => {
    const { throughline } = await readCounts();
    return throughline.state === "live" && throughline.missing === 0;
  });
  expect((await readCounts()).native.state).toBe("closed");
});

test("counting anew opens a new native reader, and both begin at nought", async () => {
  await setFault("unavailable");
  await until("the browser's reader is closed", async () => {
    return (await readCounts()).native.state === "closed";
  });
  await setFault(null);
  await page.getByRole("button", { name: "Count anew" }).click();
  await until("both readers are complete", async () => {
    const { native, throughline } = await readCounts();
    return (
      native.state === "open" &&
      native.received > 0 &&
      native.missing === 0 &&
      throughline.missing === 0
    );
  });
});

test("the faults work from the keyboard, keep the focus, and exclude each other", async () => {
  const freeze = faultButton("Freeze");
  await page.getByRole("button", { name: "Count anew" }).focus();
  // Backwards through the faults: slow link, 503, freeze.
  for (let press = 0; press < 3; press += 1) await page.keyboard.press("Shift+Tab");
  expect(await freeze.evaluate((button) => button === document.activeElement)).toBe(true);

  await page.keyboard.press("Enter");
  await page.getByText("The link is broken: freeze.").waitFor();
  expect(await freeze.evaluate((button) => button === document.activeElement)).toBe(true);
  expect(await freeze.innerText()).toMatch(/\d+ s$/);
  expect(await faultButton("Drop").getAttribute("aria-disabled")).toBe("true");
  await faultButton("Drop").press("Enter");

  await page.getByRole("button", { name: "Recover now" }).press("Space");
  await page.getByText("The link is whole. Last: freeze").waitFor();
  expect(await freeze.getAttribute("aria-disabled")).toBe("false");
  await lightIs("live");
});

test("an analysis goes on across a reset without starting again", async () => {
  let started = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("/analyze")) started += 1;
  });
  await page.getByRole("combobox", { name: "Depth" }).selectOption("quick");
  await page.getByRole("button", { name: "Run analysis" }).click();
  await page.locator(".stage-current").first().waitFor();
  await setFault("reset");
  await page.locator(".result-summary").waitFor();
  expect(await page.locator(".stage-done").count()).toBe(4);
  expect(started).toBe(1);
});

test("ward and priority filter what is shown, and what is held waits for the reader", async () => {
  await page.getByRole("combobox", { name: "Ward" }).first().selectOption("Canal Bank");
  await until("only one ward is shown", async () => {
    const wards = await page.locator(".panel-feed .fact-ward").allInnerTexts();
    return wards.length > 0 && wards.every((ward) => ward === "Canal Bank");
  });
  await page.getByRole("combobox", { name: "Ward" }).first().selectOption("");

  await page.getByRole("button", { name: "Pause" }).click();
  const top = await page.locator(".panel-feed .line").first().innerText();
  await page.getByRole("button", { name: /^Show \d+ newer item/ }).waitFor();
  expect(await page.locator(".panel-feed .line").first().innerText()).toBe(top);
  await page.getByRole("button", { name: /^Show \d+ newer item/ }).click();
  await until("the newest line has changed", async () => {
    return (await page.locator(".panel-feed .line").first().innerText()) !== top;
  });
});

test("nothing is wider than a phone, and the sample says that it is one", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBe(390);
  await page.getByText("This is a sample feed.").waitFor();
  await page.getByRole("navigation", { name: "Parts of the page" }).waitFor();
});
