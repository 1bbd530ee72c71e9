// Faults in a row: written down first, played afterwards.

import { setTimeout as wait } from "node:timers/promises";
import type { Fault } from "./fault.js";
import { assertDuration, assertFault, assertWhole } from "./validate-fault.js";

/** One fault of a schedule and how long it lasts; 0 for one that strikes once. */
export interface FaultStep {
  readonly fault: Fault;
  readonly forMs: number;
}

/** A line that goes up and down. */
export interface FlapOptions {
  readonly upMs: number;
  readonly downMs: number;
  /** How long it goes on. The last turn is cut short where it does not fit. */
  readonly forMs: number;
  /**
   * What "down" is. Default: every connection is reset, and new ones are refused. A fault given here
   * is set as it is, and does to existing connections what it does by itself.
   */
  readonly down?: Fault | undefined;
}

/** A schedule is written down before it is played: this many turns are a day of flapping each second. */
const MOST_TURNS = 100_000;

/** How a schedule ended: played to its end, or replaced by another call before. */
export type ScheduleEnd = "finished" | "interrupted";

/** The steps of a line that flaps, beginning with its first fall. */
export function flapSteps({ upMs, downMs, forMs, down }: FlapOptions): readonly FaultStep[] {
  assertDuration("upMs", upMs);
  assertDuration("downMs", downMs);
  assertDuration("forMs", forMs);
  // Turns of no length would never come to an end.
  assertWhole("turns", Math.ceil(forMs / (upMs + downMs)), { most: MOST_TURNS });
  const steps: FaultStep[] = [];
  for (let atMs = 0; atMs < forMs; atMs += upMs + downMs) {
    const restMs = forMs - atMs;
    if (down === undefined) steps.push({ fault: { kind: "reset" }, forMs: 0 });
    steps.push({ fault: down ?? { kind: "refuse" }, forMs: Math.min(downMs, restMs) });
    steps.push({ fault: { kind: "pass" }, forMs: Math.min(upMs, Math.max(0, restMs - downMs)) });
  }
  return steps;
}

/** Throws when a step cannot be played, so that a schedule fails before it begins. */
export function assertSteps(steps: readonly FaultStep[]): void {
  for (const { fault, forMs } of steps) {
    assertFault(fault);
    assertDuration("forMs", forMs);
  }
}

/**
 * Plays the steps one after the other. Each lasts until its time counted from the start, so that
 * lateness does not add up.
 */
export async function playSteps(
  steps: readonly FaultStep[],
  { enter, signal }: { enter: (fault: Fault) => Promise<void>; signal: AbortSignal },
): Promise<ScheduleEnd> {
  let dueAtMs = performance.now();
  for (const { fault, forMs } of steps) {
    if (signal.aborted) return "interrupted";
    await enter(fault);
    dueAtMs += forMs;
    if (forMs > 0 && !(await waitUntil(dueAtMs, signal))) return "interrupted";
  }
  return signal.aborted ? "interrupted" : "finished";
}

/** Whether the time came before the signal did. */
async function waitUntil(dueAtMs: number, signal: AbortSignal): Promise<boolean> {
  try {
    await wait(Math.max(0, dueAtMs - performance.now()), undefined, { signal });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
