// Where a delivery begins, and how the reader's cursor is answered.

import { decodeCursor, type Gap, type Position, type ResumeAnswer } from "throughline/core";
import type { EventLog } from "../log/event-log.js";
import type { Feed } from "./feed.js";
import { toGap } from "./page-source.js";
import type { FreshStart } from "./served.js";

/** The beginning of a delivery. */
export interface DeliveryStart {
  /** The position after which it begins. */
  readonly at: Position;
  /** What the reader has to be told first. */
  readonly gap: Gap | undefined;
}

/** Longest cursor that is looked at, in characters. Ours have at most 49. */
const LONGEST_CURSOR = 128;

/**
 * Finds where a reader with this cursor begins.
 *
 * A text that is no cursor is answered with a gap and all that is stored, like one of another epoch:
 * what the reader has had before cannot be known, and silence would hide a loss.
 *
 * @param shown what the reader showed, or where one begins that showed nothing; `undefined`: with
 * what comes
 */
export async function findStart(
  log: EventLog,
  feed: Feed,
  shown: string | FreshStart | undefined,
): Promise<DeliveryStart> {
  if (typeof shown === "object") return { at: await freshStart(log, feed, shown), gap: undefined };
  if (shown === undefined || shown === "latest") return { at: feed.pointer, gap: undefined };
  if (shown === "earliest") return { at: await beforeEarliest(log, feed), gap: undefined };
  const position = shown.length <= LONGEST_CURSOR ? decodeCursor(shown) : undefined;
  if (position === undefined) return { at: await beforeEarliest(log, feed), gap: UNKNOWN_CURSOR };
  if (feed.covers(position)) return { at: position, gap: undefined };
  const { offset: after, epoch } = position;
  const answer = await log.read(feed.stream, { after, epoch, limit: 1, maxBytes: 1 });
  return answer.kind === "gap"
    ? { at: answer.resumeAfter, gap: toGap(answer) }
    : { at: position, gap: undefined };
}

/** How a start is called in the greeting. */
export function resumeAnswer({ at, gap }: DeliveryStart, feed: Feed): ResumeAnswer {
  if (gap !== undefined) return "gap";
  return isAtPointer(at, feed) ? "caught-up" : "replay";
}

/** Whether there is nothing between a position and the pointer. */
export function isAtPointer(at: Position, { pointer }: Feed): boolean {
  return at.epoch === pointer.epoch && at.offset === pointer.offset;
}

const UNKNOWN_CURSOR: Gap = { from: null, to: null, reason: "unknown-cursor" };

async function freshStart(log: EventLog, feed: Feed, fresh: FreshStart): Promise<Position> {
  if ("at" in fresh) return fresh.at === "latest" ? feed.pointer : beforeEarliest(log, feed);
  if ("sinceMs" in fresh) return beforeMoment(log, feed, fresh.sinceMs);
  const earliest = await beforeEarliest(log, feed);
  const { epoch, offset } = feed.pointer;
  if (earliest.epoch !== epoch) return feed.pointer;
  return { epoch, offset: Math.max(earliest.offset, offset - fresh.newest) };
}

/**
 * The position before the first event that was stored after a moment, by halving what is stored: a
 * read of one event for each step.
 */
async function beforeMoment(log: EventLog, feed: Feed, sinceMs: number): Promise<Position> {
  const { epoch, offset } = await beforeEarliest(log, feed);
  let [low, high] = [offset, feed.pointer.offset];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const page = await log.read(feed.stream, { after: middle, epoch, limit: 1, maxBytes: 1 });
    // Trimmed meanwhile, so it is older than whatever is left.
    const timeMs = page.kind === "gap" ? Number.NEGATIVE_INFINITY : page.events[0]?.timeMs;
    if (timeMs === undefined || timeMs > sinceMs) high = middle;
    else low = middle + 1;
  }
  return { epoch, offset: low };
}

async function beforeEarliest(log: EventLog, feed: Feed): Promise<Position> {
  const { epoch, earliest } = await log.head(feed.stream);
  return { epoch, offset: earliest - 1 };
}
