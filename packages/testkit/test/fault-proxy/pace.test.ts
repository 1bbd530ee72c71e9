import { describe, expect, test } from "vitest";
import type { LastingFault } from "../../src/fault-proxy/fault.js";
import { createPace, type Pace, type Waiting } from "../../src/fault-proxy/pace.js";

const WAITING: Waiting = {
  bytes: 1000,
  part: "payload",
  arrivedAtMs: 0,
  queuedBytes: 1000,
  completeBytes: 0,
};

/** Steps through virtual time for so long, with a full queue, and counts the bytes that may go. */
function passedWithin(pace: Pace, forMs: number): number {
  let passed = 0;
  let nowMs = 0;
  while (nowMs < forMs) {
    const permit = pace.permit(WAITING, nowMs);
    if (permit.kind === "hold") break;
    if (permit.kind === "wait") nowMs += permit.ms;
    else passed += permit.bytes;
  }
  return passed;
}

describe("the pace of a slow line", () => {
  test.each([1, 10, 999, 50_000])("passes %i bytes per second, over ten seconds", (rate) => {
    const pace = createPace({ kind: "slow", bytesPerSecond: rate }, "down");
    const passed = passedWithin(pace, 10_000);
    expect(passed).toBeGreaterThanOrEqual(rate * 9.9);
    expect(passed).toBeLessThanOrEqual(rate * 10.1 + 1);
  });

  test("does not save up what was not used", () => {
    const pace = createPace({ kind: "slow", bytesPerSecond: 1000 }, "down");
    pace.permit(WAITING, 0);
    let passed = 0;
    for (let permit = pace.permit(WAITING, 60_000); permit.kind === "go"; ) {
      passed += permit.bytes;
      permit = pace.permit(WAITING, 60_000);
    }
    expect(passed).toBeLessThanOrEqual(40);
  });

  test("lets the end of a connection go at once", () => {
    const pace = createPace({ kind: "slow", bytesPerSecond: 1 }, "down");
    pace.permit(WAITING, 0);
    expect(pace.permit({ ...WAITING, bytes: 0 }, 0)).toEqual({ kind: "go", bytes: 0 });
  });
});

describe("the pace of a long line", () => {
  test("holds what came until its time", () => {
    const pace = createPace({ kind: "delay", ms: 300 }, "up");
    const waiting = { ...WAITING, arrivedAtMs: 1000 };
    expect(pace.permit(waiting, 1100)).toEqual({ kind: "wait", ms: 200 });
    expect(pace.permit(waiting, 1300)).toEqual({ kind: "go", bytes: 1000 });
  });
});

describe("the pace of a proxy that buffers", () => {
  test("passes a whole portion and not more", () => {
    const pace = createPace({ kind: "buffer", bytes: 1500 }, "down");
    expect(pace.permit(WAITING, 0)).toEqual({ kind: "hold" });
    expect(pace.permit({ ...WAITING, queuedBytes: 2000 }, 0)).toEqual({ kind: "go", bytes: 1000 });
    expect(pace.permit(WAITING, 0)).toEqual({ kind: "go", bytes: 500 });
    expect(pace.permit({ ...WAITING, bytes: 500, queuedBytes: 500 }, 0)).toEqual({ kind: "hold" });
  });

  test("passes what is complete, and no byte of the message behind it", () => {
    const pace = createPace({ kind: "buffer", bytes: "until-close" }, "down");
    const waiting = { ...WAITING, queuedBytes: 1600, completeBytes: 300 };
    expect(pace.permit(waiting, 0)).toEqual({ kind: "go", bytes: 300 });
    expect(pace.permit({ ...WAITING, bytes: 700, completeBytes: 0 }, 0)).toEqual({ kind: "hold" });
  });

  test("counts a head between two complete messages as passed", () => {
    const pace = createPace({ kind: "buffer", bytes: "until-close" }, "down");
    const body = { ...WAITING, bytes: 300, queuedBytes: 1000 };
    expect(pace.permit({ ...body, completeBytes: 700 }, 0)).toEqual({ kind: "go", bytes: 300 });
    pace.permit({ ...body, part: "head", bytes: 100, completeBytes: 400 }, 0);
    expect(pace.permit({ ...body, completeBytes: 300 }, 0)).toEqual({ kind: "go", bytes: 300 });
    expect(pace.permit({ ...body, completeBytes: 0 }, 0)).toEqual({ kind: "hold" });
  });

  test("never holds a head or the end of a connection", () => {
    const pace = createPace({ kind: "buffer", bytes: 1500 }, "down");
    expect(pace.permit({ ...WAITING, part: "head" }, 0)).toEqual({ kind: "go", bytes: 1000 });
    expect(pace.permit({ ...WAITING, bytes: 0 }, 0)).toEqual({ kind: "go", bytes: 0 });
  });

  test("reads a whole portion before it stops reading", () => {
    const pace = createPace({ kind: "buffer", bytes: 1_000_000 }, "down");
    expect(pace.capacityBytes).toBeGreaterThanOrEqual(1_000_000);
  });
});

describe("the pace of every fault", () => {
  const onlyUp: readonly LastingFault[] = [
    { kind: "freeze", direction: "up" },
    { kind: "slow", bytesPerSecond: 1, direction: "up" },
  ];
  const onlyDown: readonly LastingFault[] = [
    { kind: "freeze", direction: "down" },
    { kind: "slow", bytesPerSecond: 1 },
    { kind: "buffer", bytes: 5000 },
  ];
  const both: readonly LastingFault[] = [
    { kind: "freeze", direction: "both" },
    { kind: "slow", bytesPerSecond: 1, direction: "both" },
    { kind: "delay", ms: 100 },
  ];

  function isFree(fault: LastingFault, direction: "up" | "down"): boolean {
    const permit = createPace(fault, direction).permit(WAITING, 0);
    return permit.kind === "go" && permit.bytes === WAITING.bytes;
  }

  test("is felt in the directions it is meant for and in no other", () => {
    const felt = (faults: readonly LastingFault[]) =>
      faults.map((fault) => [isFree(fault, "up"), isFree(fault, "down")]);
    expect(felt(onlyUp)).toEqual(onlyUp.map(() => [false, true]));
    expect(felt(onlyDown)).toEqual(onlyDown.map(() => [true, false]));
    expect(felt(both)).toEqual(both.map(() => [false, false]));
    expect(felt([{ kind: "pass" }, { kind: "accept-stall" }])).toEqual([
      [true, true],
      [true, true],
    ]);
  });
});
