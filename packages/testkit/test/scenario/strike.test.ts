import { describe, expect, it } from "vitest";
import { measureRecovery, PathHistory, parseScenario } from "../../src/scenario/index.js";

/** The path after the steps, one a second from 1000 ms on; the last byte was always 10 ms before. */
function pathAfter(...lines: readonly string[]): PathHistory {
  const { steps } = parseScenario(["scenario x: y", ...lines, "expect no gap"].join("\n"));
  const path = new PathHistory();
  steps.forEach((step, at) => {
    const atMs = 1000 * (at + 1);
    path.changed(step, { atMs, lastByteMs: atMs - 10 });
  });
  return path;
}

describe("times", () => {
  it.each([
    [
      "a loud fault",
      ["publish every 50 ms", "fault reset", "fault refuse", "fault pass"],
      2000,
      4000,
    ],
    ["a silent fault: the last byte", ["fault freeze direction=down", "fault pass"], 990, 2000],
    [
      "silence on the way up, which open streams do not notice",
      ["fault freeze direction=up"],
      1000,
      1000,
    ],
    ["what meets new connections only", ["fault refuse", "open", "fault pass"], 1000, 3000],
    [
      "a detour, once the reset comes",
      ["detour tls-failure", "fault reset", "detour none"],
      2000,
      3000,
    ],
    ["the death of a hub", ["fault half-open lost=upstream", "hub kill", "hub start"], 2000, 3000],
    ["what is done to the store", ["fault reset", "hub trim"], 1000, 2000],
  ])("count from %s", (_what, lines, struckMs, usableMs) => {
    const path = pathAfter(...lines);
    expect([path.struckMs, path.usableMs]).toEqual([struckMs, usableMs]);
  });

  it("count from the moment at which a cut strikes, not from when it was set", () => {
    const path = pathAfter('fault cut after="id: " end=fin');
    path.struck(1500);
    path.usableFrom(1500);
    expect([path.struckMs, path.usableMs]).toEqual([1500, 1500]);
  });

  it("are those of the first request, for a reader that connects later", () => {
    const states = [
      { state: "connecting", reason: "opening", atMs: 1100 },
      { state: "waiting", reason: "network", atMs: 1150 },
    ];
    const times = { struckMs: 1000, usableMs: 1000, states, healedMs: 1600 };
    expect(measureRecovery({ ...times, requestsMs: [1100, 1300] })).toEqual({
      struckMs: 1100,
      detectMs: 50,
      beginMs: 200,
      healMs: 500,
    });
  });

  it("are not known of what never happened", () => {
    const states = [{ state: "live", reason: "open", atMs: 1 }];
    const times = { struckMs: 10, usableMs: 20, states, requestsMs: [0], healedMs: undefined };
    expect(measureRecovery(times)).toEqual({
      struckMs: 10,
      detectMs: undefined,
      beginMs: undefined,
      healMs: undefined,
    });
  });
});
