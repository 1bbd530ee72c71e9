// What tabs say of themselves, and whether it is what it should be. For browsers that are not driven by
// Playwright.

import { expect } from "vitest";
import type { HubPage } from "../browsers/hub-page.js";

/** What `page.ts` says of its tab. */
export interface TabReport {
  /** The data of all events. */
  readonly seen: readonly string[];
  readonly gaps: number;
  /** How often the page has come back from the back-forward cache. */
  readonly comebacks: number;
  /** How often the stream broke off. A handover may come too late on a busy machine: then it fell silent. */
  readonly breaks: number;
}

/** A tab, however its browser is driven. */
export interface ReportingTab {
  report(): Promise<TabReport>;
}

/** Waits until each has had an event that was published after this was called. */
export async function caughtUp(
  hub: HubPage,
  tabs: readonly ReportingTab[],
  withinMs: number,
): Promise<void> {
  const newest = hub.published.length;
  for (const tab of tabs) {
    const last = async () => Number((await tab.report()).seen.at(-1));
    await expect.poll(last, { timeout: withinMs }).toBeGreaterThan(newest);
  }
}

/** That each has had, from its first event on, each one once and in order. */
export async function expectWhole(tabs: readonly ReportingTab[]): Promise<void> {
  for (const tab of tabs) {
    const { seen, gaps } = await tab.report();
    const first = Number(seen[0]);
    expect(seen).toEqual(seen.map((_, index) => String(first + index)));
    expect(gaps).toBe(0);
  }
}
