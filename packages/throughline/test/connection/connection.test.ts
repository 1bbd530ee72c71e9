import fc from "fast-check";
import { type ConnectionInput, stepConnection } from "throughline/core";
import { describe, expect, it } from "vitest";
import { type AnyInput, Machine, machineIn, PULSE, putAside, STREAM, status } from "./harness.js";
import { anyContext, anyInput } from "./inputs.js";

const NO_JITTER = { random: () => 0 };
const PLAIN_STREAM = { ...STREAM, pulse: undefined } as typeof STREAM;

describe("noticing trouble", () => {
  it("gives up a request that is not answered in 1.7 s, and the next is sent within 2 s", () => {
    const machine = new Machine({ random: () => 0.999 }).feed("open").pass(2000);
    expect(machine.requests).toHaveLength(2);
    expect(machine.effects).toEqual(["connect", "abort", "announce-error", "connect"]);
  });

  it("gives slow paths more time from the third unanswered request on, up to 3.6 s", () => {
    const machine = new Machine({ random: () => 0 }).feed("open").pass(15_000);
    const gaps = machine.requests.slice(1).map((at, i) => at - (machine.requests[i] ?? 0));
    expect(gaps).toEqual([1730, 1730, 2580, 3630, 3630]);
  });

  it("warns when a pulse is late, and reconnects within 2 s of the last byte", () => {
    const machine = machineIn("live", { random: () => 0.999 });
    machine.pass(1279);
    expect(machine.name).toBe("live");
    machine.pass(1);
    expect([machine.name, machine.reason]).toEqual(["stale", "silent"]);
    machine.pass(520);
    expect(machine.requests).toHaveLength(2);
  });

  it("is live again when bytes come while it is stale", () => {
    const machine = machineIn("stale").feed("bytes");
    expect([machine.name, machine.reason]).toEqual(["live", "open"]);
    expect(machine.pass(1000).name).toBe("live");
  });

  it("notices a body that never begins, by the pulse that the head announced", () => {
    const machine = new Machine({ random: () => 0.999 }).feed("open", STREAM).pass(2000);
    expect(machine.requests).toHaveLength(2);
  });

  it("never cuts off a server without a pulse, however silent", () => {
    const machine = new Machine().feed("open", PLAIN_STREAM, "bytes");
    expect(machine.deadlineMs).toBeUndefined();
    expect(machine.pass(10_000_000).name).toBe("live");
  });

  it("learns the pulse from the greeting where the head had none", () => {
    const machine = new Machine().feed("open", PLAIN_STREAM, "bytes", {
      kind: "hello",
      pulse: PULSE,
    });
    expect(machine.pass(1900).requests).toHaveLength(2);
  });

  it("holds a pulse known from before against a silent response once, not twice", () => {
    const machine = machineIn("live").feed("broken").pass(1700).feed(PLAIN_STREAM);
    expect(machine.pass(2000).requests).toHaveLength(3);
    machine.feed(PLAIN_STREAM).pass(100_000);
    expect([machine.name, machine.requests.length]).toEqual(["live", 3]);
  });

  it("gives a connection that was slept through 400 ms to show that it lives", () => {
    const machine = machineIn("live").sleep(600_000).feed("tick");
    expect([machine.name, machine.reason]).toEqual(["stale", "woken"]);
    expect(machine.pass(399).feed("bytes").name).toBe("live");
  });

  it("reconnects at once when nothing comes after it slept", () => {
    const machine = machineIn("live").sleep(600_000).feed("tick").pass(500);
    expect(machine.requests).toHaveLength(2);
  });

  it("allows for sleep also while it is stale, once", () => {
    const machine = machineIn("stale").sleep(60_000).feed("tick");
    expect(machine.reason).toBe("woken");
    expect(machine.sleep(60_000).feed("tick").name).toBe("waiting");
  });

  it("takes a connection that the server has forgotten for lost", () => {
    const machine = machineIn("live").feed("lease-lost");
    expect([machine.name, machine.reason]).toEqual(["waiting", "lease-lost"]);
    expect(machine.effects.slice(-2)).toEqual(["abort", "announce-error"]);
  });
});

describe("waiting on the path's track", () => {
  it("makes the first attempt within 300 ms of a loss", () => {
    const machine = machineIn("live", { random: () => 0.999 })
      .feed("broken")
      .pass(300);
    expect(machine.requests).toHaveLength(2);
  });

  it("never waits longer than 3 s, and so heals within 5 s of the path being back", () => {
    const machine = machineIn("live", { random: () => 0.999 }).feed("broken");
    for (let i = 0; i < 50; i++) machine.toDeadline().feed("broken");
    expect(machine.requests).toHaveLength(51);
    const gaps = machine.requests.slice(1).map((at, i) => at - (machine.requests[i] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(3000);
  });

  it("begins recovery within 2 s of a loss even after many losses in a row", () => {
    const machine = machineIn("live", { random: () => 0.999 });
    for (let i = 0; i < 20; i++) {
      machine.feed("broken");
      const lostMs = machine.nowMs;
      machine.toDeadline();
      expect((machine.requests.at(-1) ?? 0) - lostMs).toBeLessThanOrEqual(1700);
      machine.feed(STREAM, "bytes").sleep(200);
    }
  });

  it("does not start over because a connection opened: open-then-drop slows down", () => {
    const machine = machineIn("live");
    const start = machine.nowMs;
    while (machine.nowMs < start + 60_000) {
      if (machine.name === "connecting") machine.feed(STREAM, "bytes", "broken");
      else if (machine.name === "live") machine.feed("broken");
      else machine.toDeadline();
    }
    expect(machine.requests.length).toBeLessThanOrEqual(80);
  });

  it("starts over after data has come and the connection has lasted 5 s", () => {
    const machine = machineIn("live");
    for (let i = 0; i < 5; i++) machine.feed("broken").pass(1700).feed(STREAM, "bytes");
    for (let i = 0; i < 6; i++) machine.pass(1000).feed("bytes");
    expect(machine.state).toMatchObject({ memory: { failures: 0 } });
  });

  it("does not start over for a connection that lasted and brought nothing", () => {
    const machine = machineIn("live").feed("broken").pass(300).feed(PLAIN_STREAM).sleep(60_000);
    machine.feed("broken");
    expect(machine.state).toMatchObject({ memory: { failures: 2 } });
  });

  it("tries at once when something changed for the better", () => {
    const machine = machineIn("waiting", { random: () => 0.999 });
    for (let i = 0; i < 5; i++) machine.toDeadline().feed("broken");
    const before = machine.requests.length;
    machine.feed("nudge");
    expect(machine.requests.length).toBe(before);
    machine.pass(300);
    expect(machine.requests.length).toBe(before + 1);
    machine.feed("broken").sleep(301).feed("nudge");
    expect(machine.requests.length).toBe(before + 2);
  });

  it("counts a 503 as a failing path for two minutes, then as the server's word", () => {
    const machine = machineIn("live", { random: () => 0.999 }).feed("broken");
    while (machine.nowMs < 110_000) machine.toDeadline().feed(status(503));
    expect(machine.state).toMatchObject({ track: "path", reason: "unavailable" });
    while (machine.nowMs < 400_000) {
      machine.toDeadline().feed(status(503));
    }
    expect(machine.state).toMatchObject({ track: "server" });
    const [a = 0, b = 0] = machine.requests.slice(-2);
    expect(b - a).toBeGreaterThan(15_000);
  });
});

describe("waiting on the server's track", () => {
  it.each([429, 503])("obeys Retry-After of a %i, and adds jitter only upwards", (code) => {
    const machine = new Machine().feed("open", status(code, 7000));
    machine.pass(6999);
    expect(machine.requests).toHaveLength(1);
    machine.pass(600);
    expect(machine.requests).toHaveLength(2);
  });

  it("is not shortened by a nudge", () => {
    const machine = new Machine().feed("open", status(429, 7000)).sleep(1000);
    const before = machine.state;
    expect(machine.feed("nudge").state).toBe(before);
  });

  it("backs off to 30 s while a server keeps saying 429", () => {
    const machine = new Machine({ random: () => 0.999 }).feed("open");
    for (let i = 0; i < 12; i++) machine.feed(status(429)).pass(30_001);
    const [a = 0, b = 0] = machine.requests.slice(-2);
    expect(b - a).toBeGreaterThan(15_000);
    expect(b - a).toBeLessThanOrEqual(30_001);
  });

  it("waits for `retry:` after a clean end, and no longer than 30 s", () => {
    const machine = machineIn("live", NO_JITTER).feed({ kind: "retry", retryMs: 2500 }, "ended");
    expect(machine.pass(2499).requests).toHaveLength(1);
    expect(machine.pass(1).requests).toHaveLength(2);
    const long = machineIn("live", NO_JITTER)
      .feed({ kind: "retry", retryMs: 1e9 }, "ended")
      .pass(30_000);
    expect(long.requests).toHaveLength(2);
  });

  it("does not let `retry:` delay recovery from a loss", () => {
    const machine = machineIn("live").feed({ kind: "retry", retryMs: 20_000 }, "broken").pass(300);
    expect(machine.requests).toHaveLength(2);
  });

  it("slows down for streams that end at once, and says why", () => {
    const machine = machineIn("live").feed({ kind: "retry", retryMs: 0 });
    const start = machine.nowMs;
    while (machine.nowMs < start + 60_000) {
      if (machine.name === "connecting") machine.feed(STREAM, "bytes");
      else if (machine.name === "live") machine.feed("ended");
      else machine.toDeadline();
    }
    expect(machine.requests.length).toBeLessThanOrEqual(10);
    expect(machine.reason).toBe("short-lived");
  });

  it("waits 1.2 to 1.7 s after a stream that ended before it had lasted", () => {
    const early = machineIn("live", { random: () => 0 }).feed("ended");
    expect(early.pass(1199).requests).toHaveLength(1);
    expect(early.pass(1).requests).toHaveLength(2);
    const late = machineIn("live", { random: () => 0.999 })
      .feed("ended")
      .pass(1700);
    expect(late.requests).toHaveLength(2);
  });

  it("goes on as usual after a stream that lasted and ended", () => {
    const machine = machineIn("live");
    for (let i = 0; i < 10; i++) {
      for (let s = 0; s < 10; s++) machine.pass(1000).feed("bytes");
      machine.feed("ended");
      expect(machine.state).toMatchObject({
        reason: "ended",
        track: "path",
        memory: { failures: 1 },
      });
      machine.pass(300).feed(STREAM, "bytes");
    }
  });
});

describe("answers that are no stream", () => {
  it.each([301, 400, 403, 404, 405, 501, 505])("fail for good on the first connect: %i", (code) => {
    const machine = new Machine().feed("open", status(code));
    expect([machine.name, machine.reason]).toEqual(["failed", "refused"]);
    expect(machine.effects.slice(1)).toEqual(["abort", "announce-error"]);
  });

  it("fail for good on the first connect: 200 with another type", () => {
    expect(new Machine().feed("open", status(200)).reason).toBe("not-a-stream");
  });

  it.each([408, 425, 500, 502, 503, 504])("are retried on the first connect: %i", (code) => {
    const machine = new Machine().feed("open", status(code)).pass(300);
    expect(machine.requests).toHaveLength(2);
  });

  it("are retried on a reconnect, and given up after eight in a row", () => {
    const machine = machineIn("live").feed("broken");
    let refusals = 0;
    while (machine.name !== "failed" && refusals < 100) {
      machine.toDeadline().feed(status(404));
      refusals += 1;
    }
    expect(refusals).toBe(9);
  });

  it("are not waited for where no request can succeed", () => {
    const machine = new Machine().feed("open", "futile");
    expect([machine.name, machine.reason]).toEqual(["failed", "unsupported"]);
  });

  it("end the stream in good order: 204", () => {
    const machine = machineIn("live").feed("broken").pass(300).feed(status(204));
    expect([machine.name, machine.reason]).toEqual(["closed", "complete"]);
  });

  it("end it at once: 410", () => {
    const machine = machineIn("live").feed("broken").pass(300).feed(status(410));
    expect([machine.name, machine.reason]).toEqual(["failed", "refused"]);
  });
});

describe("what the application and the server ask for", () => {
  it("gives up after the retry limit, visibly, and comes back on demand", () => {
    const machine = new Machine({ limits: { retryLimit: 2 } }).feed("open", "broken");
    machine.toDeadline().feed("broken").toDeadline().feed("broken");
    expect([machine.name, machine.reason]).toEqual(["failed", "retry-limit"]);
    machine.sleep(1000).feed("reconnect");
    expect([machine.name, machine.reason]).toEqual(["connecting", "requested"]);
  });

  it("keeps a second between attempts that are demanded from an error handler", () => {
    const machine = new Machine({ limits: { retryLimit: 0 } }).feed("open");
    const start = machine.nowMs;
    while (machine.nowMs < start + 60_000) {
      if (machine.name === "connecting") machine.feed("broken");
      if (machine.name === "failed") machine.feed("reconnect");
      machine.pass(100);
    }
    expect(machine.requests.length).toBeLessThanOrEqual(61);
  });

  it("pauses with the page and comes back with it", () => {
    const machine = machineIn("live").feed("suspend");
    expect(machine.effects.at(-1)).toBe("abort");
    expect(machine.pass(100_000).requests).toHaveLength(1);
    expect(machine.feed("resume").requests).toHaveLength(2);
  });

  it("comes back with the page into a pause that the server asked for, and no other", () => {
    const asked = putAside().sleep(20_000);
    expect(asked.feed("resume").name).toBe("waiting");
    expect(asked.pass(39_999).requests).toHaveLength(1);
    expect(asked.pass(501).requests).toHaveLength(2);
    const late = putAside().sleep(90_000);
    expect(late.feed("resume").requests).toHaveLength(2);
    const path = machineIn("live").feed("broken", "suspend", "resume");
    expect(path.requests).toHaveLength(2);
  });

  it("asks at once when the application demands it of a page that was put aside", () => {
    const machine = putAside().feed("reconnect");
    expect(machine.requests).toHaveLength(2);
  });

  it("ends without an error event when the application closes it", () => {
    const machine = machineIn("live");
    const before = machine.effects.length;
    expect(machine.feed("close").effects.slice(before)).toEqual(["abort"]);
    expect(machine.deadlineMs).toBeUndefined();
  });
});

describe("error events", () => {
  const announced = ({ effects }: Machine) => effects.filter((each) => each === "announce-error");

  it("tell of a loss at once, and of attempts that fail after it every three seconds at most", () => {
    const machine = machineIn("live", { random: () => 0.2 }).feed("broken");
    expect(announced(machine)).toHaveLength(1);
    const start = machine.nowMs;
    while (machine.nowMs < start + 30_000) machine.toDeadline().feed("broken");
    expect(machine.requests.length).toBeGreaterThan(20);
    expect(announced(machine).length).toBeLessThanOrEqual(11);
    expect(announced(machine).length).toBeGreaterThan(7);
  });

  it("tell of every loss of an open stream", () => {
    const machine = machineIn("live").feed("broken").toDeadline().feed(STREAM, "bytes", "broken");
    expect(announced(machine)).toHaveLength(2);
  });

  it("tell of the end of all attempts", () => {
    const machine = new Machine({ limits: { retryLimit: 1 } }).feed("open", "broken").toDeadline();
    expect(announced(machine.feed("broken"))).toHaveLength(2);
  });
});

describe("whatever happens", () => {
  it("keeps at most one request and one successor under way, announces last, and has a way on", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyInput, anyContext), { maxLength: 80 }), (script) => {
        const machine = new Machine();
        let isUnderWay = false;
        let hasSuccessor = false;
        let isClosedByApplication = false;
        for (const [input, { elapsedMs, random, limits }] of script) {
          machine.nowMs += elapsedMs;
          const context = { nowMs: machine.nowMs, random, limits };
          let step: ReturnType<typeof stepConnection>;
          try {
            step = stepConnection(machine.state, input, context);
          } catch {
            continue;
          }
          for (const effect of step.effects) {
            if (effect === "connect") expect(isUnderWay).toBe(false);
            if (effect === "connect") isUnderWay = true;
            if (effect === "abort") isUnderWay = hasSuccessor = false;
            if (effect === "connect-successor")
              expect([isUnderWay, hasSuccessor]).toEqual([true, false]);
            if (effect === "connect-successor") hasSuccessor = true;
            if (effect === "drop-successor") hasSuccessor = false;
            if (effect === "take-over") expect(hasSuccessor).toBe(true);
            if (effect === "take-over") hasSuccessor = false;
          }
          const isOver = ["ended", "broken", "unprepared"].includes(input.kind);
          if (isOver && !step.effects.includes("take-over")) isUnderWay = false;
          expect(step.effects.slice(0, -1).join()).not.toContain("announce");
          if (isClosedByApplication) expect(step.effects).toEqual([]);
          isClosedByApplication ||= input.kind === "close" && step.state.name === "closed";
          machine.state = step.state;
          const { state } = step;
          const { name } = state;
          const handover = "handover" in state ? state.handover?.name : undefined;
          expect(handover === "under-way").toBe(hasSuccessor);
          expect(["connecting", "live", "stale"].includes(name)).toBe(isUnderWay);
          const hasDeadline = machine.deadlineMs !== undefined;
          if (name === "connecting" || name === "stale" || name === "waiting") {
            expect(hasDeadline).toBe(true);
          }
          if (step.state.name === "live" && step.state.memory.pulse) expect(hasDeadline).toBe(true);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it("sends no more than 120 requests in any minute, whatever server and network do", () => {
    const answers = fc.constantFrom<readonly AnyInput[]>(
      ["broken"],
      [STREAM, "broken"],
      [STREAM, "bytes", "broken"],
      [STREAM, "bytes", "ended"],
      [STREAM, "bytes", { kind: "retry", retryMs: 0 }, "ended"],
      [STREAM, "bytes", { kind: "drain", withinMs: 500, why: "drained" }],
      [{ ...status(401), canRenew: true } as ConnectionInput],
      [STREAM, "bytes", "lease-lost"],
      [STREAM],
      [status(503)],
      [status(503, 0)],
      [status(429)],
      [],
    );
    fc.assert(
      fc.property(fc.array(answers, { minLength: 1, maxLength: 4 }), fc.nat(), (pattern, seed) => {
        const machine = new Machine({ random: uniform(seed) }).feed("open");
        for (let turn = 0; machine.nowMs < 180_000; turn++) {
          machine.feed(...(pattern[turn % pattern.length] ?? []));
          if (machine.name === "failed") break;
          do machine.toDeadline();
          while (machine.name !== "connecting");
        }
        for (const at of machine.requests) {
          const inMinute = machine.requests.filter((other) => other >= at && other < at + 60_000);
          expect(inMinute.length).toBeLessThanOrEqual(120);
        }
      }),
      { numRuns: 300, interruptAfterTimeLimit: 5000 },
    );
  });
});

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
