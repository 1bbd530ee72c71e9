// How long to wait before the next attempt, and how long an attempt may take.
// Two tracks, because two things can be wrong; SPEC.md, "Two tracks".

import type { Connecting, ConnectionLimits, Handover, Memory } from "./state.js";

/** On the path's track: the first wait is at most this. */
export const PATH_FIRST_MS = 300;

/**
 * The longest wait on the path's track, by what went wrong:
 * - `silence`: nothing came for so long that most of the 2 s in which recovery has to begin are over;
 *   that silence itself keeps attempts apart, so what is left is only jitter;
 * - `loss`: a stream was open and broke, and recovery has to begin within 2 s;
 * - `attempt`: recovery is under way; the cap keeps healing inside 5 s of the path being back.
 */
const PATH_CAP_MS = { silence: 100, loss: 1700, attempt: 3000 } as const;

/**
 * The shortest wait. A platform needs a moment to put an abandoned connection away: asked at once,
 * Node's `fetch` opens a second one, and keeps the first for a later request, by when it may be dead.
 */
const PATH_LEAST_MS = 30;

/** What a wait on the path's track comes after. */
export type PathFailure = keyof typeof PATH_CAP_MS;

/** On the server's track: the first window, and the cap. */
const SERVER_FIRST_MS = 1000;
const SERVER_CAP_MS = 30_000;

/** Milliseconds until the next attempt where the path failed: exponential, full jitter, low cap. */
export function pathDelayMs(after: PathFailure, failures: number, random: () => number): number {
  const mostMs = Math.min(exponential(PATH_FIRST_MS, failures), PATH_CAP_MS[after]);
  return PATH_LEAST_MS + random() * (mostMs - PATH_LEAST_MS);
}

/**
 * Milliseconds until the next attempt where the server has spoken: exponential, at least `floorMs`,
 * jittered upwards, so that readers who were all told the same number do not come back as one.
 */
export function serverDelayMs(rebuffs: number, floorMs: number, random: () => number): number {
  const halfMs = Math.min(exponential(SERVER_FIRST_MS, rebuffs), SERVER_CAP_MS) / 2;
  return Math.max(floorMs, halfMs) + random() * halfMs;
}

/** The floor that a `retry:` field sets for a reconnect after a clean end. */
export function retryFloorMs(memory: Memory, { maxRetryMs }: ConnectionLimits): number {
  return Math.min(memory.retryMs ?? 0, maxRetryMs);
}

/**
 * Milliseconds that the application may take to name its headers: long enough for a token service
 * that is slow, short enough that one which never answers is asked again.
 */
export const ASK_WITHIN_MS = 30_000;

/**
 * Milliseconds that a handover waits for the application's headers, and again for the first byte. The
 * present connection goes on meanwhile, so there is no hurry.
 */
const HANDOVER_WITHIN_MS = 10_000;

/** Unanswered requests in a row, after which a server may be one that answers with its first event. */
const PATIENT_AFTER = 8;

/** When an unanswered request is given up: later while requests hang. */
export function answerDueMs(state: Connecting, limits: ConnectionLimits): number {
  const { startedMs, isAsking, memory } = state;
  if (isAsking) return startedMs + ASK_WITHIN_MS;
  const { stalls, slownessMs, wasLive, isOurs } = memory;
  const grown = limits.connectTimeoutMs * 1.5 ** Math.max(0, stalls - 1);
  const isPatient = !isOurs && !wasLive && stalls > PATIENT_AFTER;
  const most = isPatient ? limits.patienceMs : mostPromptMs(limits);
  return startedMs + Math.max(Math.min(grown, most), Math.min(2 * slownessMs, limits.patienceMs));
}

/** How slow a server is that took so long to answer; 0 where no more patience is needed than for any. */
export function slownessOf(tookMs: number, limits: ConnectionLimits): number {
  return tookMs > mostPromptMs(limits) ? tookMs : 0;
}

function mostPromptMs({ connectTimeoutMs, maxConnectTimeoutMs }: ConnectionLimits): number {
  return Math.max(connectTimeoutMs, maxConnectTimeoutMs);
}

/** When a handover is to begin, or to be given up. */
export function handoverDueMs(handover: Handover | undefined): number | undefined {
  if (handover === undefined) return undefined;
  return handover.name === "planned" ? handover.atMs : handover.startedMs + HANDOVER_WITHIN_MS;
}

/** `firstMs` doubled for every failure after the first; bounded, so that it stays a number. */
function exponential(firstMs: number, count: number): number {
  return firstMs * 2 ** Math.min(Math.max(count - 1, 0), 16);
}
