// How often one origin may ask: a bucket of tokens for each, as one number per origin.

/** How often something may be done. */
export interface Rate {
  /** How often for any length of time. */
  readonly perSecond: number;
  /** How often at once, after a rest. */
  readonly burst: number;
}

/**
 * Most origins that are remembered, some 2 MB. Whoever has been away for longest is forgotten first, and
 * begins anew with a full bucket: that favours nobody who keeps asking.
 */
export const MOST_BUCKETS = 10_000;

/** Buckets that are looked at, whether they are full again, whenever one is used. */
const SWEPT_PER_USE = 2;

/**
 * A bucket of tokens for each key, filled at a steady rate up to `burst`.
 *
 * A bucket is kept as the moment at which it will be full again (the generic cell rate algorithm, ITU-T
 * I.371): one that is full needs no memory, and no timer fills them. Each use costs the same however
 * many keys there are.
 */
export class TokenBuckets {
  readonly #intervalMs: number;
  readonly #burstMs: number;
  readonly #nowMs: () => number;
  /** When each bucket is full again; the key that was used last comes last. */
  readonly #fullAtMs = new Map<string, number>();
  #lastKey: string | undefined;

  constructor({ perSecond, burst }: Rate, nowMs: () => number) {
    this.#intervalMs = 1000 / perSecond;
    this.#burstMs = burst * this.#intervalMs;
    this.#nowMs = nowMs;
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#fullAtMs.size;
  }

  /**
   * Takes one token.
   *
   * @returns 0 if there was one; else the milliseconds after which there will be
   */
  take(key: string): number {
    const nowMs = this.#nowMs();
    const fullAtMs = Math.max(this.#fullAtMs.get(key) ?? nowMs, nowMs);
    const waitMs = fullAtMs + this.#intervalMs - this.#burstMs - nowMs;
    // Sums of fractions are not exact; a millionth of a millisecond is nobody's token.
    const isThere = waitMs <= 1e-6;
    this.#remember(key, isThere ? fullAtMs + this.#intervalMs : fullAtMs, nowMs);
    return isThere ? 0 : waitMs;
  }

  /** Takes more for something that has been let in already; what is missing is owed. */
  charge(key: string, tokens: number): void {
    if (tokens <= 0) return;
    const nowMs = this.#nowMs();
    const fullAtMs = Math.max(this.#fullAtMs.get(key) ?? nowMs, nowMs);
    this.#remember(key, fullAtMs + tokens * this.#intervalMs, nowMs);
  }

  #remember(key: string, fullAtMs: number, nowMs: number): void {
    // Who asks again and again is the last one already. To move it would make the map anew every few
    // times, and what a map has been made of before keeps its keys and values from being collected.
    if (key !== this.#lastKey) this.#fullAtMs.delete(key);
    this.#lastKey = key;
    this.#fullAtMs.set(key, fullAtMs);
    let swept = 0;
    for (const [oldest, oldestFullAtMs] of this.#fullAtMs) {
      const isTooMany = this.#fullAtMs.size > MOST_BUCKETS;
      if (isTooMany || oldestFullAtMs <= nowMs) this.#fullAtMs.delete(oldest);
      swept += 1;
      if (swept === SWEPT_PER_USE) return;
    }
  }
}
