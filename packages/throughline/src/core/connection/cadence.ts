// How often a server that announces no pulse is heard, as its reader has observed it: many send a
// comment every so often. From a rhythm that is clear follows a deadline, with a generous margin.

import type { PulseTiming } from "../protocol.js";

/** What has been observed of the gaps between the chunks of one stream's responses. */
export interface Cadence {
  /** The longest gap, milliseconds; `Infinity` once a deadline drawn from it has been proven wrong. */
  readonly longestMs: number;
  /** How clearly gaps about that long come again and again. */
  readonly weight: number;
  /** Whether a response was given up because of it, and it has not been confirmed since. */
  readonly isDoubted: boolean;
}

/** What a chunk begins with. A comment is there for nothing but being heard. */
export type ChunkSign = "comment" | "other";

export const NO_CADENCE: Cadence = { longestMs: 0, weight: 0, isDoubted: false };

/**
 * Shorter gaps are within one burst, and say nothing of a rhythm. A little less than a second, because
 * what comes every second does not come after exactly that. Milliseconds.
 */
const SHORTEST_MS = 900;

/** Gaps are of one rhythm when their lengths differ by no more than this share, or this much. */
const TOLERANCE = 0.25;
const TOLERANCE_MS = 1000;

/** A rhythm is clear after four gaps that comments end, or twelve that anything else does. */
const CLEAR_WEIGHT = 12;
const WEIGHT_OF: Readonly<Record<ChunkSign, number>> = { comment: 3, other: 1 };

/** The deadline is this many of the longest gap, and a bit, because a server may be busy for once. */
const GAPS_TO_DEADLINE = 3;
const GRACE_MS = 2000;

/** Adds the gap before a chunk. Shorter ones than the longest mean that data came in between. */
export function observeGap(cadence: Cadence, gapMs: number, sign: ChunkSign): Cadence {
  const { longestMs, weight, isDoubted } = cadence;
  const isShorter = gapMs < longestMs * (1 - TOLERANCE) && gapMs < longestMs - TOLERANCE_MS;
  if (isShorter || gapMs < SHORTEST_MS) return cadence;
  // Silence that was taken for loss has turned out to be this server's way.
  if (isDoubted && gapMs > deadlineMs(longestMs))
    return { ...cadence, longestMs: Number.POSITIVE_INFINITY };
  const isLonger = gapMs > longestMs * (1 + TOLERANCE) && gapMs > longestMs + TOLERANCE_MS;
  const next = Math.min((isLonger ? 0 : weight) + WEIGHT_OF[sign], CLEAR_WEIGHT);
  return {
    longestMs: Math.max(longestMs, gapMs),
    weight: next,
    isDoubted: isDoubted && next < CLEAR_WEIGHT,
  };
}

/** The pulse that follows; `undefined` as long as no rhythm is clear. */
export function pulseFrom({ longestMs, weight }: Cadence): PulseTiming | undefined {
  if (weight < CLEAR_WEIGHT || longestMs === Number.POSITIVE_INFINITY) return undefined;
  return { intervalMs: longestMs, deadlineMs: deadlineMs(longestMs) };
}

/** What a connection remembers of how often its server is heard, as far as this changes it. */
export interface Pace {
  readonly cadence: Cadence;
  readonly pulse: PulseTiming | undefined;
}

/** The pace after one more gap: a clear rhythm stands in for a pulse, and no longer once it is not. */
export function learnPace({ cadence, pulse }: Pace, gapMs: number, sign: ChunkSign): Pace {
  const next = observeGap(cadence, gapMs, sign);
  const wasClear = pulseFrom(cadence) !== undefined;
  return { cadence: next, pulse: pulseFrom(next) ?? (wasClear ? undefined : pulse) };
}

/**
 * The pace after a response was given up that had announced no pulse itself: a rhythm has to become
 * clear anew before that happens again.
 */
export function doubtPace({ cadence }: Pace): Pace {
  const wasClear = pulseFrom(cadence) !== undefined;
  return { cadence: wasClear ? doubted(cadence) : cadence, pulse: undefined };
}

function doubted(cadence: Cadence): Cadence {
  return { ...cadence, weight: 0, isDoubted: true };
}

function deadlineMs(longestMs: number): number {
  return longestMs * GAPS_TO_DEADLINE + GRACE_MS;
}
