// What the hub needs from the machine it runs on, so that tests can step time.

import { randomBytes, randomUUID } from "node:crypto";

/** Stops a timer. Stopping twice does nothing. */
export type StopTimer = () => void;

/** Clock, timers and chance. Timers keep no process alive. */
export interface HubEnvironment {
  /** Milliseconds on a clock that never goes back. */
  nowMs(): number;
  /** Milliseconds since 1970 by the machine's calendar, which may be set back and forth. */
  wallMs(): number;
  /** A number from 0 up to, but not including, 1. */
  random(): number;
  /** A name for this hub among those that serve the same streams. */
  newHubId(): string;
  /** A name for a connection that nobody can guess. */
  newConnectionId(): string;
  /** A name for a request that came without one. */
  newRequestId(): string;
  /**
   * Runs `task` once, after all input that is ready now has been read: what arrives together is
   * served together.
   */
  defer(task: () => void): void;
  after(delayMs: number, task: () => void): StopTimer;
  every(intervalMs: number, task: () => void): StopTimer;
}

/** The environment of a Node process. */
export const nodeEnvironment: HubEnvironment = {
  nowMs: () => performance.now(),
  // Looked up at each call, like all the others: who steps time replaces them later.
  wallMs: () => Date.now(),
  random: () => Math.random(),
  newHubId: () => randomBytes(6).toString("base64url"),
  newConnectionId: randomUUID,
  newRequestId: randomUUID,
  // The check phase comes right after the poll phase, in which sockets are read.
  defer: (task) => {
    setImmediate(task);
  },
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs).unref();
    return () => clearTimeout(timer);
  },
  every: (intervalMs, task) => {
    const timer = setInterval(task, intervalMs).unref();
    return () => clearInterval(timer);
  },
};
