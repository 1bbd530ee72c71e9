// Every input that is kept is stood, and so are some new ones. For longer: `npm run fuzz -- --target all`.

import { describe, expect, it } from "vitest";
import { examine, type FuzzTarget, hunt, readCorpus, TARGETS } from "../../src/fuzz/index.js";

/** Few enough for a unit test; those that ask a hub are slower. */
const RUNS = 150;

describe.each(TARGETS.map((target) => [target.name, target] as const))("the %s", (name, target) => {
  const kept = readCorpus(name);

  it.each(kept)("stands what is kept: $why", async ({ input }) => {
    expect(await examine(target, input)).toBeUndefined();
  });

  it("stands what is made of it", async () => {
    const report = await hunt(target, { kept, seed: 1, runs: RUNS, withinMs: 3000 });
    expect(report.quarry).toBeUndefined();
    expect(report.tried).toBeGreaterThan(5);
  });
});

describe("a hunt", () => {
  const target: FuzzTarget = {
    name: "planted",
    generate: (choices) => choices.text(40, "abcd!"),
    judge: (input) => (/!.*!/s.test(input) ? "two of them" : undefined),
  };

  it("finds what is wrong, makes it small, and finds the same again", async () => {
    const once = await hunt(target, { kept: [], seed: 3, runs: 500, withinMs: 9000 });
    expect(once.quarry).toEqual({ input: "!!", complaint: "two of them" });
    expect(await hunt(target, { kept: [], seed: 3, runs: 500, withinMs: 9000 })).toEqual(once);
  });

  it("takes an exception for a complaint", async () => {
    const thrower = { ...target, judge: () => Promise.reject(new Error("planted")) };
    expect(await examine(thrower, "x")).toContain("planted");
  });
});
