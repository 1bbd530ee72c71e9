// Make before break, and headers that the application has to be asked for.

import type { ConnectionInput } from "throughline/core";
import { describe, expect, it } from "vitest";
import {
  handingOver,
  Machine,
  machineIn,
  PULSE,
  STREAM,
  SUCCESSOR_STREAM,
  status,
} from "./harness.js";

describe("a handover", () => {
  const drain = (withinMs: number, why: "drained" | "expiring" = "drained") =>
    ({ kind: "drain", withinMs, why }) as const;
  const successor = (code: number, retryAfterMs?: number) =>
    ({ ...status(code, retryAfterMs), kind: "successor-response" }) as ConnectionInput;

  it("begins inside the time that drain gives, while the old response goes on", () => {
    const machine = machineIn("live").pass(1000).feed("bytes", drain(800)).pass(279);
    expect([machine.reason, machine.requests.length]).toEqual(["drained", 1]);
    machine.pass(1);
    expect(machine.requests).toHaveLength(2);
    expect([machine.name, machine.effects.at(-1)]).toEqual(["live", "connect-successor"]);
  });

  it("ends with the successor's first bytes, and nobody is told", () => {
    const machine = handingOver();
    const before = machine.effects.length;
    machine.sleep(50).feed(SUCCESSOR_STREAM, "bytes", "successor-bytes");
    expect(machine.effects.slice(before)).toEqual(["take-over"]);
    expect(machine.state).toMatchObject({
      name: "live",
      reason: "open",
      openedMs: machine.nowMs,
      hasData: true,
      handover: undefined,
      memory: { failures: 0 },
    });
  });

  it("takes the pulse of the successor, and keeps the one it knows where that announces none", () => {
    const pulse = { intervalMs: 300, deadlineMs: 900 };
    const told = handingOver().feed(SUCCESSOR_STREAM, { kind: "successor-bytes", pulse });
    expect(told.state).toMatchObject({ memory: { pulse }, isPulseConfirmed: true });
    const untold = handingOver().feed(SUCCESSOR_STREAM, {
      kind: "successor-bytes",
      pulse: undefined,
    });
    expect(untold.state).toMatchObject({ memory: { pulse: PULSE }, isPulseConfirmed: false });
  });

  it("leaves its successor some of the time that it was given", () => {
    const machine = machineIn("live", { random: () => 0.999 })
      .pass(1000)
      .feed("bytes");
    machine.feed(drain(1000)).pass(700);
    expect(machine.requests).toHaveLength(2);
  });

  it("is made up for at once where the server ends the stream before it has begun", () => {
    const machine = machineIn("live", { random: () => 0.999 })
      .pass(1000)
      .feed("bytes");
    machine.feed(drain(60_000), { kind: "retry", retryMs: 5000 }, "ended");
    expect([machine.name, machine.reason]).toEqual(["waiting", "drained"]);
    expect(machine.pass(100).requests).toHaveLength(2);
  });

  it("is not made up for in a loop by a server that drains and ends whoever comes", () => {
    const machine = machineIn("live");
    const start = machine.nowMs;
    while (machine.nowMs < start + 60_000) {
      if (machine.name === "connecting") machine.feed(STREAM, "bytes");
      else if (machine.name === "live") machine.feed(drain(1000), "ended");
      else machine.toDeadline();
    }
    expect(machine.requests.length).toBeLessThanOrEqual(10);
    expect(machine.reason).toBe("short-lived");
  });

  it("can follow a handover at once, a second after it at the earliest", () => {
    const machine = machineIn("live").feed(drain(0));
    expect(machine.pass(999).requests).toHaveLength(1);
    expect(machine.pass(1).requests).toHaveLength(2);
    machine.feed(SUCCESSOR_STREAM, "successor-bytes", drain(0)).pass(999);
    expect(machine.requests).toHaveLength(2);
    expect(machine.pass(1).requests).toHaveLength(3);
  });

  it.each([401, 404, 429, 503, 204])(
    "is tried again later, more and more seldom, where the successor is answered %i",
    (code) => {
      const machine = handingOver();
      const start = machine.nowMs;
      while (machine.nowMs < start + 60_000) {
        machine.feed("bytes");
        if (machine.effects.at(-1) === "connect-successor") machine.feed(successor(code));
        machine.pass(500);
      }
      expect(machine.name).toBe("live");
      expect(machine.requests.length).toBeGreaterThan(4);
      expect(machine.requests.length).toBeLessThan(9);
    },
  );

  it("obeys the successor's Retry-After", () => {
    const machine = new Machine().feed("open", { ...STREAM, pulse: undefined } as typeof STREAM);
    machine.pass(1000).feed("bytes", drain(0), "tick", successor(503, 7000)).pass(6999);
    expect(machine.requests).toHaveLength(2);
    expect(machine.pass(600).requests).toHaveLength(3);
  });

  it("is tried again where the successor breaks, or brings nothing for 10 s", () => {
    const broken = handingOver().feed("successor-broken");
    expect(broken.effects.at(-1)).toBe("drop-successor");
    const silent = handingOver();
    for (let i = 0; i < 10; i++) silent.pass(1000).feed("bytes");
    expect(silent.effects.at(-1)).toBe("drop-successor");
    for (let i = 0; i < 2; i++) silent.pass(1000).feed("bytes");
    expect(silent.requests).toHaveLength(3);
  });

  it.each(["ended", "broken", "lease-lost"] as const)(
    "goes on as the next attempt where the old response is lost meanwhile: %s",
    (input) => {
      const machine = handingOver();
      const startedMs = machine.nowMs;
      machine.pass(100).feed(input);
      expect(machine.state).toMatchObject({ name: "connecting", startedMs, isAsking: false });
      expect(machine.effects.slice(-2)).toEqual(["take-over", "announce-error"]);
      expect(machine.requests).toHaveLength(2);
      expect(machine.feed(STREAM, "bytes").name).toBe("live");
    },
  );

  it("goes on as the next attempt where the old response falls silent", () => {
    const machine = handingOver().pass(1000).feed("bytes").sleep(1700).feed("tick", "tick");
    expect([machine.name, machine.reason]).toEqual(["connecting", "silent"]);
    expect(machine.effects.slice(-2)).toEqual(["take-over", "announce-error"]);
    expect(machine.feed("tick").reason).toBe("timeout");
    expect(machine.pass(100).requests).toHaveLength(3);
  });

  it("is brought forward by a second notice, never put off, and not begun twice", () => {
    const machine = machineIn("live", { random: () => 0.999 })
      .pass(1000)
      .feed("bytes");
    machine.feed(drain(60_000), drain(0, "expiring"), "tick");
    expect([machine.requests.length, machine.reason]).toEqual([2, "expiring"]);
    machine.feed(drain(0), "tick");
    expect(machine.requests).toHaveLength(2);
    const late = machineIn("live").pass(1000).feed("bytes", drain(0), drain(60_000), "tick");
    expect(late.requests).toHaveLength(2);
  });

  it("is not forgotten while the connection is stale", () => {
    const machine = machineIn("live").feed(drain(4000)).pass(1500);
    expect(machine.name).toBe("stale");
    expect(machine.feed("bytes").reason).toBe("drained");
    expect(machine.pass(500).requests).toHaveLength(2);
  });

  it("succeeds also while the old connection is stale", () => {
    const machine = handingOver().pass(1400);
    expect(machine.name).toBe("stale");
    expect(machine.feed(SUCCESSOR_STREAM, "successor-bytes").name).toBe("live");
  });

  it("gives the application 10 s to name the successor's headers, and the server another 10 s", () => {
    const machine = handingOver().feed("asking");
    for (let i = 0; i < 9; i++) machine.pass(1000).feed("bytes");
    machine.feed("sent");
    for (let i = 0; i < 9; i++) machine.pass(1000).feed("bytes");
    expect(machine.effects.at(-1)).toBe("connect-successor");
    expect(machine.pass(1000).effects.at(-1)).toBe("drop-successor");
  });

  it("pays no attention to a successor that it has dropped", () => {
    const machine = handingOver().feed("successor-broken");
    const before = machine.state;
    machine.feed("successor-broken", "successor-bytes", successor(503), "asking", "sent");
    expect(machine.state).toBe(before);
  });
});

describe("headers that the application computes", () => {
  it("may take 30 s; the server's time counts from when the request leaves", () => {
    const machine = new Machine({ random: () => 0.999 }).feed("open", "asking").pass(29_999);
    expect(machine.name).toBe("connecting");
    machine.feed("sent").pass(1699);
    expect([machine.name, machine.requests.length]).toEqual(["connecting", 1]);
    expect(machine.pass(301).requests).toHaveLength(2);
  });

  it("are asked for again when they do not come in 30 s, or cannot be had", () => {
    const silent = new Machine().feed("open", "asking").pass(30_000);
    expect([silent.name, silent.reason]).toEqual(["waiting", "timeout"]);
    const failing = new Machine().feed("open", "asking", "unprepared");
    expect([failing.name, failing.reason]).toEqual(["waiting", "unauthorized"]);
    expect(failing.pass(300).requests).toHaveLength(2);
  });

  const unauthorized = { ...status(401), canRenew: true } as ConnectionInput;

  it("are asked for once more after a 401, at once and in silence", () => {
    const machine = new Machine().feed("open", unauthorized);
    expect([machine.name, machine.reason]).toEqual(["waiting", "unauthorized"]);
    expect(machine.effects).toEqual(["connect", "abort"]);
    expect(machine.pass(100).requests).toHaveLength(2);
    expect(machine.feed(STREAM, "bytes").state).toMatchObject({ memory: { failures: 0 } });
  });

  it("are not asked for in a loop: a second 401 is a refusal", () => {
    const first = new Machine().feed("open", unauthorized).pass(100).feed(unauthorized);
    expect([first.name, first.reason]).toEqual(["failed", "unauthorized"]);
    const later = machineIn("live").feed("broken");
    let requests = 0;
    while (later.name !== "failed") {
      later.toDeadline().feed(unauthorized);
      requests += 1;
    }
    expect(requests).toBe(10);
    expect(later.nowMs).toBeGreaterThan(60_000);
  });

  it("can be asked for again after a stream that has lasted, and not before", () => {
    const renewed = () => new Machine().feed("open", unauthorized).pass(100).feed(STREAM, "bytes");
    const early = renewed().feed("broken").toDeadline().feed(unauthorized);
    expect(early.state).toMatchObject({ track: "server" });
    const late = renewed();
    for (let i = 0; i < 6; i++) late.pass(1000).feed("bytes");
    late.feed("broken").toDeadline().feed(unauthorized);
    expect(late.state).toMatchObject({ track: "path" });
  });

  it("do not help where nobody can be asked", () => {
    const machine = new Machine().feed("open", status(401));
    expect([machine.name, machine.reason]).toEqual(["failed", "unauthorized"]);
  });
});
