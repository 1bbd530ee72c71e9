import { describe, expect, it } from "vitest";
import { LivenessChecker } from "../../src/checkers/liveness-checker.js";
import { RequestRate } from "../../src/checkers/request-rate.js";

const STREAM = { status: 200, isStream: true, retryAfterMs: undefined };

/** A reader whose stream was opened at 100 and brought bytes last at 6000: it has lasted. */
function readerOfStream(): LivenessChecker {
  const checker = new LivenessChecker(0);
  checker.requestLeft(1, false, 0);
  checker.answered(1, STREAM, 100);
  checker.bytesCame(1, 110);
  checker.bytesCame(1, 6000);
  return checker;
}

describe("a reader", () => {
  it("is expected to do nothing before its first request", () => {
    expect(new LivenessChecker(0).lateMs(1_000_000)).toBe(0);
  });

  it("has 2 s from the last byte of a stream that falls silent", () => {
    const checker = readerOfStream();
    expect([checker.lateMs(8000), checker.lateMs(8001)]).toEqual([0, 1]);
    expect([checker.isRead(8000), checker.isRead(8001)]).toEqual([true, false]);
    checker.requestLeft(2, false, 7900);
    expect(checker.lateMs(8001)).toBe(0);
  });

  it("has 2 s after a loss, and 3 s between attempts that fail at once", () => {
    const checker = readerOfStream();
    checker.over(1, "broken", 6100);
    expect([checker.lateMs(8100), checker.lateMs(8101)]).toEqual([0, 1]);
    checker.requestLeft(2, false, 8000);
    checker.over(2, "broken", 8010);
    expect([checker.lateMs(11_010), checker.lateMs(11_011)]).toEqual([0, 1]);
  });

  it("has 3.7 s for a request that nobody answers, and 4.8 s for a poll", () => {
    const stream = new LivenessChecker(0);
    stream.requestLeft(1, false, 0);
    expect([stream.lateMs(3700), stream.lateMs(3701)]).toEqual([0, 1]);
    const poll = new LivenessChecker(0);
    poll.requestLeft(1, true, 0);
    expect([poll.lateMs(4800), poll.lateMs(4801)]).toEqual([0, 1]);
  });

  it("has as much slack as timers need, and is excused while it sleeps", () => {
    const checker = new LivenessChecker(50);
    checker.requestLeft(1, false, 0);
    expect([checker.lateMs(3750), checker.lateMs(3751)]).toEqual([0, 1]);
    checker.excuse(9000);
    expect([checker.lateMs(9050), checker.lateMs(9051)]).toEqual([0, 1]);
  });

  it("has to keep a pause however its page sleeps, unless the application demands a request", () => {
    const told = () => {
      const checker = new LivenessChecker(0);
      checker.requestLeft(1, false, 0);
      checker.answered(1, { status: 429, isStream: false, retryAfterMs: 4000 }, 100);
      checker.over(1, "complete", 100);
      return checker;
    };
    const asleep = told();
    asleep.excuse(2000);
    expect(asleep.requestLeft(2, false, 2000)).toBe(2100);
    const demanded = told();
    demanded.demand(2000);
    expect(demanded.requestLeft(2, false, 2000)).toBe(0);
  });

  it("keeps apart what is told to its polls and to a stream that it tries beside them", () => {
    const refusal = { status: 503, isStream: false, retryAfterMs: 60_000 };
    const checker = new LivenessChecker(0);
    checker.requestLeft(1, true, 0);
    checker.answered(1, STREAM, 10);
    checker.bytesCame(1, 20);
    checker.over(1, "complete", 30);
    checker.requestLeft(2, false, 100);
    checker.answered(2, refusal, 110);
    checker.over(2, "left", 110);
    expect(checker.requestLeft(3, true, 250)).toBe(0);
    expect(checker.requestLeft(4, false, 4000)).toBe(56_110);
  });

  it("must not come before the pause that a server asked for, and has half as much again", () => {
    const checker = readerOfStream();
    checker.over(1, "broken", 6100);
    checker.requestLeft(2, false, 6200);
    checker.answered(2, { status: 503, isStream: false, retryAfterMs: 4000 }, 6250);
    checker.over(2, "left", 6250);
    expect(checker.lateMs(6250 + 4000 + 500)).toBe(0);
    expect(checker.lateMs(6250 + 4000 + 501)).toBe(1);
    expect(checker.spokenUntilMs).toBe(6250 + 4500);
    expect(checker.requestLeft(3, false, 9000)).toBe(1250);
  });

  it("is on the server's track for longer and longer while streams end at once", () => {
    const checker = new LivenessChecker(0);
    const waits: number[] = [];
    for (let id = 1; id <= 5; id += 1) {
      checker.requestLeft(id, false, 0);
      checker.answered(id, STREAM, 0);
      checker.over(id, "complete", 0);
      waits.push(checker.spokenUntilMs);
    }
    expect(waits).toEqual([1700, 2200, 4000, 8000, 16_000]);
  });

  it("counts 5xx without a wish as a failing path, and 429 as a word of the server", () => {
    const path = new LivenessChecker(0);
    path.requestLeft(1, false, 0);
    path.answered(1, { status: 502, isStream: false, retryAfterMs: undefined }, 0);
    path.over(1, "complete", 0);
    expect([path.lateMs(3001), path.spokenUntilMs]).toEqual([1, Number.NEGATIVE_INFINITY]);
    const server = new LivenessChecker(0);
    server.requestLeft(1, false, 0);
    server.answered(1, { status: 429, isStream: false, retryAfterMs: undefined }, 0);
    expect(server.spokenUntilMs).toBe(1000);
  });
});

describe("requests", () => {
  it("are too many when a window holds one more than it may", () => {
    const bound = { windowMs: 1000, most: 2 };
    const rate = new RequestRate([bound]);
    expect([rate.count(0), rate.count(400), rate.count(1000)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(rate.count(1100)).toBe(bound);
  });
});
