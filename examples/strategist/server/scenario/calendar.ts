// The campaign clock: minutes since the Monday morning on which the story begins.

/** Monday 7 December 2026, 06:00 in the city, as UTC milliseconds. */
const BEGIN_MS = Date.UTC(2026, 11, 7, 0, 30);
const CITY_OFFSET_MS = 5.5 * 60 * 60 * 1000;

/** One campaign minute passes in about one second of real time. */
export const MINUTES_PER_SECOND = 1;

/**
 * The moment `minute` campaign minutes after the beginning as ISO 8601 with the city's own offset,
 * to the second: `2026-12-07T06:00:00+05:30`.
 */
export function isoAtMinute(minute: number): string {
  const local = new Date(BEGIN_MS + CITY_OFFSET_MS + minute * 60_000);
  return `${local.toISOString().slice(0, 19)}+05:30`;
}

/** The hour of day in the city, with fraction, 0 ≤ h < 24. */
export function hourOfDay(minute: number): number {
  return (((minute / 60 + 6) % 24) + 24) % 24;
}

/**
 * How fast the campaign clock runs compared with its usual pace. Few things happen at night, so the
 * night passes quickly instead of leaving the feed empty.
 */
export function paceAt(minute: number): number {
  const hour = hourOfDay(minute);
  if (hour >= 23 || hour < 5.5) return 9;
  if (hour >= 21.5 || hour < 6.5) return 3;
  return 1;
}
