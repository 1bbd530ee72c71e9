// Verify, then act: what a nudge does to a connection that is open, and may be dead.

import fc from "fast-check";
import type { ConnectionInput } from "throughline/core";
import { describe, expect, it } from "vitest";
import { type AnyInput, Machine, machineIn, PULSE, STREAM, SUCCESSOR_STREAM } from "./harness.js";

const NO_PULSE = { ...STREAM, pulse: undefined } as ConnectionInput;

/** A greeted connection that is `ageMs` old and has just brought a byte. */
function greeted(ageMs = 1000, pulse = PULSE): Machine {
  return machineIn("live").feed({ kind: "hello", pulse }).pass(ageMs).feed("bytes");
}

/** The same, silent for longer than a pulse, with its successor on the way. */
function suspected(): Machine {
  return greeted().pass(1300).feed("nudge");
}

describe("a nudge while the stream is open", () => {
  it("does nothing where the next byte comes in time", () => {
    const machine = greeted();
    const before = machine.effects.length;
    machine.pass(600).feed("nudge").pass(400).feed("bytes");
    expect(machine.state).toMatchObject({ name: "live", reason: "open", handover: undefined });
    machine.pass(1000).feed("bytes");
    expect(machine.effects).toHaveLength(before);
    expect(machine.requests).toHaveLength(1);
  });

  it("sends for a successor as soon as the next byte is overdue, and aborts nothing", () => {
    const machine = greeted().pass(600).feed("nudge");
    expect(machine.pass(679).requests).toHaveLength(1);
    expect(machine.pass(1).requests).toHaveLength(2);
    expect(machine.effects.at(-1)).toBe("connect-successor");
    expect(machine.effects).not.toContain("abort");
  });

  it("sends for one at once where the stream is stale", () => {
    const machine = suspected();
    expect(machine.requests).toEqual([1000, machine.nowMs]);
    expect([machine.name, machine.effects.at(-1)]).toEqual(["stale", "connect-successor"]);
  });

  it("waits 1.5 s at most, however slow the pulse is, and where there is none", () => {
    const slow = greeted(1000, { intervalMs: 15_000, deadlineMs: 25_000 });
    const none = new Machine().feed("open", NO_PULSE, "bytes", {
      kind: "hello",
      pulse: undefined,
    });
    for (const machine of [slow, none.pass(1000).feed("bytes")]) {
      machine.pass(100).feed("nudge").pass(1499);
      expect(machine.requests).toHaveLength(1);
      expect(machine.pass(1).requests).toHaveLength(2);
    }
  });

  it("is not postponed by further ones", () => {
    const machine = greeted(1000, { intervalMs: 15_000, deadlineMs: 25_000 }).feed("nudge");
    for (let i = 0; i < 3; i++) machine.pass(500).feed("nudge");
    expect(machine.requests).toHaveLength(2);
  });

  it("does nothing where the server has not greeted: what two responses bring would come twice", () => {
    const machine = machineIn("live").pass(1000).feed("bytes").pass(600).feed("nudge").pass(690);
    expect([machine.name, machine.feed("nudge").requests.length]).toEqual(["stale", 1]);
    const silent = new Machine().feed("open", NO_PULSE, "bytes", "nudge").pass(60_000);
    expect([silent.name, silent.requests.length]).toEqual(["live", 1]);
  });

  it("brings a handover forward that was announced and has not been tried", () => {
    const machine = greeted().feed({ kind: "drain", withinMs: 60_000, why: "expiring" });
    machine.feed("nudge").pass(1000).feed("bytes").pass(279);
    expect(machine.requests).toHaveLength(1);
    expect([machine.pass(1).requests.length, machine.reason]).toEqual([2, "expiring"]);
    // It is no mere suspicion, and goes on.
    expect(machine.feed("bytes").effects.at(-1)).toBe("connect-successor");
  });

  it("does not bring one forward that the server has just refused", () => {
    const machine = greeted().feed({ kind: "drain", withinMs: 0, why: "drained" }, "tick");
    const before = machine.feed("successor-broken").state;
    expect(machine.feed("nudge").state).toBe(before);
  });
});

describe("a successor on suspicion", () => {
  it("is dropped when the old response speaks first, and nobody is told", () => {
    const machine = suspected().pass(200);
    const before = machine.effects.length;
    machine.feed(SUCCESSOR_STREAM, "bytes");
    expect(machine.effects.slice(before)).toEqual(["drop-successor"]);
    expect(machine.state).toMatchObject({ name: "live", reason: "open", handover: undefined });
  });

  it("takes over when it speaks first, and nobody is told", () => {
    const machine = suspected();
    const before = machine.effects.length;
    machine.sleep(50).feed(SUCCESSOR_STREAM, "successor-bytes");
    expect(machine.effects.slice(before)).toEqual(["take-over"]);
    expect(machine.state).toMatchObject({ name: "live", reason: "open", handover: undefined });
  });

  it("is the next attempt when the old response reaches its deadline", () => {
    const machine = suspected();
    const startedMs = machine.nowMs;
    machine.pass(400);
    expect(machine.state).toMatchObject({ name: "connecting", reason: "silent", startedMs });
    expect(machine.effects.slice(-2)).toEqual(["take-over", "announce-error"]);
    expect(machine.requests).toHaveLength(2);
  });

  it("is tried again on the server's track where it fails and the silence goes on", () => {
    const machine = greeted(1000, { intervalMs: 15_000, deadlineMs: 25_000 });
    machine.feed("nudge").pass(1500).feed("successor-broken");
    expect([machine.effects.at(-1), machine.requests.length]).toEqual(["drop-successor", 2]);
    expect(machine.pass(1000).requests).toHaveLength(2);
    expect(machine.pass(1000).requests).toHaveLength(3);
    expect(machine.feed("bytes").pass(10_000).requests).toHaveLength(3);
  });

  it("does not make an end that nobody announced one that was", () => {
    const machine = greeted();
    for (let i = 0; i < 5; i++) machine.pass(1000).feed("bytes");
    machine.feed("nudge", "ended");
    expect([machine.name, machine.reason]).toEqual(["waiting", "ended"]);
  });
});

describe("suspicions of a server whose pulse is always late", () => {
  it("bring it one request in 5 s at most, however often the page is nudged", () => {
    const machine = greeted();
    const startMs = machine.nowMs;
    while (machine.nowMs < startMs + 60_000) machine.pass(1400).feed("nudge", "bytes");
    expect(machine.name).toBe("live");
    expect(machine.requests.length).toBeGreaterThan(8);
    expect(machine.requests.length).toBeLessThanOrEqual(1 + 12);
  });

  it("bring it none without a nudge", () => {
    const machine = greeted();
    for (let i = 0; i < 40; i++) machine.pass(1600).feed("bytes");
    expect([machine.name, machine.requests.length]).toEqual(["live", 1]);
  });

  it("never abort a stream whose bytes come inside its deadline", () => {
    const script = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 1690 }), fc.constantFrom<AnyInput>("nudge", "bytes")),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(script, (steps) => {
        const machine = greeted();
        let lastByteMs = machine.nowMs;
        for (const [ms, input] of steps) {
          const untilMs = Math.min(machine.nowMs + ms, lastByteMs + 1690);
          machine.pass(untilMs - machine.nowMs).feed(input);
          if (machine.nowMs >= lastByteMs + 1690) machine.feed("bytes");
          if (input === "bytes" || machine.nowMs >= lastByteMs + 1690) lastByteMs = machine.nowMs;
          expect(["live", "stale"]).toContain(machine.name);
          expect(machine.effects).not.toContain("abort");
          expect(machine.effects).not.toContain("take-over");
        }
      }),
    );
  });
});

describe("a program that slept", () => {
  it("is healed beside the old response, where the page is nudged as it wakes", () => {
    const machine = greeted().sleep(3_600_000).feed("tick");
    expect([machine.name, machine.reason]).toEqual(["stale", "woken"]);
    machine.feed("nudge");
    expect([machine.name, machine.effects.at(-1)]).toEqual(["stale", "connect-successor"]);
    expect(machine.feed("successor-bytes").name).toBe("live");
    expect(machine.effects).not.toContain("announce-error");
  });

  it("may be nudged before the late tick comes", () => {
    const machine = greeted().sleep(3_600_000).feed("nudge");
    expect([machine.name, machine.effects.at(-1)]).toEqual(["live", "connect-successor"]);
  });

  it("goes on with what it has where its bytes have long arrived", () => {
    const machine = greeted().sleep(3_600_000).feed("tick", "nudge", "bytes").pass(1000);
    machine.feed("bytes");
    expect([machine.name, machine.effects.at(-1)]).toEqual(["live", "drop-successor"]);
  });
});
