// When a worker that has ended is replaced: soon, and later each time that it does not last.

/** The first replacement comes so late, in milliseconds: readers need longer to notice. */
const FIRST_MS = 100;

/** The latest that a replacement comes: two attempts a minute, for as long as anybody cares to wait. */
const MOST_MS = 30_000;

/** A worker that has lived for so long has lasted. */
const LASTED_MS = 60_000;

/** The delays of one worker and its successors. */
export class RestartDelays {
  #nextMs = FIRST_MS;

  /** @returns milliseconds until the next one is to be started */
  next(livedMs: number): number {
    if (livedMs >= LASTED_MS) this.#nextMs = FIRST_MS;
    const delayMs = this.#nextMs;
    this.#nextMs = Math.min(2 * delayMs, MOST_MS);
    return delayMs;
  }
}
