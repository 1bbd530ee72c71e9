import { describe, expect, it } from "vitest";
import { exactInterval, fisherExact } from "../../src/statistics/proportion.js";

describe("the exact interval", () => {
  it("is what tables of Clopper and Pearson say", () => {
    const { low, high } = exactInterval(3, 20);
    expect(low).toBeCloseTo(0.0321, 4);
    expect(high).toBeCloseTo(0.3789, 4);
  });

  it("has its whole error above where nothing was seen: about three in so many", () => {
    const { low, high } = exactInterval(0, 3000);
    expect(low).toBe(0);
    expect(high).toBeCloseTo(0.000998, 5);
  });

  it("mirrors itself where everything was seen", () => {
    expect(exactInterval(50, 50).low).toBeCloseTo(1 - exactInterval(0, 50).high, 12);
    expect(exactInterval(50, 50).high).toBe(1);
  });

  it("says nothing of no trials", () => {
    expect(exactInterval(0, 0)).toEqual({ low: 0, high: 1 });
  });

  it("refuses what cannot be", () => {
    expect(() => exactInterval(4, 3)).toThrow("got 4 among 3");
  });
});

describe("Fisher's exact test", () => {
  it("is what the lady who tasted tea would get", () => {
    expect(fisherExact([3, 4], [1, 4])).toBeCloseTo(0.4857, 4);
    expect(fisherExact([4, 4], [0, 4])).toBeCloseTo(0.0286, 4);
  });

  it("finds no difference where there is none", () => {
    expect(fisherExact([0, 100], [0, 50])).toBe(1);
    expect(fisherExact([10, 100], [10, 100])).toBeCloseTo(1, 6);
  });
});
