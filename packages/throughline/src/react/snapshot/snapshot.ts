// A state as of one place in the stream, and what comes after that place.

import { decodeCursor } from "../../core/index.js";

/** What is known when a snapshot is asked for. */
export interface SnapshotRequest {
  /** `start`: there is no state yet. `gap`: events are missing for good. */
  readonly cause: "start" | "gap";
  /**
   * Where the stream stands now. The events after it are put on top of the snapshot, so the snapshot
   * has to be at least as new. Empty where the server gives no ids.
   */
  readonly lastEventId: string;
  /** Aborted when the answer is of no use any more. */
  readonly signal: AbortSignal;
}

/** A state that the application has loaded. */
export interface Snapshot<S> {
  readonly state: S;
  /**
   * The cursor of the last event that `state` contains, as the server says. With it no event is
   * applied twice. Without it an event that came while the snapshot was loaded may be in it already,
   * and is applied once more: the reducer has to bear that, as one that sets rows by their keys does.
   */
  readonly lastEventId?: string | undefined;
}

/**
 * How cursor `a` stands to cursor `b`: negative for before, positive for after; `undefined` where
 * nobody can know.
 */
function compareCursors(a: string, b: string): number | undefined {
  if (a === b) return 0;
  const [one, other] = [decodeCursor(a), decodeCursor(b)];
  if (one === undefined || one.epoch !== other?.epoch) return undefined;
  return one.offset - other.offset;
}

/** Whether a snapshot may lack events that were read, or skipped by a gap, before it was asked for. */
export function isTooOld(snapshotId: string | undefined, askedAt: string): boolean {
  if (snapshotId === undefined) return false;
  const difference = compareCursors(snapshotId, askedAt);
  // Of two epochs of the stream nobody can say which events are in both.
  if (difference === undefined) return hasEpochs(snapshotId, askedAt);
  return difference < 0;
}

function hasEpochs(...cursors: readonly string[]): boolean {
  return cursors.every((cursor) => decodeCursor(cursor) !== undefined);
}

/** Whether an event is in the snapshot. Only Throughline's own cursors can say. */
export function isContained(event: MessageEvent<string>, snapshotId: string | undefined): boolean {
  if (snapshotId === undefined) return false;
  return (compareCursors(event.lastEventId, snapshotId) ?? 1) <= 0;
}

/** Those of `events`, which follow each other in the stream, that are not in the snapshot. */
export function eventsAfter(
  events: readonly MessageEvent<string>[],
  snapshotId: string | undefined,
): readonly MessageEvent<string>[] {
  // An id of another kind is only recognised where it is seen.
  const at = events.findLastIndex(({ lastEventId }) => lastEventId === snapshotId);
  return events.slice(at + 1).filter((event) => !isContained(event, snapshotId));
}
