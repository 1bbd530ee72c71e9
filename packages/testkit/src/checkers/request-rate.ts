// Judges whether the requests of one client stay bounded, in every window of time.

/** A window, and how many requests it may hold. */
export interface RateBound {
  readonly windowMs: number;
  readonly most: number;
}

/**
 * The worst cases of SPEC, "Loop-back sites", as windows: streams that break at once make about 70 requests a
 * minute, polls 240. A burst of the first, short waits is inside the smaller windows.
 */
export const STREAM_BOUNDS: readonly RateBound[] = [
  { windowMs: 1000, most: 12 },
  { windowMs: 10_000, most: 30 },
  { windowMs: 60_000, most: 90 },
];

/** Four a second, and a trial or two. */
export const POLL_BOUNDS: readonly RateBound[] = [
  { windowMs: 1000, most: 8 },
  { windowMs: 60_000, most: 260 },
];

/** Takes note of requests. */
export class RequestRate {
  readonly #bounds: readonly RateBound[];
  readonly #moments: number[] = [];

  constructor(bounds: readonly RateBound[]) {
    this.#bounds = bounds;
  }

  /** Counts a request; tells which bound it breaks. */
  count(nowMs: number): RateBound | undefined {
    const moments = this.#moments;
    moments.push(nowMs);
    return this.#bounds.find(({ windowMs, most }) => {
      const first = moments.at(-1 - most);
      return first !== undefined && nowMs - first < windowMs;
    });
  }
}
