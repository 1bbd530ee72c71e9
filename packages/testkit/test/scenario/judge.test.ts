import { describe, expect, it } from "vitest";
import {
  type Expectation,
  judgeScenario,
  PROMISES,
  type ReaderMeasures,
  type ScenarioMeasures,
} from "../../src/scenario/index.js";

const READER: ReaderMeasures = {
  detectMs: 1,
  beginMs: 2000,
  healMs: 5000,
  requestsMs: [0, 100],
  states: [
    { state: "connecting", reason: "network", atMs: 50 },
    { state: "live", reason: "open", atMs: 120 },
  ],
  struckMs: 60,
  gaps: [],
};

function judge(
  expectations: readonly Expectation[],
  reader: Partial<ReaderMeasures> = {},
  counts: Partial<ScenarioMeasures> = {},
): readonly string[] {
  const measures = { lost: 0, repeated: 0, reordered: 0, invented: 0, ...counts };
  return judgeScenario(
    { expectations },
    { readers: [READER, { ...READER, ...reader }], ...measures },
  );
}

describe("the judge", () => {
  it("is content with a run that keeps every promise to the last millisecond", () => {
    expect(judge(PROMISES)).toEqual([]);
  });

  it("sees every promise that one of the readers was not kept", () => {
    expect(judge(PROMISES, { beginMs: 2001 })).toEqual([
      "recovery began after 2001 ms, at most 2000 expected",
    ]);
    expect(judge(PROMISES, { beginMs: undefined })).toEqual(["recovery never began"]);
    expect(judge(PROMISES, { healMs: 5001 })).toEqual([
      "it healed after 5001 ms, at most 5000 expected",
    ]);
    expect(judge(PROMISES, { healMs: undefined })).toEqual(["it never healed"]);
    expect(judge([{ kind: "within", what: "detect", ms: 0 }])).toEqual([
      "it was noticed after 1 ms, at most 0 expected",
    ]);
    expect(judge(PROMISES, {}, { lost: 1, repeated: 2, reordered: 3 })).toEqual([
      "1 event was lost",
      "2 events were repeated",
      "3 events were out of order",
    ]);
    expect(judge(PROMISES, { gaps: [{ from: 1, to: 2, reason: "trimmed" }] })).toEqual([
      "a gap was told (trimmed)",
    ]);
  });

  it("never lets pass what was invented", () => {
    expect(judge([], {}, { invented: 2 })).toEqual(["2 events or gaps were invented"]);
  });

  it("expects a gap of every reader, and the reason where one is named", () => {
    const gaps = [{ from: 1, to: 2, reason: "reset" }];
    expect(judge([{ kind: "gap", reason: undefined }], { gaps })).toEqual([
      "no gap was told, one was expected",
    ]);
    const both = (reason: string) =>
      judgeScenario(
        { expectations: [{ kind: "gap", reason }] },
        { readers: [{ ...READER, gaps }], lost: 0, repeated: 0, reordered: 0, invented: 0 },
      );
    expect(both("reset")).toEqual([]);
    expect(both("trimmed")).toEqual([
      'a gap was told with the reason reset, "trimmed" was expected',
    ]);
  });

  it("counts requests in every stretch of time, wherever it begins", () => {
    const bound = (requests: number, perMs?: number): readonly Expectation[] => [
      { kind: "at-most", requests, perMs },
    ];
    const requestsMs = [0, 900, 1000, 1100, 1200, 3000];
    expect(judge(bound(4, 300), { requestsMs })).toEqual([]);
    expect(judge(bound(3, 300), { requestsMs })).toEqual([
      "4 requests were made within 300 ms, at most 3 expected",
    ]);
    expect(judge(bound(5), { requestsMs })).toEqual(["6 requests were made, at most 5 expected"]);
    expect(judge([{ kind: "at-least", requests: 3 }], { requestsMs })).toEqual([
      "only 2 requests were made, at least 3 expected",
    ]);
  });

  it("looks at the state at the end, and at reasons since the strike", () => {
    const state = (name: string, reason?: string): readonly Expectation[] => [
      { kind: "state", state: name, reason },
    ];
    expect(judge(state("live", "open"))).toEqual([]);
    expect(judge(state("failed"))).toEqual(['the state is "live" (open), "failed" was expected']);
    expect(judge(state("live"), { states: [] })).toEqual([
      'the state is unknown, "live" was expected',
    ]);
    expect(judge([{ kind: "reason", reason: "open" }])).toEqual([]);
    expect(judge([{ kind: "reason", reason: "network" }])).toEqual([
      'no state had the reason "network"',
    ]);
  });
});
