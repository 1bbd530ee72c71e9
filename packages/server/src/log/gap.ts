// Where a position lies between what is stored and what is not, decided alike by all logs.

import type { LogGap, StreamHead } from "./event-log.js";

/**
 * The gap that a reader at this position has to be told of; `undefined` where it can read on.
 *
 * @param after the offset after which it would go on, in the epoch given
 */
export function gapAfter(after: number, epoch: string, head: StreamHead): LogGap | undefined {
  const lastMissing = head.earliest - 1;
  if (epoch !== head.epoch || after > head.offset) {
    const offset = epoch === head.epoch ? head.offset : lastMissing;
    const resumeAfter = { epoch: head.epoch, offset };
    return { kind: "gap", reason: "reset", from: null, to: null, resumeAfter, head };
  }
  if (after >= lastMissing) return undefined;
  const resumeAfter = { epoch: head.epoch, offset: lastMissing };
  return { kind: "gap", reason: "trimmed", from: after + 1, to: lastMissing, resumeAfter, head };
}
