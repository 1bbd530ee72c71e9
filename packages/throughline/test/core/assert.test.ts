import { assert, assertNever, readyStateOf } from "throughline/core";
import { describe, expect, it } from "vitest";

describe("assertions", () => {
  it("say what was expected to hold", () => {
    expect(() => assert(false, "one is two")).toThrow("Throughline bug: one is two");
    expect(() => assert(true, "one is one")).not.toThrow();
    expect(() => assertNever("surprise" as never)).toThrow('unexpected value "surprise"');
  });
});

describe("readyState", () => {
  it("is the standard's number for each state", () => {
    const states = [
      "idle",
      "connecting",
      "waiting",
      "paused",
      "live",
      "stale",
      "closed",
      "failed",
    ] as const;
    expect(states.map(readyStateOf)).toEqual([0, 0, 0, 0, 1, 1, 2, 2]);
  });
});
