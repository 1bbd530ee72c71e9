// Servers that answer with their first event, and not before.

import type { ConnectionInput } from "throughline/core";
import { DEFAULT_LIMITS } from "throughline/core";
import { describe, expect, it } from "vitest";
import { Machine, OURS, STREAM } from "./harness.js";

const FOREIGN = { ...STREAM, pulse: undefined } as ConnectionInput;

/** How long each of the next requests is waited for, if none is answered. */
function waits(machine: Machine, count: number): number[] {
  return Array.from({ length: count }, () => {
    while (machine.name !== "connecting") machine.toDeadline();
    const beganMs = machine.nowMs;
    while (machine.name === "connecting") machine.toDeadline();
    return Math.round(machine.nowMs - beganMs);
  });
}

/** A server that takes so long for the head of its answer. */
function answersAfter(machine: Machine, tookMs: number): void {
  for (let time = 0; machine.name !== "live"; time += 1) {
    expect(time).toBeLessThan(100);
    while (machine.name !== "connecting") machine.toDeadline();
    const beganMs = machine.nowMs;
    while (machine.name === "connecting" && machine.nowMs - beganMs < tookMs) {
      machine.pass(Math.min(100, tookMs - (machine.nowMs - beganMs)));
    }
    if (machine.name === "connecting") machine.feed(FOREIGN);
  }
}

describe("a server that never answers", () => {
  it("is waited for longer and longer after eight requests, up to two minutes", () => {
    const machine = new Machine().feed("open");
    const seen = waits(machine, 14);
    expect(seen.slice(0, 9)).toEqual([1700, 1700, 2550, 3600, 3600, 3600, 3600, 3600, 3600]);
    expect(seen[9]).toBeGreaterThan(30_000);
    expect(seen.slice(-2)).toEqual([DEFAULT_LIMITS.patienceMs, DEFAULT_LIMITS.patienceMs]);
  });

  it("is given no more where patience is as short as the timeout", () => {
    const machine = new Machine({ limits: { patienceMs: 3600 } }).feed("open");
    expect(Math.max(...waits(machine, 14))).toBe(3600);
  });
});

describe("a server that answers with its first event", () => {
  it.each([4000, 20_000, 100_000])("is live in the end where that takes %i ms", (tookMs) => {
    const machine = new Machine().feed("open");
    answersAfter(machine, tookMs);
    expect(machine.nowMs).toBeLessThan(400_000);
  });

  it("is given twice that time from then on, and so asked once", () => {
    const machine = new Machine().feed("open");
    answersAfter(machine, 20_000);
    machine.feed("bytes").pass(10_000).feed("broken");
    const before = machine.requests.length;
    answersAfter(machine, 30_000);
    expect(machine.requests.length - before).toBe(1);
    machine.feed("bytes").pass(10_000).feed("broken");
    expect(waits(machine, 1)).toEqual([60_000]);
  });

  it("that has become prompt is taken at its word", () => {
    const machine = new Machine().feed("open");
    answersAfter(machine, 20_000);
    machine.feed("bytes").pass(10_000).feed("broken");
    answersAfter(machine, 50);
    machine.feed("bytes").pass(10_000).feed("broken");
    expect(waits(machine, 1)).toEqual([1700]);
  });
});

describe("a server that has answered in time", () => {
  it.each([
    { what: "one of ours", answer: OURS },
    { what: "any other", answer: FOREIGN },
  ])("is never waited for longer than the promise allows ($what)", ({ answer }) => {
    const machine = new Machine().feed("open", answer);
    for (let second = 0; second < 6; second += 1) machine.feed("bytes").pass(1000);
    machine.feed("broken");
    expect(Math.max(...waits(machine, 20))).toBeLessThanOrEqual(4700);
  });
});
