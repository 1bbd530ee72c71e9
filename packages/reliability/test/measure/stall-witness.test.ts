// What stood still spoils what was measured meanwhile, and nothing else.

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { StallWitness } from "../../src/measure/stall-witness.js";

let witness: StallWitness;

beforeEach(() => {
  vi.useFakeTimers();
  witness = new StallWitness();
});

afterEach(() => {
  witness.close();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** The thread does nothing for so long, and what was due meanwhile comes after it. */
function standStill(forMs: number): void {
  const now = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => now() + forMs);
  vi.advanceTimersByTime(20);
}

it("lets everything stand as long as the timers come in time", () => {
  vi.advanceTimersByTime(10_000);
  expect(witness.hasSpoiledSince(0)).toBe(false);
  expect(witness.longestMs).toBeLessThan(20);
});

it("spoils everybody's runs that were under way when the program stood still", () => {
  vi.advanceTimersByTime(1000);
  standStill(150);
  expect(witness.hasSpoiledSince(0)).toBe(true);
  expect(witness.hasSpoiledSince(0, "drop-in-node")).toBe(true);
  expect(witness.hasSpoiledSince(performance.now() + 1)).toBe(false);
  expect(witness.longestMs).toBeGreaterThanOrEqual(150);
});

it("forgives what is shorter than the margin of the promises", () => {
  standStill(60);
  expect(witness.hasSpoiledSince(0)).toBe(false);
});

it("spoils only that client's runs when a page stood still, and those of many clients", () => {
  witness.pageStalled("drop-in-chromium");
  expect(witness.hasSpoiledSince(0, "drop-in-chromium")).toBe(true);
  expect(witness.hasSpoiledSince(0, "drop-in-firefox")).toBe(false);
  expect(witness.hasSpoiledSince(0)).toBe(true);
});
