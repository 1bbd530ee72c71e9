import type { ConnectionInput } from "throughline/core";
import { describe, expect, it } from "vitest";
import {
  type Cadence,
  type ChunkSign,
  doubtPace,
  NO_CADENCE,
  observeGap,
  pulseFrom,
} from "../../src/core/connection/cadence.js";
import { Machine, PULSE, STREAM } from "./harness.js";

const PLAIN_STREAM = { ...STREAM, pulse: undefined } as ConnectionInput;
const COMMENT: ConnectionInput = { kind: "bytes", sign: "comment" };
const DATA: ConnectionInput = { kind: "bytes", sign: "other" };

/** What a rhythm of 15 s comes to. */
const DEADLINE_MS = 3 * 15_000 + 2000;

function observe(gaps: readonly number[], sign: ChunkSign, from = NO_CADENCE): Cadence {
  return gaps.reduce((cadence, gapMs) => observeGap(cadence, gapMs, sign), from);
}

/** What is left of a cadence after a response was given up because of it. */
function doubtedOf(cadence: Cadence): Cadence {
  return doubtPace({ cadence, pulse: pulseFrom(cadence) }).cadence;
}

/** A server without a pulse that was heard so many times, every 15 s. */
function heard(times: number, input = COMMENT): Machine {
  return beat(new Machine().feed("open", PLAIN_STREAM), times, input);
}

function beat(machine: Machine, times: number, input = COMMENT): Machine {
  for (let i = 0; i < times; i++) machine.pass(15_000).feed(input);
  return machine;
}

describe("a cadence", () => {
  it("is clear after four comments at equal distances, with three times that and 2 s to go", () => {
    expect(pulseFrom(observe([15_000, 15_010, 14_990], "comment"))).toBeUndefined();
    const clear = observe([15_000, 15_010, 14_990, 15_000], "comment");
    expect(pulseFrom(clear)).toEqual({ intervalMs: 15_010, deadlineMs: 47_030 });
  });

  it("takes twelve of anything else, which may be data that ends", () => {
    const gaps = Array.from({ length: 11 }, () => 5000);
    const before = observe(gaps, "other");
    expect(pulseFrom(before)).toBeUndefined();
    expect(pulseFrom(observeGap(before, 5000, "other"))?.deadlineMs).toBe(17_000);
  });

  it("is none of gaps within a burst, however regular", () => {
    expect(
      observe(
        Array.from({ length: 100 }, () => 899),
        "comment",
      ),
    ).toBe(NO_CADENCE);
  });

  it("is seen through data that comes in between", () => {
    const gaps = [15_000, 3000, 11_000, 15_000, 8000, 15_000, 2000, 15_000];
    expect(pulseFrom(observe(gaps, "comment"))?.intervalMs).toBe(15_000);
  });

  it("begins anew with a gap that is longer by more than a quarter", () => {
    const clear = observe([10_000, 10_000, 10_000, 10_000], "comment");
    expect(pulseFrom(observeGap(clear, 12_500, "comment"))?.intervalMs).toBe(12_500);
    const anew = observeGap(clear, 12_501, "comment");
    expect(pulseFrom(anew)).toBeUndefined();
    expect(pulseFrom(observe([12_000, 12_000, 12_000], "comment", anew))?.intervalMs).toBe(12_501);
  });

  it("bears a second of delay, which is much for one that is fast", () => {
    const gaps = [1100, 1090, 2050, 1100, 1950];
    expect(pulseFrom(observe(gaps, "comment"))?.deadlineMs).toBe(3 * 2050 + 2000);
  });

  it("has to become clear again after it was doubted, and is then believed", () => {
    const clear = observe([10_000, 10_000, 10_000, 10_000], "comment");
    const doubted = doubtedOf(clear);
    expect(pulseFrom(doubted)).toBeUndefined();
    const again = observe([10_000, 10_000, 10_000, 10_000], "comment", doubted);
    expect(again).toEqual(clear);
  });

  it("is given up for good where the silence that it forbade turns out to be ordinary", () => {
    const doubted = doubtedOf(observe([10_000, 10_000, 10_000, 10_000], "comment"));
    const wrong = observeGap(doubted, 32_001, "comment");
    const later = observe([10_000, 10_000, 10_000, 10_000, 90_000], "comment", wrong);
    expect(later).toBe(wrong);
    expect(pulseFrom({ ...later, weight: 12 })).toBeUndefined();
  });
});

describe("a server that announces no pulse, but is heard regularly", () => {
  it("is lost when it is silent for much longer than it ever was", () => {
    const machine = heard(4);
    machine.pass(27_799);
    expect(machine.name).toBe("live");
    machine.pass(1);
    expect([machine.name, machine.reason]).toEqual(["stale", "silent"]);
    machine.pass(DEADLINE_MS - 27_800);
    expect([machine.name, machine.reason]).toEqual(["waiting", "silent"]);
  });

  it("is not lost before the rhythm is clear", () => {
    expect(heard(3).pass(10_000_000).name).toBe("live");
  });

  it("is not lost where nobody asked for its cadence to be learned", () => {
    expect(heard(20, { kind: "bytes" }).pass(10_000_000).name).toBe("live");
  });

  it("is not cut off twice for a silence that is its way", () => {
    const machine = heard(4).pass(DEADLINE_MS + 200);
    expect(machine.requests).toHaveLength(2);
    machine.feed(PLAIN_STREAM).pass(8 * 3_600_000);
    expect([machine.name, machine.requests.length]).toEqual(["live", 2]);
    beat(machine.feed(COMMENT), 100).pass(8 * 3_600_000);
    expect([machine.name, machine.requests.length]).toEqual(["live", 2]);
  });

  it("is watched again once the next response has the same rhythm", () => {
    const machine = heard(4)
      .pass(DEADLINE_MS + 200)
      .feed(PLAIN_STREAM);
    expect(beat(machine, 4).pass(DEADLINE_MS + 200).requests).toHaveLength(3);
  });

  it("is watched on, with what was learned, after a connection that broke", () => {
    const machine = heard(4).feed("broken").pass(1700).feed(PLAIN_STREAM);
    expect(machine.pass(DEADLINE_MS + 200).requests).toHaveLength(3);
  });

  it("gets more time when it takes more, without being cut off", () => {
    const machine = heard(4).pass(40_000).feed(COMMENT).pass(10_000_000);
    expect([machine.name, machine.requests.length]).toEqual(["live", 1]);
  });

  it("is held to the pulse that it announces after all", () => {
    const machine = heard(4).feed({ kind: "hello", pulse: PULSE });
    expect(beat(machine.pass(1000), 0, DATA).feed(DATA).pass(1900).requests).toHaveLength(2);
  });
});

describe("a pulse that an earlier response announced", () => {
  it("stays as it is while another server behind the URL is heard in a rhythm not clear yet", () => {
    const machine = new Machine().feed("open", STREAM, "bytes", "broken").pass(1700);
    machine.feed(PLAIN_STREAM).pass(1200).feed(COMMENT);
    expect(machine.pass(1900).requests).toHaveLength(3);
    expect(machine.state).toMatchObject({ memory: { cadence: { isDoubted: false } } });
  });
});
