import { describe, expect, it } from "vitest";
import { transportFor } from "../../migration/roll-out.js";

const people = Array.from({ length: 10_000 }, (_, index) => `strategist-${index}`);
const chosen = (percent: number) =>
  new Set(people.filter((key) => transportFor(key, percent) === "throughline"));

describe("a roll-out by percentage", () => {
  it("is nobody at 0 and everybody at 100", () => {
    expect([chosen(0).size, chosen(100).size]).toEqual([0, people.length]);
  });

  it.each([1, 10, 50, 90])("is about %i %% of the people", (percent) => {
    const share = (chosen(percent).size / people.length) * 100;
    expect(Math.abs(share - percent)).toBeLessThan(1.5);
  });

  it("chooses the same people again, and with a higher percentage none of them less", () => {
    const few = chosen(10);
    const more = chosen(30);
    expect(chosen(10)).toEqual(few);
    expect([...few].filter((key) => !more.has(key))).toEqual([]);
  });

  it("tells keys apart that differ at their end only", () => {
    const shares = ["a", "user-", "ward/42/"].map(
      (stem) =>
        Array.from({ length: 1000 }, (_, index) => transportFor(`${stem}${index}`, 50)).filter(
          (transport) => transport === "native",
        ).length,
    );
    for (const share of shares) expect(Math.abs(share - 500)).toBeLessThan(80);
  });
});
