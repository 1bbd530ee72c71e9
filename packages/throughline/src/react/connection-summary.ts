// Several connections as one.

import type { ConnectionSnapshot, ConnectionStatistics } from "../client/index.js";
import { BY_SEVERITY, phaseOf } from "./phase.js";

/** Several connections as one: the worst of them, and what all of them have been through. */
export interface ConnectionSummary extends ConnectionSnapshot {
  /** How many connections there are. */
  readonly sources: number;
}

/** A connection that has not been asked for: on the server, before the first effect, without URL. */
export const IDLE_SNAPSHOT: ConnectionSnapshot = {
  state: "idle",
  reason: "not-started",
  sinceMs: 0,
  attempts: 0,
  nextAttemptAtMs: undefined,
  transport: "throughline",
  isDegraded: false,
  source: undefined,
  gap: undefined,
  incidents: [],
  statistics: {
    eventsDelivered: 0,
    duplicatesDropped: 0,
    requests: 0,
    bytes: 0,
    gaps: 0,
    incidents: 0,
  },
};

/** The summary of no connection at all. */
export const NO_SOURCES: ConnectionSummary = { ...IDLE_SNAPSHOT, sources: 0 };

/** Incidents kept, newest first to stay: as many as one connection keeps. */
const KEPT_INCIDENTS = 50;

/**
 * Sums up connections.
 *
 * State, reason, times, attempts and transport are those of the worst connection, by the order
 * failed, reconnecting, stale, source stale, connecting, paused, idle, live, closed; among equals, of the one
 * that has been so for the longest. It is degraded where any of them is. The gap is the newest of all, the incidents are the newest 50
 * of all, oldest first, and the statistics are sums.
 */
export function summarize(snapshots: readonly ConnectionSnapshot[]): ConnectionSummary {
  return {
    ...snapshots.reduce(worse, snapshots[0] ?? NO_SOURCES),
    isDegraded: snapshots.some(({ isDegraded }) => isDegraded),
    gap: snapshots
      .flatMap(({ gap }) => gap ?? [])
      .sort((a, b) => a.atMs - b.atMs)
      .at(-1),
    incidents: snapshots
      .flatMap(({ incidents }) => incidents)
      .sort((a, b) => a.detectedAtMs - b.detectedAtMs)
      .slice(-KEPT_INCIDENTS),
    statistics: snapshots.map(({ statistics }) => statistics).reduce(add, IDLE_SNAPSHOT.statistics),
    sources: snapshots.length,
  };
}

function worse(a: ConnectionSnapshot, b: ConnectionSnapshot): ConnectionSnapshot {
  const difference = BY_SEVERITY.indexOf(phaseOf(b)) - BY_SEVERITY.indexOf(phaseOf(a));
  if (difference !== 0) return difference > 0 ? b : a;
  return b.sinceMs < a.sinceMs ? b : a;
}

function add(a: ConnectionStatistics, b: ConnectionStatistics): ConnectionStatistics {
  const sum: { -readonly [K in keyof ConnectionStatistics]: number } = { ...a };
  for (const name of Object.keys(sum) as (keyof ConnectionStatistics)[]) sum[name] += b[name];
  return sum;
}
