// Runs many schedules one after the other, and keeps count.

import { drawPlan } from "./draw-plan.js";
import { FAULT_CLASSES, type FaultClass } from "./plan.js";
import type { Breach, RunReport } from "./report.js";
import { runPlan } from "./run-plan.js";
import { shrinkPlan } from "./shrink-plan.js";

/** Which schedules to run. */
export interface SeedRange {
  readonly firstSeed: number;
  readonly runs: number;
  /** From one seed to the next: several threads share a range. Default 1. */
  readonly step?: number | undefined;
  /** Classes of faults that are allowed. Default: all. */
  readonly only?: readonly FaultClass[] | undefined;
  /** Classes of faults that are there in every schedule. Default: none. */
  readonly always?: readonly FaultClass[] | undefined;
  /** Ends early when so many schedules have failed. Default: never. */
  readonly mostFailures?: number | undefined;
}

/** A schedule that failed. */
export interface Failure {
  readonly seed: number;
  readonly breach: Breach;
}

/** What comes of many schedules. */
export interface Tally {
  runs: number;
  virtualMs: number;
  readonly failures: Failure[];
  /** How often each thing was reached, and in how many schedules. */
  readonly reached: Map<string, { times: number; runs: number }>;
}

/** A tally of nothing. */
export function emptyTally(): Tally {
  return { runs: 0, virtualMs: 0, failures: [], reached: new Map() };
}

/** Adds one tally to another. */
export function addTally(sum: Tally, part: Tally): void {
  sum.runs += part.runs;
  sum.virtualMs += part.virtualMs;
  sum.failures.push(...part.failures);
  for (const [what, { times, runs }] of part.reached) {
    const before = sum.reached.get(what) ?? { times: 0, runs: 0 };
    sum.reached.set(what, { times: before.times + times, runs: before.runs + runs });
  }
}

/** Runs the schedules of a range. */
export async function runSeeds(range: SeedRange): Promise<Tally> {
  const {
    firstSeed,
    runs,
    step = 1,
    only = FAULT_CLASSES,
    always,
    mostFailures = Infinity,
  } = range;
  const without = FAULT_CLASSES.filter((fault) => !only.includes(fault));
  const tally = emptyTally();
  for (let run = 0; run < runs && tally.failures.length < mostFailures; run += 1) {
    const seed = firstSeed + run * step;
    count(tally, await runPlan(shrinkPlan(drawPlan(seed, always), { without, keep: undefined })));
  }
  return tally;
}

function count(tally: Tally, { seed, breaches, reached, virtualMs }: RunReport): void {
  tally.runs += 1;
  tally.virtualMs += virtualMs;
  const [breach] = breaches;
  if (breach !== undefined) tally.failures.push({ seed, breach });
  for (const [what, times] of reached) {
    const before = tally.reached.get(what) ?? { times: 0, runs: 0 };
    tally.reached.set(what, { times: before.times + times, runs: before.runs + 1 });
  }
}
