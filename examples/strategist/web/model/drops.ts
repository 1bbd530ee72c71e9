// Each disruption of the connection, as a line of a table and a bar of a plot.

import type { FaultName, FaultRecord } from "./fault.js";

/** A disruption as the connection reports it; milliseconds since 1970. */
export interface Incident {
  readonly reason: string;
  readonly lastByteAtMs: number;
  readonly detectedAtMs: number;
  readonly healedAtMs: number | undefined;
  readonly attempts: number;
}

/** One disruption. Durations are milliseconds and begin with the last byte before it. */
export interface Drop {
  readonly key: string;
  readonly reason: string;
  readonly lastByteAtMs: number;
  readonly detectedAfterMs: number;
  /** `undefined` while it lasts. */
  readonly healedAfterMs: number | undefined;
  /** The fault that the link had at the time, if it was one of ours. */
  readonly fault: FaultName | undefined;
  /** When the link was whole again; `undefined` without a lasting fault, or while it lasts. */
  readonly linkBackAfterMs: number | undefined;
  /** From the link being whole, and the loss known, to being live again. */
  readonly healedAfterLinkMs: number | undefined;
  readonly attempts: number;
}

/** A fault may show on the line a moment before the server has noted its beginning. */
const TOLERANCE_MS = 500;

/**
 * Lists disruptions, newest first.
 *
 * @param faults past and present, in the same clock as the incidents
 */
export function listDrops(
  incidents: readonly Incident[],
  faults: readonly FaultRecord[],
): readonly Drop[] {
  return incidents.map((incident) => describe(incident, faults)).reverse();
}

function describe(incident: Incident, faults: readonly FaultRecord[]): Drop {
  const { lastByteAtMs, detectedAtMs, healedAtMs } = incident;
  const fault = faults.findLast((candidate) => isCause(candidate, incident));
  const linkBackAtMs =
    fault === undefined || fault.endsAtMs === fault.startedAtMs ? undefined : fault.endsAtMs;
  return {
    key: String(detectedAtMs),
    reason: incident.reason,
    lastByteAtMs,
    detectedAfterMs: Math.max(0, detectedAtMs - lastByteAtMs),
    healedAfterMs: healedAtMs === undefined ? undefined : Math.max(0, healedAtMs - lastByteAtMs),
    fault: fault?.fault,
    linkBackAfterMs:
      linkBackAtMs === undefined ? undefined : Math.max(0, linkBackAtMs - lastByteAtMs),
    healedAfterLinkMs:
      healedAtMs === undefined
        ? undefined
        : Math.max(0, healedAtMs - Math.max(linkBackAtMs ?? detectedAtMs, detectedAtMs)),
    attempts: incident.attempts,
  };
}

/** The link was broken when the connection was lost, or was struck between last byte and notice. */
function isCause(fault: FaultRecord, { lastByteAtMs, detectedAtMs }: Incident): boolean {
  return (
    fault.startedAtMs <= detectedAtMs + TOLERANCE_MS &&
    fault.endsAtMs >= lastByteAtMs - TOLERANCE_MS
  );
}
