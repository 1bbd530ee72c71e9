// Tabs that share a connection, one of which is put into Chromium's back-forward cache and comes back.
// Playwright keeps its pages out of that cache.

import { bundleScript } from "@throughline/browsers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type HubPage, startHubPage } from "../browsers/hub-page.js";
import { type Chromium, startChromium, type Tab } from "../page-life/chromium.js";
import { caughtUp, expectWhole, type ReportingTab, type TabReport } from "./tab-report.js";

let hub: HubPage;
let chromium: Chromium;
let tabs: (Tab & ReportingTab)[] = [];

beforeAll(async () => {
  hub = await startHubPage(await bundleScript(new URL("page.ts", import.meta.url)));
  chromium = await startChromium();
});
afterEach(async () => {
  hub.stopPublishing();
  await Promise.all(tabs.map((tab) => tab.close()));
  tabs = [];
});
afterAll(async () => {
  await chromium?.close();
  await hub?.close();
});

/** Opens a tab, and waits until it reads. The first one leads. */
async function openTab(): Promise<Tab & ReportingTab> {
  const tab = await chromium.openTab(hub.origin);
  const reporting = { ...tab, report: () => tab.evaluate<TabReport>("report()") };
  tabs.push(reporting);
  await expect
    .poll(() => tab.evaluate("globalThis.seen?.length > 0"), { timeout: 10_000 })
    .toBe(true);
  return reporting;
}

describe("of two tabs that share a connection,", () => {
  it.each([
    { who: "the one that holds it", index: 0 },
    { who: "the other", index: 1 },
  ])("$who is put aside and comes back, and both go on without loss", async ({ index }) => {
    hub.startPublishing();
    const pair = [await openTab(), await openTab()] as const;
    await expect.poll(() => hub.open, { timeout: 10_000 }).toBe(1);
    const aside = pair[index === 0 ? 0 : 1];
    const other = pair[index === 0 ? 1 : 0];
    for (let time = 1; time <= 2; time += 1) {
      await aside.navigate(`${hub.origin}/elsewhere`);
      await caughtUp(hub, [other], 5000);
      // What was on its way may have come before the connection has changed hands.
      await expect.poll(() => hub.open, { timeout: 5000 }).toBe(1);
      await aside.goBack();
      await expect.poll(() => aside.evaluate("globalThis.report?.().comebacks")).toBe(time);
      await caughtUp(hub, pair, 5000);
      await expect.poll(() => hub.open, { timeout: 5000 }).toBe(1);
    }
    await expectWhole(pair);
    expect((await other.report()).breaks).toBe(0);
  });
});
