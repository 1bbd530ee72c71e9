// The states of a connection as a person sees them.

import type { ConnectionSnapshot } from "../client/index.js";

/**
 * What a connection looks like from outside. It differs from the state in one point: a wait and the
 * attempt after it, which may take turns several times a second, are both `reconnecting`; only an
 * attempt that comes after no failure is `connecting`.
 */
export type ConnectionPhase =
  | "idle"
  | "connecting"
  | "live"
  | "stale"
  | "reconnecting"
  | "paused"
  | "closed"
  | "failed";

/** The phase of a connection. */
export function phaseOf({ state, reason }: ConnectionSnapshot): ConnectionPhase {
  if (state === "waiting") return "reconnecting";
  if (state !== "connecting") return state;
  // A native EventSource does not tell its first attempt from a later one.
  return reason === "opening" || reason === "native" ? "connecting" : "reconnecting";
}

/** Whether a phase can be expected to pass by itself, for the better or for the worse. */
export function isPassing(phase: ConnectionPhase): boolean {
  return (
    phase === "idle" || phase === "connecting" || phase === "stale" || phase === "reconnecting"
  );
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
  "stale",
  "reconnecting",
  "failed",
];
