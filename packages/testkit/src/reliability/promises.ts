// What is promised, and whether a run kept it.

import type { TrialResult } from "./run-trial.js";

/** From the fault to the first request, and from a usable path to live again. */
export const PROMISED = { beginMs: 2000, healMs: 5000 } as const;

/** The promises that a run broke, as sentences; none if it kept them all. */
export function brokenPromises(result: TrialResult): readonly string[] {
  const { beginMs, healMs, lost, repeated, reordered } = result;
  const broken: string[] = [];
  if (beginMs === undefined) broken.push("recovery never began");
  else if (beginMs > PROMISED.beginMs)
    broken.push(`recovery began after ${Math.round(beginMs)} ms`);
  if (healMs === undefined) broken.push("it never healed");
  else if (healMs > PROMISED.healMs) broken.push(`healed after ${Math.round(healMs)} ms`);
  if (lost > 0) broken.push(`${lost} events lost`);
  if (repeated > 0) broken.push(`${repeated} events repeated`);
  if (reordered > 0) broken.push(`${reordered} events out of order`);
  return broken;
}
