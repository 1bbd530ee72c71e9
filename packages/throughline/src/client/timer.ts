// One timer that is cheap to move.

import type { Environment, TimerId } from "./environment.js";

/**
 * A timer for a deadline that moves all the time.
 *
 * It may ring early, never late: set for a moment, it is left alone when the deadline moves away from
 * it, which every chunk of a stream does. Who is rung early sets it anew.
 */
export class Timer {
  readonly #environment: Pick<Environment, "nowMs" | "setTimer" | "clearTimer">;
  readonly #ring: () => void;
  #id: TimerId;
  #dueMs = Number.POSITIVE_INFINITY;

  constructor(environment: Environment, ring: () => void) {
    this.#environment = environment;
    this.#ring = ring;
  }

  /** Rings at `dueMs` or earlier, on the environment's clock. */
  setNoLaterThan(dueMs: number): void {
    if (dueMs >= this.#dueMs) return;
    this.clear();
    this.#dueMs = dueMs;
    const delayMs = Math.max(0, Math.ceil(dueMs - this.#environment.nowMs()));
    this.#id = this.#environment.setTimer(() => {
      this.#dueMs = Number.POSITIVE_INFINITY;
      this.#ring();
    }, delayMs);
  }

  clear(): void {
    if (this.#dueMs === Number.POSITIVE_INFINITY) return;
    this.#environment.clearTimer(this.#id);
    this.#dueMs = Number.POSITIVE_INFINITY;
  }
}
