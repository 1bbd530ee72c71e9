// Figures of each ward over the last hours of the campaign: how much is said, and in what mood.

import type { FeedItem } from "./wire.js";

/** One stretch of campaign time. */
export interface WardBucket {
  readonly volume: number;
  /** Of these, how many are high or critical. */
  readonly urgent: number;
  /** Mean mood of its posts, -1 to 1; `undefined` where nobody posted. */
  readonly mood: number | undefined;
}

/** One ward at a glance. */
export interface WardFigures {
  readonly ward: string;
  /** Oldest first; always `BUCKETS` of them. */
  readonly buckets: readonly WardBucket[];
  readonly volume: number;
  readonly urgent: number;
  /** Mean mood over the later half of the time; `undefined` where nobody posted. */
  readonly mood: number | undefined;
  /** How much the mood differs from the earlier half. */
  readonly moodChange: number | undefined;
}

export const BUCKETS = 12;
/** Half an hour of the campaign, which holds three or four items of each ward. */
export const BUCKET_MS = 30 * 60 * 1000;

/** Moods as numbers from -1 to 1; moods of another name count as neutral. */
const moods: Readonly<Record<string, number>> = {
  Anger: -1,
  Frustration: -0.6,
  Concern: -0.35,
  Neutral: 0,
  Hopeful: 0.5,
  Joy: 0.8,
  Pride: 0.9,
};

interface Tally {
  volume: number;
  urgent: number;
  moodSum: number;
  posts: number;
}

/** Computes the figures of all `wards`, in their order, for the hours before the newest item. */
export function computeWardFigures(
  items: readonly FeedItem[],
  wards: readonly string[],
): readonly WardFigures[] {
  const endMs = items.reduce((latest, item) => Math.max(latest, item.happenedAtMs), 0);
  // Buckets begin at fixed times, so that a bar does not change its past while time goes on.
  const lastBucket = Math.floor(endMs / BUCKET_MS);
  const tallies = new Map(wards.map((ward) => [ward, emptyTallies()]));
  for (const item of items) {
    const index = Math.floor(item.happenedAtMs / BUCKET_MS) - lastBucket + BUCKETS - 1;
    const tally = tallies.get(item.ward)?.[index];
    if (tally === undefined) continue;
    tally.volume += 1;
    if (item.priority === "critical" || item.priority === "high") tally.urgent += 1;
    if (item.emotion === undefined) continue;
    tally.moodSum += moods[item.emotion] ?? 0;
    tally.posts += 1;
  }
  return [...tallies].map(([ward, buckets]) => summarise(ward, buckets));
}

function emptyTallies(): Tally[] {
  return Array.from({ length: BUCKETS }, () => ({ volume: 0, urgent: 0, moodSum: 0, posts: 0 }));
}

function summarise(ward: string, tallies: readonly Tally[]): WardFigures {
  const mood = meanMood(tallies.slice(BUCKETS / 2));
  const before = meanMood(tallies.slice(0, BUCKETS / 2));
  return {
    ward,
    buckets: tallies.map((tally) => ({
      volume: tally.volume,
      urgent: tally.urgent,
      mood: meanMood([tally]),
    })),
    volume: tallies.reduce((sum, tally) => sum + tally.volume, 0),
    urgent: tallies.reduce((sum, tally) => sum + tally.urgent, 0),
    mood,
    moodChange: mood === undefined || before === undefined ? undefined : mood - before,
  };
}

function meanMood(tallies: readonly Tally[]): number | undefined {
  const posts = tallies.reduce((sum, tally) => sum + tally.posts, 0);
  if (posts === 0) return undefined;
  return tallies.reduce((sum, tally) => sum + tally.moodSum, 0) / posts;
}
