import { uniform } from "@throughline/testkit";
import { describe, expect, it } from "vitest";
import { rankTest } from "../../src/statistics/rank-test.js";

function draw(seed: number, shift: number): readonly number[] {
  const random = uniform(seed);
  return Array.from({ length: 40 }, () => shift + random() * 100);
}

describe("the rank test", () => {
  it("says what a worked example says", () => {
    // U = 4 for groups of seven and eight; z = (28 - 4 - 0.5) / sqrt(7 * 8 * 16 / 12) = 2.720.
    const a = [1, 2, 3, 4, 5, 6, 11];
    const b = [7, 8, 9, 10, 12, 13, 14, 15];
    expect(rankTest(a, b)).toBeCloseTo(0.0065, 4);
  });

  it("finds a shift, and none in draws of one distribution", () => {
    expect(rankTest(draw(1, 0), draw(2, 60))).toBeLessThan(0.0001);
    expect(rankTest(draw(1, 0), draw(2, 0))).toBeGreaterThan(0.05);
  });

  it("says nothing of values that are all equal, nor of a handful", () => {
    expect(rankTest([5, 5, 5, 5, 5], [5, 5, 5, 5, 5, 5])).toBe(1);
    expect(rankTest([1, 2, 3, 4], [100, 200, 300, 400, 500])).toBe(1);
  });
});
