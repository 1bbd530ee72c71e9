import type { IncidentLog } from "throughline/core";
import { NO_INCIDENTS, recordIncident } from "throughline/core";
import { describe, expect, it } from "vitest";
import { type AnyInput, handingOver, Machine, machineIn, STREAM, status } from "./harness.js";

const EPOCH_OFFSET_MS = 1_700_000_000_000;

/** Feeds inputs, some time apart, and keeps the history. */
function history(machine: Machine, steps: readonly (readonly [number, AnyInput])[]): IncidentLog {
  let log = NO_INCIDENTS;
  for (const [elapsedMs, input] of steps) {
    machine.sleep(elapsedMs);
    const before = machine.state;
    machine.feed(input);
    log = recordIncident(log, before, machine.state, {
      nowMs: machine.nowMs,
      epochMs: machine.nowMs + EPOCH_OFFSET_MS,
    });
  }
  return log;
}

describe("the history of disruptions", () => {
  it("tells when a loss was noticed, when recovery began, and when it healed", () => {
    const machine = machineIn("live");
    const lastByteMs = machine.nowMs;
    const log = history(machine, [
      [500, "broken"],
      [200, "tick"],
      [30, STREAM],
      [20, "bytes"],
    ]);
    expect(log).toEqual({
      count: 1,
      recent: [
        {
          epochOffsetMs: EPOCH_OFFSET_MS,
          reason: "network",
          lastByteMs,
          detectedMs: lastByteMs + 500,
          begunMs: lastByteMs + 700,
          healedMs: lastByteMs + 750,
          attempts: 1,
        },
      ],
    });
  });

  it("counts the attempts that it took, and is not healed by headers alone", () => {
    const log = history(machineIn("live"), [
      [500, "broken"],
      [300, "tick"],
      [10, "broken"],
      [600, "tick"],
      [10, STREAM],
    ]);
    expect(log.recent).toMatchObject([{ attempts: 2, healedMs: undefined }]);
  });

  it("does not take for a disruption what the application does", () => {
    for (const input of ["close", "suspend", "reconnect"] as const) {
      expect(history(machineIn("live"), [[2000, input]])).toBe(NO_INCIDENTS);
    }
    expect(history(machineIn("live"), [[10, "reconnect"]])).toBe(NO_INCIDENTS);
  });

  it("has begun at once where a successor was on its way", () => {
    const log = history(handingOver(), [[50, "broken"]]);
    expect(log.recent).toMatchObject([
      { reason: "network", attempts: 1, begunMs: expect.any(Number) },
    ]);
  });

  it("has no entry for a handover", () => {
    const log = history(handingOver(), [
      [50, "successor-response"],
      [0, "successor-bytes"],
    ]);
    expect(log).toBe(NO_INCIDENTS);
  });

  it("stays open where the connection fails for good", () => {
    const machine = machineIn("live");
    const log = history(machine, [[0, "overflow"]]);
    expect(log.recent).toMatchObject([
      { reason: "event-too-large", healedMs: undefined, attempts: 0 },
    ]);
  });

  it("has no entry for a first connect that failed", () => {
    expect(history(new Machine().feed("open"), [[0, status(404)]])).toBe(NO_INCIDENTS);
  });

  it("keeps the newest fifty, and counts them all", () => {
    const machine = machineIn("live");
    const round: readonly (readonly [number, AnyInput])[] = [
      [10, "broken"],
      [1700, "tick"],
      [10, STREAM],
      [10, "bytes"],
    ];
    const steps = Array.from({ length: 60 }, () => round).flat();
    const log = history(machine, steps);
    expect(log.count).toBe(60);
    expect(log.recent).toHaveLength(50);
  });
});
