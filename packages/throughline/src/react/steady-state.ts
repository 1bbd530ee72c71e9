// What a state light shows, so that it does not flash. Pure: time comes in, the next deadline goes
// out.

import type { ConnectionSnapshot } from "../client/index.js";
import { isPassing, phaseOf } from "./phase.js";

/**
 * A disruption is shown when it has lasted for so long: most drops heal within it, nothing is lost by
 * them, and a light that cries at each one is soon not looked at any more. Milliseconds.
 */
export const SHOW_AFTER_MS = 1000;

/** A disruption that is shown stays for so long: less cannot be read. Milliseconds. */
export const SHOW_FOR_MS = 1000;

/** What is shown of a connection, and what is true. */
export interface SteadyState {
  readonly shown: ConnectionSnapshot;
  readonly shownSinceMs: number;
  readonly actual: ConnectionSnapshot;
  /** Since when the connection has been in passing phases without interruption. */
  readonly passingSinceMs: number | undefined;
}

/** What is true now. */
export interface Observation {
  readonly actual: ConnectionSnapshot;
  /** Milliseconds on a clock that never goes back. */
  readonly nowMs: number;
}

/** Shows a connection for the first time: as it is. Nothing has been read yet that could flash. */
export function beginSteady(actual: ConnectionSnapshot): SteadyState {
  const passingSinceMs = isPassing(phaseOf(actual)) ? Number.NEGATIVE_INFINITY : undefined;
  return { shown: actual, shownSinceMs: Number.NEGATIVE_INFINITY, actual, passingSinceMs };
}

/**
 * Takes in what is true now, and shows it unless that would flash:
 * - a passing phase is held back for {@link SHOW_AFTER_MS} where all was well before;
 * - a passing phase that is shown stays for {@link SHOW_FOR_MS}, whatever comes;
 * - everything else is shown at once, and details of the phase that is shown always are.
 */
export function settle(state: SteadyState, { actual, nowMs }: Observation): SteadyState {
  const passingSinceMs = isPassing(phaseOf(actual)) ? (state.passingSinceMs ?? nowMs) : undefined;
  const next = { ...state, actual, passingSinceMs };
  if (isShown(next)) return { ...next, shown: actual };
  return nowMs >= showAtMs(next) ? { ...next, shown: actual, shownSinceMs: nowMs } : next;
}

/** When to {@link settle} again although nothing has changed; `undefined` for never. */
export function steadyDeadlineMs(state: SteadyState): number | undefined {
  return isShown(state) ? undefined : showAtMs(state);
}

function isShown({ shown, actual }: SteadyState): boolean {
  return phaseOf(shown) === phaseOf(actual);
}

/** From when on the actual phase may be shown. */
function showAtMs({ shown, shownSinceMs, passingSinceMs }: SteadyState): number {
  const phase = phaseOf(shown);
  if (isPassing(phase)) return shownSinceMs + SHOW_FOR_MS;
  // After `failed` any movement is news: it is the answer to somebody who pressed a button.
  const isHeldBack = passingSinceMs !== undefined && phase !== "failed";
  return isHeldBack ? passingSinceMs + SHOW_AFTER_MS : Number.NEGATIVE_INFINITY;
}
