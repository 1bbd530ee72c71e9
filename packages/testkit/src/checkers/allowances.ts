// How long a reader may let pass before it does something: every bound and every exception to it, each with
// the sentence that it is taken from. The numbers are written down here anew, and not taken from the code that
// they are held against. "SPEC" is packages/throughline/src/core/connection/SPEC.md.

/** An open stream that announced a pulse has fallen silent, or has broken: SPEC, invariant 4; PROTOCOL §9.2. */
export const BEGIN_MS = 2000;

/** The same while polling: SPEC, invariant 4. */
export const BEGIN_POLLING_MS = 4800;

/** Between attempts that fail at once: SPEC, "Two tracks"; PROTOCOL §9.2. */
export const BETWEEN_ATTEMPTS_MS = 3000;

/** A request that nobody answers, and the wait after it: SPEC, invariant 5. */
export const HUNG_MS = 3600 + 100;

/** From the moment in which the path allows it to a stream that is read and complete: promise 2. */
export const HEAL_MS = 5000;

/** A response has to last so long, with data, before the past is forgotten: SPEC, invariant 6. */
export const PROVEN_MS = 5000;

/** A stream that ended in good order before it had lasted: SPEC, "Two tracks", the server's track. */
export const SHORT_STREAM_FLOOR_MS = 1200;

/** Answers that say that a proxy's backend restarts count as a failing path for so long: SPEC, same place. */
export const UNAVAILABLE_IS_PATH_MS = 120_000;

/** A server that has never answered may be one that answers late, after so many requests: SPEC, invariant 5. */
export const PATIENT_AFTER_REQUESTS = 8;

/**
 * Behind a proxy that collects bytes healing may take so much longer, until short responses have taken over: two
 * requests that fall silent, and a trial, with the waits between: SPEC, "Short responses", "Recognised".
 */
export const CHANGE_OVER_MS = 8000;

/**
 * "From now on" is where the hub is, and it may not have noticed yet what was stored so lately: it stood still, or its
 * disk is slow, or the log was replaced under it: PROTOCOL §4.
 */
export const HUB_LAG_MS = 5000;

/** A replay hands out pages as they are taken, so that at worst half of a TCP window is on its way. */
export const USED_WINDOW_SHARE = 0.5;

/**
 * The longest wait on the server's track: SPEC, "Two tracks"; PROTOCOL §9.3.
 *
 * @param rebuffs how often the server has spoken in a row
 * @param floorMs what it has asked for
 */
export function serverTrackMs(rebuffs: number, floorMs: number): number {
  const capMs = Math.min(1000 * 2 ** (rebuffs - 1), 30_000);
  return Math.max(floorMs, capMs / 2) + capMs / 2;
}
