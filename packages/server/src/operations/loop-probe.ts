// Measures how late the event loop of this process is.

import type { HubEnvironment, StopTimer } from "../hub/environment.js";

/** Whether the process is alive. */
export interface Liveness {
  readonly ok: boolean;
  /** How late the event loop was when it was last measured, in milliseconds. */
  readonly eventLoopDelayMs: number;
}

/** Lateness up to which a process counts as alive: the time in which readers have given up and gone. */
export const LOOP_ALIVE_MS = 5000;

/** How often it is measured. */
const PROBE_MS = 500;

/** Measures until it is stopped. Its timer keeps no process alive. */
export class LoopProbe {
  readonly stop: StopTimer;
  #delayMs = 0;

  constructor(environment: Pick<HubEnvironment, "nowMs" | "every">) {
    let dueMs = environment.nowMs() + PROBE_MS;
    this.stop = environment.every(PROBE_MS, () => {
      const nowMs = environment.nowMs();
      this.#delayMs = Math.max(0, Math.round(nowMs - dueMs));
      dueMs = nowMs + PROBE_MS;
    });
  }

  live(maxDelayMs: number): Liveness {
    return { ok: this.#delayMs <= maxDelayMs, eventLoopDelayMs: this.#delayMs };
  }
}
