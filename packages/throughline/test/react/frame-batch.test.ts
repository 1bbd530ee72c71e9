// @vitest-environment happy-dom

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createFrameBatch } from "../../src/react/frame-batch.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function createBatch() {
  const handedOn: (readonly number[])[] = [];
  const batch = createFrameBatch<number>((items) => void handedOn.push(items));
  return { batch, handedOn };
}

test("what comes before a frame goes on with it, together and in order", () => {
  const { batch, handedOn } = createBatch();
  for (const item of [1, 2, 3]) batch.push(item);
  expect(handedOn).toEqual([]);
  vi.advanceTimersToNextFrame();
  batch.push(4);
  vi.advanceTimersToNextFrame();
  expect(handedOn).toEqual([[1, 2, 3], [4]]);
});

test("where no frame comes, nothing is held back for more than 100 ms", () => {
  vi.stubGlobal("requestAnimationFrame", () => 0);
  const { batch, handedOn } = createBatch();
  batch.push(1);
  vi.advanceTimersByTime(60);
  batch.push(2);
  vi.advanceTimersByTime(40);
  expect(handedOn).toEqual([[1, 2]]);
});

test("where there are no frames at all, a timer takes their place", () => {
  vi.stubGlobal("requestAnimationFrame", undefined);
  const { batch, handedOn } = createBatch();
  batch.push(1);
  vi.advanceTimersByTime(100);
  expect(handedOn).toEqual([[1]]);
});

test("in a hidden page what comes in one task goes on at its end", async () => {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  const { batch, handedOn } = createBatch();
  for (const item of [1, 2]) batch.push(item);
  expect(handedOn).toEqual([]);
  await Promise.resolve();
  expect(handedOn).toEqual([[1, 2]]);
});

test("a flush hands on at once, and leaves no timer behind", () => {
  const { batch, handedOn } = createBatch();
  batch.push(1);
  batch.flush();
  batch.flush();
  expect(handedOn).toEqual([[1]]);
  expect(vi.getTimerCount()).toBe(0);
});
