// The geometry of the plot: times become places. Pure.

import type { IncidentReport } from "../../client/index.js";

/** One drop as a lane of the plot; places are fractions of its width, from 0 to 1. */
export interface Lane {
  readonly incident: IncidentReport;
  /** Where it was noticed, and where it was healed, or has come to by now. */
  readonly detected: number;
  readonly healed: number;
  readonly detectedAfterMs: number;
  /** `undefined` while it lasts. */
  readonly healedAfterMs: number | undefined;
}

/** The lanes, newest first, and the axis above them. */
export interface Plot {
  readonly lanes: readonly Lane[];
  readonly ticks: readonly { readonly at: number; readonly ms: number }[];
  /** Whether any drop lasts. */
  readonly isOngoing: boolean;
}

/** The axis reaches at least so far: the promise is to be live again within it. */
const LEAST_SCALE_MS = 5000;
const TICKS_MS = [1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000, 1_800_000, 7_200_000];
/** Ticks that are nearer to each other than this, or to the end, could not be read. */
const LEAST_TICK_DISTANCE = 0.1;

/**
 * Plots drops against the time since the last byte before them.
 *
 * The axis is that of square roots: a drop of a second can still be read beside one of some minutes.
 *
 * @param nowMs where a drop that lasts has come to; `undefined` to show what is known of it
 */
export function plotDrops(
  incidents: readonly IncidentReport[],
  { limit, nowMs }: { readonly limit: number; readonly nowMs: number | undefined },
): Plot {
  const shown = incidents.slice(-limit).reverse();
  const endOf = ({ healedAtMs, begunAtMs, detectedAtMs, lastByteAtMs }: IncidentReport) =>
    (healedAtMs ?? Math.max(nowMs ?? 0, begunAtMs ?? 0, detectedAtMs)) - lastByteAtMs;
  const fullMs = Math.max(LEAST_SCALE_MS, ...shown.map((incident) => endOf(incident) * 1.04));
  // A clock that was set back between two moments makes no negative lengths.
  const place = (ms: number) => Math.sqrt(Math.max(0, ms) / fullMs);
  const lanes = shown.map((incident): Lane => {
    const { lastByteAtMs, detectedAtMs, healedAtMs } = incident;
    const detectedAfterMs = Math.max(0, detectedAtMs - lastByteAtMs);
    return {
      incident,
      detected: place(detectedAfterMs),
      healed: Math.max(place(detectedAfterMs), place(endOf(incident))),
      detectedAfterMs,
      healedAfterMs: healedAtMs && Math.max(0, healedAtMs - lastByteAtMs),
    };
  });
  return { lanes, ticks: ticksUpTo(fullMs, place), isOngoing: lanes.some(isOngoing) };
}

function isOngoing({ healedAfterMs }: Lane): boolean {
  return healedAfterMs === undefined;
}

function ticksUpTo(fullMs: number, place: (ms: number) => number): Plot["ticks"] {
  const ticks: { at: number; ms: number }[] = [];
  // From the longest down: the far end is what the eye looks for.
  for (const ms of TICKS_MS.filter((tickMs) => tickMs <= fullMs).reverse()) {
    const at = place(ms);
    if ((ticks[0]?.at ?? Infinity) - at >= LEAST_TICK_DISTANCE) ticks.unshift({ at, ms });
  }
  return ticks.filter(({ at }) => at >= LEAST_TICK_DISTANCE);
}
