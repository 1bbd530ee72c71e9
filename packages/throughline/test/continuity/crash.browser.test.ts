// A page whose process crashes, and that is loaded again in the same tab. Playwright lets go of such a page.

import { bundleScript } from "@throughline/browsers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type HubPage, startHubPage } from "../browsers/hub-page.js";
import { type Chromium, startChromium } from "../page-life/chromium.js";

let hub: HubPage;
let chromium: Chromium;

beforeAll(async () => {
  hub = await startHubPage(await bundleScript(new URL("page.ts", import.meta.url)));
  chromium = await startChromium();
});
afterAll(async () => {
  hub?.stopPublishing();
  await chromium?.close();
  await hub?.close();
});

it("a page that has crashed goes on where it was a second before, at the most, and loses nothing", async () => {
  const tab = await chromium.openTab(hub.origin);
  const seen = () => tab.evaluate<string[]>("globalThis.seen ?? []");
  await expect.poll(() => tab.evaluate("globalThis.source?.lastEventId ?? ''")).not.toBe("");
  hub.startPublishing();
  // Places are stored once a second: one has been by then.
  await expect.poll(async () => (await seen()).length, { timeout: 10_000 }).toBeGreaterThan(200);
  hub.stopPublishing();
  const had = [...hub.published];
  await expect.poll(seen).toEqual(had);
  tab.crash();
  await expect.poll(() => hub.open, { timeout: 10_000 }).toBe(0);
  // Counts from 1 again.
  hub.startPublishing();
  await tab.navigate(hub.origin);
  await expect.poll(async () => (await seen()).includes("200"), { timeout: 10_000 }).toBe(true);
  const again = await seen();
  const repeated = again.slice(0, again.lastIndexOf("1"));
  expect(repeated).toEqual(had.slice(had.length - repeated.length));
  expect(repeated.length).toBeLessThan(had.length);
  const later = again.slice(repeated.length);
  expect(later).toEqual(later.map((_, index) => String(index + 1)));
});
