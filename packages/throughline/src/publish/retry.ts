// How long to wait before the next attempt.

const FIRST_MS = 200;

/** A hub that is back should not wait longer for what it missed. */
const CAP_MS = 10_000;

/**
 * Milliseconds until the next attempt: exponential with jitter, at least `floorMs`. The jitter comes on
 * top of the floor, so that publishers who were all told the same number do not come back as one.
 *
 * @param failures attempts that have failed, at least 1
 */
export function retryDelayMs(failures: number, floorMs: number, random: () => number): number {
  const halfMs = Math.min(FIRST_MS * 2 ** Math.min(failures - 1, 16), CAP_MS) / 2;
  return Math.max(floorMs, halfMs) + random() * halfMs;
}
