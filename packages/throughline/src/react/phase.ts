// The states of a connection as a person sees them.

import type { ConnectionSnapshot } from "../client/index.js";

/**
 * What a connection looks like from outside. It differs from the state in two points: a wait and the
 * attempt after it, which may take turns several times a second, are both `reconnecting`; only an
 * attempt that comes after no failure is `connecting`. And a connection that is live, but whose
 * server says that what fills the stream is away, is `source-stale`: nothing new comes.
 */
export type ConnectionPhase =
  | "idle"
  | "connecting"
  | "live"
  | "stale"
  | "source-stale"
  | "reconnecting"
  | "paused"
  | "closed"
  | "failed";

/** The phase of a connection. */
export function phaseOf({ state, reason, source }: ConnectionSnapshot): ConnectionPhase {
  if (state === "live" && source?.state === "stale") return "source-stale";
  if (state === "waiting") return "reconnecting";
  if (state !== "connecting") return state;
  // A native EventSource does not tell its first attempt from a later one.
  return reason === "opening" || reason === "native" ? "connecting" : "reconnecting";
}

/** Whether a phase can be expected to pass by itself, for the better or for the worse. */
export function isPassing(phase: ConnectionPhase): boolean {
  return !/live|paused|closed|failed/.test(phase);
}

/**
 * The phases by how much they matter to somebody who sees several connections as one; the worst
 * comes last. What needs the person is worst, then what is broken, then what is doubtful or on its
 * way, then what rests. `live` outranks only `closed`: a stream that is complete is no reason to call
 * the others anything but live.
 */
export const BY_SEVERITY: readonly ConnectionPhase[] = [
  "closed",
  "live",
  "idle",
  "paused",
  "connecting",
  "source-stale",
  "stale",
  "reconnecting",
  "failed",
];
