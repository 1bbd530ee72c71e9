// When an open connection counts as silent, and when as lost.

import type { PulseTiming } from "../protocol.js";
import type { Live, Stale } from "./state.js";

/** Stale after this share of the way from one pulse to the deadline: late, but not yet lost. */
const STALE_SHARE = 0.4;

/** A deadline noticed this much too late proves that this program slept, not that the peer did. */
const SLEPT_MS = 500;

/** After sleeping, bytes that have long arrived get this much time to be read. */
const VERIFY_MS = 400;

/** Milliseconds of silence after which a connection is stale. */
function staleAfterMs(pulse: PulseTiming): number {
  return pulse.intervalMs + (pulse.deadlineMs - pulse.intervalMs) * STALE_SHARE;
}

/** When the silence of an open connection is, or was, noteworthy; `undefined` without a pulse. */
export function staleAtMs(state: Live | Stale): number | undefined {
  const { pulse } = state.memory;
  return pulse === undefined ? undefined : state.lastByteMs + staleAfterMs(pulse);
}

/**
 * When a connection that has just become stale is lost. The deadline counts from the last byte; if
 * the clock is found far beyond the moment at which it should have been looked at, the program was
 * asleep, and the connection is given a moment to show that it lives.
 */
export function lostAt(
  state: Live,
  pulse: PulseTiming,
  nowMs: number,
): { ms: number; slept: boolean } {
  const deadlineMs = state.lastByteMs + pulse.deadlineMs;
  const slept = nowMs > deadlineMs + SLEPT_MS;
  return { ms: slept ? nowMs + VERIFY_MS : deadlineMs, slept };
}

/** Whether a stale connection's deadline was noticed so late that the program must have slept. */
export function sleptThrough(lostAtMs: number, nowMs: number): boolean {
  return nowMs > lostAtMs + SLEPT_MS;
}

/** When a connection that was slept through is lost, counted from now. */
export function verifyUntilMs(nowMs: number): number {
  return nowMs + VERIFY_MS;
}
