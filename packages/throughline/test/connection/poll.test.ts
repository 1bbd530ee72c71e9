// Where something on the path holds streams back: short responses, there and back again.

import type { ConnectionInput } from "throughline/core";
import { requestWaitMs } from "throughline/core";
import { describe, expect, it } from "vitest";
import {
  late,
  Machine,
  machineIn,
  OURS,
  PULSE,
  polling,
  STREAM,
  SUCCESSOR_STREAM,
  status,
} from "./harness.js";

const HELLO: ConnectionInput = { kind: "hello", pulse: PULSE };
const waitOf = ({ state }: Machine) => requestWaitMs(state);

/** Lets a request go unanswered until the next one leaves. */
function stall(machine: Machine): Machine {
  while (machine.name === "connecting") machine.toDeadline();
  while (machine.name === "waiting") machine.toDeadline();
  return machine;
}

/** Lets a response be silent until the next request leaves. */
function hollow(machine: Machine, head: ConnectionInput = OURS): Machine {
  machine.feed(head);
  while (machine.name !== "connecting") machine.toDeadline();
  return machine;
}

describe("that something holds bytes back", () => {
  it("is recognised by two answers of headers alone: within 4 s a short response is asked for", () => {
    const machine = new Machine({ random: () => 0.999 }).feed("open");
    hollow(machine);
    expect(waitOf(machine)).toBeUndefined();
    hollow(machine);
    expect([machine.name, waitOf(machine)]).toEqual(["connecting", 0]);
    expect(machine.nowMs - 1000).toBeLessThan(4000);
  });

  it("is recognised by one answer of headers alone after a stream that lasted and was lost", () => {
    const machine = new Machine().feed("open", OURS, "bytes");
    for (let second = 0; second < 6; second++) machine.pass(1000).feed("bytes");
    while (machine.name !== "connecting") machine.toDeadline();
    expect(waitOf(machine)).toBeUndefined();
    expect(waitOf(hollow(machine))).toBe(0);
  });

  it("is recognised by a greeting that is followed by silence, twice", () => {
    const machine = new Machine().feed("open");
    for (let response = 0; response < 2; response++) {
      machine.feed(STREAM, "bytes", HELLO);
      while (machine.name !== "connecting") machine.toDeadline();
    }
    expect(waitOf(machine)).toBe(0);
  });

  it("is recognised by first bytes that come late, and then late again", () => {
    const machine = late();
    expect(machine.name).toBe("stale");
    machine.feed("bytes");
    expect([machine.name, machine.reason]).toEqual(["waiting", "buffered"]);
    expect(waitOf(machine.toDeadline())).toBe(0);
  });

  it("is not concluded from bytes that are late on a connection that has lasted", () => {
    const machine = machineIn("live").feed(HELLO);
    for (let second = 0; second < 6; second++) machine.pass(1000).feed("bytes");
    for (let round = 0; round < 4; round++) machine.pass(1500).feed("bytes");
    expect(machine.name).toBe("live");
  });

  it("is not concluded from bytes that waited while this program slept", () => {
    const machine = new Machine().feed("open", OURS).sleep(10_000).feed("tick");
    expect(machine.reason).toBe("woken");
    machine.feed("bytes").sleep(10_000).feed("tick", "bytes");
    expect(machine.name).toBe("live");
  });

  it("is recognised by two requests without any answer, of a server that never answered", () => {
    const machine = stall(stall(new Machine().feed("open")));
    expect(waitOf(machine)).toBe(0);
  });

  it("is not concluded from an application that is slow to name its headers", () => {
    const machine = new Machine().feed("open");
    for (let round = 0; round < 3; round++) stall(machine.feed("asking"));
    expect(waitOf(machine)).toBeUndefined();
  });

  it("is never concluded of a server that has answered and is not ours", () => {
    const machine = new Machine().feed("open", STREAM, "bytes").pass(6000);
    for (let round = 0; round < 6; round++) {
      if (machine.name === "connecting") stall(machine);
      else machine.toDeadline();
      expect(waitOf(machine)).toBeUndefined();
    }
  });

  it("is learned at once from a lease", () => {
    const machine = machineIn("live").feed(HELLO, "behind");
    expect([machine.name, machine.reason]).toEqual(["waiting", "buffered"]);
    expect(waitOf(machine.pass(100))).toBe(0);
  });

  it("is forgotten once a stream has lasted", () => {
    const machine = hollow(new Machine().feed("open"));
    machine.feed(OURS, "bytes");
    for (let second = 0; second < 6; second++) machine.pass(1000).feed("bytes");
    machine.feed("broken").toDeadline();
    expect(waitOf(stall(machine))).toBeUndefined();
  });

  it("is forgotten when the application asks for a new beginning", () => {
    const machine = polling().pass(1000).feed("reconnect");
    expect([machine.name, waitOf(machine)]).toEqual(["connecting", undefined]);
  });
});

describe("a trial", () => {
  it("that falls silent as well leads back to two streams", () => {
    const machine = hollow(hollow(new Machine().feed("open")));
    const seen: unknown[] = [];
    for (let round = 0; round < 4; round++) {
      stall(machine);
      seen.push(waitOf(machine));
    }
    expect(seen).toEqual([undefined, undefined, 0, undefined]);
  });

  it("of which only the head comes falls silent like any other", () => {
    const machine = hollow(hollow(new Machine().feed("open")));
    const startMs = machine.nowMs;
    hollow(machine);
    expect(waitOf(machine)).toBeUndefined();
    expect(machine.nowMs - startMs).toBeLessThan(2000);
  });

  it("that a server answers with a stream of its own is that stream", () => {
    const machine = stall(stall(new Machine().feed("open"))).feed(STREAM, "bytes");
    expect([machine.name, machine.reason]).toEqual(["live", "open"]);
    expect(waitOf(machine.feed("broken").toDeadline())).toBeUndefined();
  });

  it.each([204, 400, 403, 503])(
    "that an unknown server answers %i is the last, and not final",
    (code) => {
      const machine = stall(stall(new Machine().feed("open"))).feed(status(code));
      expect(machine.name).toBe("waiting");
      machine.toDeadline();
      for (let round = 0; round < 6; round++) {
        expect(waitOf(machine)).toBeUndefined();
        stall(machine);
      }
    },
  );

  it.each([
    ["429", status(429, 4000), 4000],
    ["503 with Retry-After", status(503, 4000), 4000],
    ["429 without", status(429), 500],
  ])("that an unknown server answers %s leaves it the pause that it asks for", (_how, head, ms) => {
    const machine = stall(stall(new Machine().feed("open"))).feed(head);
    const startMs = machine.nowMs;
    while (machine.name === "waiting") machine.toDeadline();
    expect(machine.nowMs - startMs).toBeGreaterThanOrEqual(ms);
    expect(waitOf(machine)).toBeUndefined();
  });

  it("that our own server refuses is refused", () => {
    const machine = hollow(hollow(new Machine().feed("open"))).feed(status(410));
    expect([machine.name, machine.reason]).toEqual(["failed", "refused"]);
  });
});

describe("polling", () => {
  it("is open to the application, with one announcement at its beginning", () => {
    const machine = polling();
    expect([machine.name, machine.reason, machine.effects.at(-1)]).toEqual([
      "polling",
      "buffered",
      "announce-open",
    ]);
  });

  it("asks again at once when a response has waited, and in silence", () => {
    const machine = polling().sleep(3000);
    const before = machine.effects.length;
    machine.feed("ended");
    expect(machine.effects.slice(before)).toEqual(["connect"]);
    expect([machine.name, waitOf(machine)]).toEqual(["polling", 3000]);
  });

  it("asks no more often than four times a second, and no more than 20 times a minute when idle", () => {
    const busy = polling();
    const before = busy.requests.length;
    busy.feed("ended");
    const untilMs = busy.nowMs + 60_000;
    while (busy.nowMs < untilMs) {
      const effect = busy.effects.at(-1);
      if (effect === "connect") busy.feed(OURS, "bytes", "ended");
      if (effect === "connect-successor") busy.feed("successor-broken");
      busy.toDeadline();
    }
    expect(busy.requests.length - before).toBeLessThanOrEqual(243);

    const idle = polling().sleep(10).feed("ended");
    const idleBefore = idle.requests.length;
    for (let poll = 0; poll < 20; poll++) {
      idle.feed(OURS).sleep(3000).feed("bytes", "ended");
      if (idle.effects.at(-1) !== "connect") idle.toDeadline();
    }
    expect(idle.requests.length - idleBefore).toBeLessThanOrEqual(22);
  });

  it("takes a response without content for a failure, on the server's track", () => {
    const machine = polling().sleep(3000).feed("ended", OURS);
    machine.feed("ended");
    expect(machine.state).toMatchObject({ name: "waiting", reason: "ended", track: "server" });
  });

  it("notices a dead path within 4.7 s of the request, tells it, and tries again at once", () => {
    const machine = polling().sleep(3000).feed("ended");
    const startMs = machine.nowMs;
    machine.feed("successor-broken");
    while (machine.name === "polling") {
      if (machine.effects.at(-1) === "connect-successor") machine.feed("successor-broken");
      machine.toDeadline();
    }
    expect(machine.nowMs - startMs).toBe(4700);
    expect(machine.state).toMatchObject({ name: "waiting", reason: "silent", track: "path" });
    expect(machine.effects.slice(-2)).toEqual(["abort", "announce-error"]);
    expect(waitOf(machine.toDeadline())).toBe(0);
  });

  it("goes on with short responses after a loss, and without a wait at first", () => {
    const machine = polling().feed("broken");
    expect([machine.name, machine.reason]).toEqual(["waiting", "network"]);
    expect(waitOf(machine.toDeadline())).toBe(0);
    expect(machine.feed(OURS, "bytes").name).toBe("polling");
  });

  it("leaves slow responses time as long as bytes come", () => {
    const machine = polling();
    for (let second = 0; second < 5; second++) machine.sleep(1000).feed("bytes", "tick");
    expect(machine.name).toBe("polling");
  });

  it("does not take its own sleep for silence", () => {
    const machine = polling().sleep(3000).feed("ended", "successor-broken");
    machine.sleep(60_000).feed("tick");
    expect(machine.name).toBe("polling");
    machine.sleep(400).feed("tick");
    expect(machine.name).toBe("waiting");
  });

  it("is answered like any other request: 401, 429, 204", () => {
    const asked = () => polling().sleep(3000).feed("ended");
    const unauthorized = { ...status(401), canRenew: true } as ConnectionInput;
    expect(asked().feed(unauthorized).state).toMatchObject({
      name: "waiting",
      reason: "unauthorized",
    });
    expect(asked().feed(status(429, 7000)).state).toMatchObject({
      name: "waiting",
      track: "server",
    });
    expect(asked().feed(status(204)).state).toMatchObject({ name: "closed", reason: "complete" });
  });

  it("gives the application time to name its headers", () => {
    const machine = polling().sleep(3000).feed("ended", { kind: "asking" });
    expect(machine.sleep(20_000).feed("successor-broken", "tick").name).toBe("polling");
    machine.feed({ kind: "sent" });
    expect(machine.state).toMatchObject({ dueMs: machine.nowMs + 4700, startedMs: machine.nowMs });
  });

  it("forgets the failures before it once it has lasted", () => {
    const machine = polling().sleep(3000).feed("ended", OURS, "bytes").sleep(2500).feed("bytes");
    expect(machine.state).toMatchObject({ memory: { failures: 0, poll: "proven" } });
  });
});

describe("the way back to a stream", () => {
  it("is tried after a second, beside the polls", () => {
    const machine = polling().pass(999);
    expect(machine.effects.at(-1)).not.toBe("connect-successor");
    machine.pass(1);
    expect([machine.name, machine.effects.at(-1)]).toEqual(["polling", "connect-successor"]);
  });

  it("is taken by bytes that come in time, and nobody is told", () => {
    const machine = polling().pass(1000);
    const before = machine.effects.length;
    machine.feed(SUCCESSOR_STREAM, "successor-bytes");
    expect(machine.effects.slice(before)).toEqual(["take-over"]);
    expect(machine.state).toMatchObject({
      name: "live",
      reason: "open",
      memory: { poll: undefined },
    });
  });

  it("leads to polling again by a single silence, as long as the stream has not lasted", () => {
    const machine = polling().pass(1000).feed(SUCCESSOR_STREAM, "successor-bytes", HELLO);
    while (machine.name !== "connecting") machine.toDeadline();
    expect(waitOf(machine)).toBe(0);
  });

  it("is given up where no byte comes in time, and tried more and more seldom", () => {
    const machine = polling();
    const probes: number[] = [];
    while (probes.length < 8) {
      const last = machine.effects.at(-1);
      if (last === "connect-successor" && probes.at(-1) !== machine.nowMs)
        probes.push(machine.nowMs);
      if (last === "connect") machine.feed(OURS, "bytes", "ended");
      if (machine.effects.at(-1) === "announce-open") machine.feed("ended");
      machine.toDeadline();
    }
    const apart = probes
      .slice(1)
      .map((at, index) => Math.round((at - (probes[index] ?? 0)) / 1000));
    expect(apart.every((seconds, index) => seconds >= (apart[index - 1] ?? 0))).toBe(true);
    expect(apart[0]).toBeGreaterThanOrEqual(30);
    expect(apart.at(-1)).toBeLessThanOrEqual(602);
    expect(apart.at(-1)).toBeGreaterThanOrEqual(600);
  });

  it.each([
    ["refused", status(403)],
    ["refused for a time", status(503, 120_000)],
  ])("waits where it is %s, as long as it is told", (_how, answer) => {
    const machine = polling().pass(1000);
    machine.feed({ ...answer, kind: "successor-response" } as ConnectionInput);
    expect(machine.effects.at(-1)).toBe("drop-successor");
    const least = "retryAfterMs" in answer ? (answer.retryAfterMs ?? 0) : 0;
    expect(machine.state).toMatchObject({ isProbing: false });
    expect(machine.state).toHaveProperty("probeMs", machine.nowMs + Math.max(least, 30_000));
  });

  it("is not brought forward into a pause that the server asked for", () => {
    const machine = polling().pass(1000);
    machine.feed({ ...status(503, 120_000), kind: "successor-response" } as ConnectionInput);
    const untilMs = machine.nowMs + 120_000;
    expect(machine.sleep(100).feed("nudge").state).toHaveProperty("probeMs", untilMs);
    expect(machine.sleep(2000).feed("bytes").state).toHaveProperty("probeMs", untilMs);
  });

  it("is tried sooner where the bytes of one response came apart, or on a nudge, 5 s apart", () => {
    const machine = polling().pass(1000).feed("successor-broken").sleep(100).feed("nudge");
    expect(machine.state).toHaveProperty("probeMs", machine.nowMs - 100 + 5000);
    const apart = polling().pass(1000).feed("successor-broken").sleep(2000).feed("bytes");
    expect(apart.state).toHaveProperty("probeMs", apart.nowMs - 2000 + 5000);
    const together = polling();
    const dueMs = together.nowMs + 1000;
    expect(together.sleep(100).feed("bytes").state).toHaveProperty("probeMs", dueMs);
  });

  it("is not tried twice at a time", () => {
    const machine = polling().pass(1000).feed("nudge");
    expect(machine.state).toMatchObject({ isProbing: true, probeMs: machine.nowMs + 1700 });
  });

  it("counts from when its request leaves", () => {
    const machine = polling().pass(1000).feed({ kind: "asking", isSuccessor: true });
    expect(machine.state).toHaveProperty("probeMs", machine.nowMs + 30_000);
    machine.sleep(500).feed({ kind: "sent", isSuccessor: true });
    expect(machine.state).toHaveProperty("probeMs", machine.nowMs + 1700);
  });

  it("is tried after a second again once a stream has been open for a minute", () => {
    const machine = polling().pass(1000).feed(SUCCESSOR_STREAM, "successor-bytes", HELLO);
    for (let second = 0; second < 61; second++) machine.sleep(1000).feed("bytes");
    machine.feed("broken").toDeadline();
    hollow(machine).feed(OURS, "bytes");
    expect(machine.name).toBe("polling");
    expect(machine.state).toHaveProperty("probeMs", machine.nowMs + 1000);
  });
});
