// Shuts a hub down without losing anybody: every reader is told, leaves (or is ended in good order)
// at a moment of its own, and so they do not come to the successor as one.

import type { HubCore } from "./core.js";
import { integerOption } from "./option-checks.js";

/** How to shut down. */
export interface CloseOptions {
  /**
   * Milliseconds within which all readers have to be gone. Default 10 000; 0 ends all at once. Each
   * is given a time of its own in the second half. At most a day.
   */
  readonly withinMs?: number | undefined;
}

/** Time for a handover with a crowd: half of it to go, half to be spread over. */
const DEFAULT_CLOSE_MS = 10_000;

/** Far below what a timer can hold. */
const LONGEST_CLOSE_MS = 86_400_000;

/** Readers get at least this share of the time: what has to be spread is the end. */
const LEAST_SHARE = 0.5;

/** @throws StreamError `invalid-option` */
export function resolveCloseMs({ withinMs = DEFAULT_CLOSE_MS }: CloseOptions): number {
  return integerOption("withinMs", withinMs, 0, LONGEST_CLOSE_MS);
}

/** Resolves when the last reader is gone and nothing of the hub is left running. */
export async function closeConnections(core: HubCore, withinMs: number): Promise<void> {
  core.isClosing = true;
  const { connections, environment, feeds } = core;
  for (const subscriber of connections.all()) {
    const share = LEAST_SHARE + (1 - LEAST_SHARE) * environment.random();
    const ownMs = Math.round(withinMs * share);
    subscriber.sayFarewell(connections.toTicks(ownMs), ownMs);
  }
  const stopFinish = environment.after(withinMs, () => {
    for (const subscriber of connections.all()) subscriber.finish();
  });
  const stopCut = environment.after(withinMs + connections.flushWithinMs, () => {
    for (const subscriber of connections.all()) subscriber.cut();
  });
  await connections.empty();
  stopFinish();
  stopCut();
  feeds.closeAll();
}
