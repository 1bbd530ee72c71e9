/** A look that is so much later than planned, in milliseconds, shows that the program itself stood still. */
const LATE_MS = 200;

/** How long nobody is judged after that: what has arrived meanwhile is read in this time. */
const GRACE_MS = 1000;

/**
 * Says at every look of a crowd's watchdogs whether their verdict counts. A program that slept must not
 * take its own sleep for the peer's silence; the client does the same (`core/connection/SPEC.md`,
 * invariant 9).
 */
export class Wakefulness {
  readonly #everyMs: number;
  #dueMs: number;
  #judgesFromMs: number;

  /** For looks that are planned every so many milliseconds, from now on. */
  constructor(everyMs: number, nowMs: number) {
    this.#everyMs = everyMs;
    this.#dueMs = nowMs + everyMs;
    this.#judgesFromMs = nowMs;
  }

  /** Notes a look. False for a second after one that came late. */
  mayJudge(nowMs: number): boolean {
    if (nowMs - this.#dueMs > LATE_MS) this.#judgesFromMs = nowMs + GRACE_MS;
    this.#dueMs = nowMs + this.#everyMs;
    return nowMs >= this.#judgesFromMs;
  }
}
