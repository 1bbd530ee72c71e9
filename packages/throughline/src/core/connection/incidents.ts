// The history of a connection as the reader of a state light sees it: each disruption, how fast it
// was noticed, how fast recovery began, and when the stream was live again.

import type { ConnectionReason, ConnectionState } from "./state.js";

/** One disruption. All times are milliseconds on the clock of the machine. */
export interface Incident {
  /** Add it to a time to get milliseconds since 1970: as it was when the disruption was noticed. */
  readonly epochOffsetMs: number;
  readonly reason: ConnectionReason;
  /** The last sign of life before it. */
  readonly lastByteMs: number;
  /** When it was noticed. */
  readonly detectedMs: number;
  /** When the first new request left; `undefined` while waiting for it. */
  readonly begunMs: number | undefined;
  /** When bytes of the stream came again; `undefined` while it lasts. */
  readonly healedMs: number | undefined;
  /** Requests made so far to heal it. */
  readonly attempts: number;
}

/** The disruptions of one connection. */
export interface IncidentLog {
  /** How many there have been. */
  readonly count: number;
  /** The newest {@link KEPT_INCIDENTS}, oldest first. */
  readonly recent: readonly Incident[];
}

/** Incidents kept: enough for a plot, and finite. */
const KEPT_INCIDENTS = 50;

export const NO_INCIDENTS: IncidentLog = { count: 0, recent: [] };

/** The same moment on the clock of the machine, and in milliseconds since 1970. */
export interface Clocks {
  readonly nowMs: number;
  readonly epochMs: number;
}

/**
 * Adds what one step of the machine means to the history.
 *
 * An incident begins when an open connection is lost (not when the application closes or restarts
 * it), and is healed by the first bytes of the next one: headers alone prove nothing.
 *
 * @returns the same log where nothing changed
 */
export function recordIncident(
  log: IncidentLog,
  before: ConnectionState,
  after: ConnectionState,
  { nowMs, epochMs }: Clocks,
): IncidentLog {
  const last = log.recent.at(-1);
  if (last !== undefined && last.healedMs === undefined) {
    const updated = follow(last, before, after, nowMs);
    return updated === last ? log : { ...log, recent: [...log.recent.slice(0, -1), updated] };
  }
  if (!isOpen(before) || !isDisrupted(after)) return log;
  const hasBegun = after.name === "connecting";
  const incident: Incident = {
    epochOffsetMs: epochMs - nowMs,
    reason: after.reason,
    lastByteMs: before.lastByteMs,
    detectedMs: nowMs,
    begunMs: hasBegun ? nowMs : undefined,
    healedMs: undefined,
    attempts: hasBegun ? 1 : 0,
  };
  return {
    count: log.count + 1,
    recent: [...log.recent.slice(-(KEPT_INCIDENTS - 1)), incident],
  };
}

function follow(
  incident: Incident,
  before: ConnectionState,
  after: ConnectionState,
  nowMs: number,
): Incident {
  if (isOpen(after) && after.hasData) return { ...incident, healedMs: nowMs };
  if (after.name !== "connecting" || before === after) return incident;
  return {
    ...incident,
    begunMs: incident.begunMs ?? nowMs,
    attempts: incident.attempts + 1,
  };
}

function isOpen(state: ConnectionState): state is Extract<ConnectionState, { lastByteMs: number }> {
  return state.name === "live" || state.name === "stale" || state.name === "polling";
}

/** A state that an open connection reaches only by a disruption. */
function isDisrupted(
  state: ConnectionState,
): state is Extract<ConnectionState, { name: "connecting" | "waiting" | "failed" }> {
  if (state.name === "failed") return true;
  return (state.name === "waiting" || state.name === "connecting") && state.reason !== "requested";
}
