// Tabs that share a connection in Firefox, and what becomes of the others when the one that holds it goes.

import {
  type BrowserProfile,
  bundleScript,
  findFirefox,
  launchBrowser,
  type TestBrowser,
  type TestPage,
} from "@throughline/browsers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type HubPage, startHubPage } from "../browsers/hub-page.js";
import { caughtUp, expectWhole, type ReportingTab, type TabReport } from "./tab-report.js";

type Tab = TestPage & ReportingTab;

let hub: HubPage;
let firefox: TestBrowser;
let profile: BrowserProfile;
let tabs: Tab[] = [];

// Only a machine that has it can run it; `npm test` installs it where it can.
describe.skipIf(findFirefox() === undefined)("in Firefox, of three tabs that share,", () => {
  beforeAll(async () => {
    hub = await startHubPage(await bundleScript(new URL("page.ts", import.meta.url)));
    firefox = await launchBrowser("firefox");
    profile = await firefox.newContext();
  });
  beforeEach(() => hub.startPublishing());
  afterEach(async () => {
    hub.stopPublishing();
    for (const tab of tabs) await tab.close();
    tabs = [];
  });
  afterAll(async () => {
    await firefox?.close();
    await hub?.close();
  });

  async function isReadOnce(): Promise<void> {
    await expect.poll(() => hub.open, { timeout: 10_000 }).toBe(1);
  }

  /** Opens a tab, and waits until it reads. The first one leads. */
  async function openTab(): Promise<Tab> {
    const page = await profile.newPage();
    await page.goto(hub.origin);
    const report = () =>
      page.evaluate(() => (globalThis as unknown as { report(): TabReport }).report(), undefined);
    const tab = { ...page, report };
    tabs.push(tab);
    await caughtUp(hub, [tab], 10_000);
    return tab;
  }

  it.each([
    { how: "is closed", go: (tab: Tab) => tab.close() },
    {
      how: "is gone without a word, as after a crash",
      go: async (tab: Tab) => {
        await tab.evaluate(
          () => addEventListener("pagehide", (event) => event.stopImmediatePropagation(), true),
          undefined,
        );
        await tab.close();
      },
    },
  ])("the others are live within 5 s when the one that leads $how", async ({ go }) => {
    const leader = await openTab();
    const others = [await openTab(), await openTab()];
    await isReadOnce();
    await go(leader);
    tabs.shift();
    await caughtUp(hub, others, 5000);
    await expectWhole(others);
    await isReadOnce();
    for (const tab of others) expect((await tab.report()).breaks).toBe(0);
  });

  it("the others are live within 5 s when the one that leads goes elsewhere, and it joins them when it comes back", async () => {
    const leader = await openTab();
    const others = [await openTab(), await openTab()];
    await isReadOnce();
    // Firefox breaks the response off before it tells the page, which tells the others so.
    await leader.goto(`${hub.origin}/elsewhere`);
    await caughtUp(hub, others, 5000);
    await isReadOnce();
    // Loaded anew: Firefox keeps no page in its back-forward cache that has a response open.
    await leader.goBack();
    await caughtUp(hub, tabs, 5000);
    await expectWhole(tabs);
    await isReadOnce();
  });
});
