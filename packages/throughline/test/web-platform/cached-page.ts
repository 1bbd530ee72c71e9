import type { EventSourceClass } from "./test-case.js";

/** How long the other page stays: long enough to see whether the connection of the first one ends. */
const AWAY_MS = 1500;

/**
 * For a page that is left and then shown again from the back/forward cache: opens a source, and goes
 * to the other page as soon as it is open. A page that was loaded again instead opens nothing.
 */
export function holdOneSourceOpen(Subject: EventSourceClass): void {
  const [navigation] = performance.getEntriesByType("navigation");
  if ((navigation as PerformanceNavigationTiming | undefined)?.type === "back_forward") {
    return;
  }
  const source = new Subject(`/connections${location.search}`);
  // In a task of its own and after `load`, so that this page gets its own entry in the history.
  source.onopen = () => {
    setTimeout(() => location.assign("elsewhere.html"), 300);
    source.onopen = null;
  };
}

/** For that other page. */
export function goBackAfterAWhile(): void {
  setTimeout(() => history.back(), AWAY_MS);
}
