// Pages of history for one subscriber: from the feed's cache where it has them, else from the log.

import type { Gap, GapReason, Position } from "throughline/core";
import type { EventLog, EventsPage, LogGap } from "../log/event-log.js";
import type { StreamName } from "../log/stream-name.js";
import { HIDDEN_RUN } from "./audiences.js";
import { encodeFrame, type Frame, joinFrames } from "./frame.js";
import type { Extent, FrameCache } from "./frame-cache.js";
import { eventText, gapText, heartbeatText, topicLine } from "./stream-text.js";
import { matchesFilter, type TopicFilter } from "./topic-filter.js";

/** What comes after a position. */
export type Page =
  | {
      readonly kind: "page";
      /** The last offset that the page covers; the position's own where there is nothing. */
      readonly upTo: number;
      /** `undefined` where there is nothing to write. */
      readonly frame: Frame | undefined;
    }
  | {
      readonly kind: "gap";
      readonly resumeAfter: Position;
      readonly reason: GapReason;
      readonly frame: Frame;
    };

/** Where and how pages are read. */
export interface PageSourceOptions {
  readonly log: EventLog;
  readonly stream: StreamName;
  readonly cache: FrameCache;
  /** Most events and bytes in a page: what one reader may hold in memory beside its sink. */
  readonly limit: Extent;
  readonly heartbeatType: string;
}

/** Reads pages for the subscribers of one stream. */
export class PageSource {
  readonly #options: PageSourceOptions;

  constructor(options: PageSourceOptions) {
    this.#options = options;
  }

  /** The page after a position of the feed's epoch, if it is in memory. */
  cached(at: Position, filter: TopicFilter | undefined): Page | undefined {
    const { cache, limit, heartbeatType } = this.#options;
    if (!cache.has(at.offset + 1)) return undefined;
    const { upTo, frames, lastShown } = cache.page(at.offset + 1, limit, filter);
    const cursor = hidesRun(at, lastShown, upTo)
      ? [encodeFrame(heartbeatText(heartbeatType, { epoch: at.epoch, offset: upTo }))]
      : [];
    const parts = [...frames, ...cursor];
    return { kind: "page", upTo, frame: parts.length === 0 ? undefined : joinFrames(parts) };
  }

  /** The page after a position, not beyond `through`, from the log. */
  async read(at: Position, through: number, filter: TopicFilter | undefined): Promise<Page> {
    const { log, stream, limit } = this.#options;
    const result = await log.read(stream, {
      after: at.offset,
      epoch: at.epoch,
      limit: limit.events,
      maxBytes: limit.bytes,
      through,
    });
    return result.kind === "gap" ? gapPage(result) : this.#encode(at, result, filter);
  }

  #encode(at: Position, page: EventsPage, filter: TopicFilter | undefined): Page {
    let text = "";
    let lastShown: number | undefined;
    for (const event of page.events) {
      if (filter !== undefined && !matchesFilter(filter, event.topic)) continue;
      if (filter?.tellsTopics) text += topicLine(event.topic);
      text += eventText(page.epoch, event);
      lastShown = event.offset;
    }
    const upTo = page.events.at(-1)?.offset ?? at.offset;
    if (hidesRun(at, lastShown, upTo)) {
      text += heartbeatText(this.#options.heartbeatType, { epoch: page.epoch, offset: upTo });
    }
    return { kind: "page", upTo, frame: text === "" ? undefined : encodeFrame(text) };
  }
}

/** What a gap of the log is on the wire. */
export function toGap({ from, to, reason }: LogGap): Gap {
  return { from, to, reason };
}

function gapPage(gap: LogGap): Page {
  const { resumeAfter, reason } = gap;
  return { kind: "gap", resumeAfter, reason, frame: encodeFrame(gapText(toGap(gap), resumeAfter)) };
}

/** Whether so much of a page is hidden at its end that the reader needs a cursor beyond it. */
function hidesRun(at: Position, lastShown: number | undefined, upTo: number): boolean {
  return upTo - (lastShown ?? at.offset) >= HIDDEN_RUN;
}
