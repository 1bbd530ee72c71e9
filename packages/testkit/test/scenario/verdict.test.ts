import { describe, expect, it } from "vitest";
import { createDeliveryChecker } from "../../src/checkers/index.js";
import {
  needsDelivery,
  parseScenario,
  type ReaderMeasures,
  restWithinMs,
  verdictOf,
} from "../../src/scenario/index.js";

const scenario = (...expectations: readonly string[]) =>
  parseScenario(
    ["scenario 1a: a reset", "fault reset", ...expectations.map((each) => `expect ${each}`)].join(
      "\n",
    ),
  );

/** A reader that was struck at 1000 and asked again twice. */
function measures(times: Partial<ReaderMeasures>): ReaderMeasures {
  const requestsMs = [100, 1100, 1500];
  const never = { detectMs: undefined, beginMs: undefined, healMs: undefined };
  return { ...never, struckMs: 1000, requestsMs, states: [], gaps: [], ...times };
}

describe("a run", () => {
  it("has 15 s to come to rest, or as long as it was asked for", () => {
    expect(restWithinMs(scenario("heal within 5 s"))).toBe(15_000);
    expect(restWithinMs(scenario("heal within 5 s"), 8000)).toBe(8000);
  });

  it("is not over before the time that it is given to heal", () => {
    expect(restWithinMs(scenario("heal within 35 s"))).toBeGreaterThan(35_000);
    expect(restWithinMs(scenario("heal within 35 s"), 8000)).toBeGreaterThan(35_000);
  });

  it("has to wait for its events only where something is expected of them", () => {
    expect(needsDelivery(scenario("nothing lost"))).toBe(true);
    expect(needsDelivery(scenario("state failed"))).toBe(false);
  });

  it("is summed up by its slowest reader, and by none where one never did it", () => {
    const report = createDeliveryChecker().verdict();
    const readers = [
      measures({ healMs: 300, beginMs: 100 }),
      measures({ healMs: 700, beginMs: undefined }),
    ];
    const verdict = verdictOf(scenario("heal within 500 ms"), {
      client: "one of ours",
      readers,
      report,
      published: 7,
    });
    expect(verdict).toMatchObject({ scenario: "1a", client: "one of ours", published: 7 });
    expect([verdict.healMs, verdict.beginMs, verdict.requests]).toEqual([700, undefined, 4]);
    expect(verdict.broken).toEqual([expect.stringContaining("it healed after 700 ms")]);
  });
});
