// How a server is that has workers, from how each of them is.

import type { Readiness } from "../../operations/health.js";
import type { Liveness } from "../../operations/loop-probe.js";

/** What is known of one that serves. */
export interface WatchedWorker {
  readonly isReady: boolean;
  readonly isHeard: boolean;
  readonly readiness: Readiness | undefined;
}

/** Alive is a server whose primary is, and one of its workers. */
export function crewLiveness(primary: Liveness, workers: readonly WatchedWorker[]): Liveness {
  const { ok, eventLoopDelayMs } = primary;
  return { ok: ok && workers.some(({ isHeard }) => isHeard), eventLoopDelayMs };
}

/**
 * Ready is a server that has a ready worker: new readers come to it, and to no other. Where none is
 * ready, the first of them says why.
 */
export function crewReadiness(workers: readonly WatchedWorker[]): Readiness {
  const shown =
    workers.find(({ isReady }) => isReady) ??
    workers.find(({ isHeard, readiness }) => isHeard && readiness !== undefined);
  return shown?.readiness ?? NOBODY;
}

const NONE = { ok: false, reason: "no worker is there" } as const;
const NOBODY: Readiness = { ok: false, parts: { append: NONE, tail: NONE, serving: NONE } };
