// Notices when this process stands still, because the machine has something else to do: what is measured in that time
// is the machine.

const LOOK_EVERY_MS = 20;

/** So many stalls are remembered: those of the runs that are under way. */
const MOST_KEPT = 1000;

/** A longer one spoils a run: it is a good part of the 200 ms that lie between what a client does and its promise. */
const SPOILING_MS = 100;

/** Knows when this process stood still. */
export class StallWitness {
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #endedMs: number[] = [];
  #dueMs = performance.now() + LOOK_EVERY_MS;
  #longestMs = 0;

  constructor() {
    this.#timer = setInterval(() => this.#look(performance.now()), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  /** The longest of all stalls, in milliseconds. */
  get longestMs(): number {
    return this.#longestMs;
  }

  /** Whether what was measured since that moment (of `performance.now()`) is worth nothing. */
  hasSpoiledSince(momentMs: number): boolean {
    return this.#endedMs.some((endedMs) => endedMs >= momentMs);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(nowMs: number): void {
    const lastedMs = nowMs - this.#dueMs;
    this.#dueMs = nowMs + LOOK_EVERY_MS;
    this.#longestMs = Math.max(this.#longestMs, lastedMs);
    if (lastedMs < SPOILING_MS) return;
    this.#endedMs.push(nowMs);
    if (this.#endedMs.length > MOST_KEPT) this.#endedMs.shift();
  }
}
