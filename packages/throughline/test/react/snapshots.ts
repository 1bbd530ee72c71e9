// Snapshots of connections as tests need them.

import type { ConnectionSnapshot } from "throughline";
import { IDLE_SNAPSHOT } from "../../src/react/connection-summary.js";

/** A connection, by what matters to the test. */
export function connectionIn(
  state: ConnectionSnapshot["state"],
  rest: Partial<ConnectionSnapshot> = {},
): ConnectionSnapshot {
  return { ...IDLE_SNAPSHOT, state, reason: USUAL_REASONS[state], ...rest };
}

const USUAL_REASONS: Readonly<Record<ConnectionSnapshot["state"], ConnectionSnapshot["reason"]>> = {
  idle: "not-started",
  connecting: "opening",
  live: "open",
  stale: "silent",
  waiting: "network",
  paused: "suspended",
  closed: "complete",
  failed: "refused",
};
