import { expect, it } from "vitest";
import { summarise } from "../../src/statistics/summary.js";

it("names values that were there, and counts those that were never reached", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(summarise(hundred)).toEqual({ median: 50, p99: 99, worst: 100, never: 0, count: 100 });
  expect(summarise([7, null])).toEqual({ median: 7, p99: 7, worst: 7, never: 1, count: 2 });
});

it("has nothing to say of nothing", () => {
  expect(summarise([])).toBeUndefined();
  expect(summarise([null, null])).toBeUndefined();
});
