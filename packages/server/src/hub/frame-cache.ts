// The newest events of a stream as frames, so that readers who missed little need no log.

import { encodeFrame, type Frame, joinFrames } from "./frame.js";
import { topicLine } from "./stream-text.js";
import { matchesFilter, type TopicFilter } from "./topic-filter.js";

/** An event, encoded. */
export interface EventFrame {
  readonly offset: number;
  readonly topic: string | undefined;
  readonly frame: Frame;
}

/** What is sent of an event to those who have a filter. */
export function frameFor({ topic, frame }: EventFrame, { tellsTopics }: TopicFilter): Frame {
  const line = tellsTopics ? topicLine(topic) : "";
  return line === "" ? frame : joinFrames([encodeFrame(line), frame]);
}

/** How much fits into something. */
export interface Extent {
  readonly events: number;
  readonly bytes: number;
}

/** A part of the cache for one reader. */
export interface CachedPage {
  /** The last offset that the page covers, be it hidden by the filter or not. */
  readonly upTo: number;
  /** What the filter lets through, in order. */
  readonly frames: readonly Frame[];
  /** The offset of the last of them; `undefined` where there is none. */
  readonly lastShown: number | undefined;
}

/** Consecutive events, bounded in number and bytes. */
export class FrameCache {
  readonly #limit: Extent;
  /** By offset, which is also the order of insertion; no offset is left out. */
  readonly #entries = new Map<number, EventFrame>();
  #oldest = 0;
  #bytes = 0;

  constructor(limit: Extent) {
    this.#limit = limit;
  }

  /** Adds the event that follows the newest one, and forgets the oldest as far as needed. */
  push(entry: EventFrame): void {
    if (this.#entries.size === 0) this.#oldest = entry.offset;
    this.#entries.set(entry.offset, entry);
    this.#bytes += entry.frame.chunk.length;
    while (this.#entries.size > this.#limit.events || this.#bytes > this.#limit.bytes) {
      this.#forgetOldest();
    }
  }

  /** Forgets everything: continuity is broken. */
  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  /** Whether the event with this offset is here. */
  has(offset: number): boolean {
    return this.#entries.has(offset);
  }

  /**
   * The page that begins with `from`, which must be here. It holds at least one event and ends where
   * it is full, or with the newest event.
   */
  page(from: number, limit: Extent, filter: TopicFilter | undefined): CachedPage {
    const frames: Frame[] = [];
    let lastShown: number | undefined;
    let bytes = 0;
    let offset = from;
    for (; offset < from + limit.events; offset += 1) {
      const entry = this.#entries.get(offset);
      if (entry === undefined) break;
      if (filter !== undefined && !matchesFilter(filter, entry.topic)) continue;
      bytes += entry.frame.byteLength;
      if (bytes > limit.bytes && frames.length > 0) break;
      frames.push(filter === undefined ? entry.frame : frameFor(entry, filter));
      lastShown = offset;
    }
    return { upTo: offset - 1, frames, lastShown };
  }

  #forgetOldest(): void {
    const oldest = this.#entries.get(this.#oldest);
    if (oldest !== undefined) this.#bytes -= oldest.frame.chunk.length;
    this.#entries.delete(this.#oldest);
    this.#oldest += 1;
  }
}
