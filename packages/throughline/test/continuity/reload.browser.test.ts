// A real page that is loaded again, duplicated, left and come back to, while events are published.

import { bundleScript, launchChromium } from "@throughline/browsers";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type HubPage, startHubPage } from "../browsers/hub-page.js";

let hub: HubPage;
let browser: Browser;

beforeAll(async () => {
  hub = await startHubPage(await bundleScript(new URL("page.ts", import.meta.url)));
  browser = await launchChromium();
});
afterEach(() => hub.stopPublishing());
afterAll(async () => {
  await browser?.close();
  await hub?.close();
});

/** A tab with the page in it, and an event every 10 ms from when it is connected. */
async function openTab(): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(hub.origin);
  await page.waitForFunction(
    () => (globalThis as unknown as PageGlobals).source.lastEventId !== "",
  );
  hub.startPublishing();
  return page;
}

interface PageGlobals {
  readonly source: { readonly lastEventId: string };
  readonly seen: string[];
}

const seenIn = (page: Page) => page.evaluate(() => (globalThis as unknown as PageGlobals).seen);

/** Waits until the page has had an event that was published after this was called. */
async function catchUp(page: Page): Promise<string[]> {
  const newest = hub.published.length;
  await page.waitForFunction(
    (wanted) => Number((globalThis as unknown as PageGlobals).seen.at(-1)) > wanted,
    newest,
  );
  return seenIn(page);
}

/** What the page that is about to go had when it went: asked for as late as there is any way to. */
async function leaving(page: Page, how: () => Promise<unknown>): Promise<string[]> {
  await page.evaluate(() => {
    addEventListener("pagehide", () => {
      const { seen } = globalThis as unknown as PageGlobals;
      sessionStorage.setItem("had", JSON.stringify(seen));
    });
  });
  await how();
  return page.evaluate(() => JSON.parse(sessionStorage.getItem("had") ?? "[]"));
}

describe("a page with continuity", () => {
  it("has each event once over ten reloads", async () => {
    const page = await openTab();
    const all: string[] = [];
    for (let time = 0; time < 10; time += 1) {
      await catchUp(page);
      all.push(...(await leaving(page, () => page.reload())));
    }
    all.push(...(await catchUp(page)));
    expect(all).toEqual(hub.published.slice(0, all.length));
    await page.context().close();
  });

  it("has each event once, over a page that it was left for", async () => {
    const page = await openTab();
    await catchUp(page);
    const all = await leaving(page, () =>
      page
        .goto("data:text/html,elsewhere")
        .catch(() => {})
        .then(() => page.goto(hub.origin)),
    );
    all.push(...(await catchUp(page)));
    expect(all).toEqual(hub.published.slice(0, all.length));
    await page.context().close();
  });

  it("goes on in the duplicate of its tab, and in itself", async () => {
    const page = await openTab();
    await catchUp(page);
    // The tab's storage is copied to a window that it opens, as to its duplicate.
    const [duplicate] = await Promise.all([
      page.waitForEvent("popup"),
      page.evaluate((url) => void open(url), hub.origin),
    ]);
    const copied = await catchUp(duplicate);
    const own = await catchUp(page);
    expect(own).toEqual(hub.published.slice(0, own.length));
    // It begins at most a second, the time between two saves, before the moment of the copy.
    const first = Number(copied[0]);
    expect(copied).toEqual(hub.published.slice(first - 1, first - 1 + copied.length));
    const rest = await leaving(page, () => page.reload());
    rest.push(...(await catchUp(page)));
    expect(rest).toEqual(hub.published.slice(0, rest.length));
    await page.context().close();
  });
});
