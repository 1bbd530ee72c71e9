// One stream in this hub: a tail of its log, and a pointer that says how far its live subscribers
// have been served. The pointer moves in one place, in the same turn in which the bytes are written.

import type { FeedView, Position } from "throughline/core";
import { assertNever } from "throughline/core";
import type {
  EventLog,
  LogGap,
  StreamHead,
  Tail,
  TailEvents,
  TailMessage,
} from "../log/event-log.js";
import type { StreamName } from "../log/stream-name.js";
import type { Audience } from "./audience.js";
import { Audiences } from "./audiences.js";
import type { HubEnvironment } from "./environment.js";
import { encodeFrame, type Frame } from "./frame.js";
import { type EventFrame, type Extent, FrameCache } from "./frame-cache.js";
import type { HubObserver } from "./observer.js";
import { type Page, PageSource, toGap } from "./page-source.js";
import { endText, eventText, gapText, heartbeatText } from "./stream-text.js";
import type { TopicFilter } from "./topic-filter.js";

/** What the feeds of a hub have in common. */
export interface FeedOptions {
  readonly log: EventLog;
  readonly environment: HubEnvironment;
  readonly heartbeatType: (stream: string) => string;
  readonly observer: HubObserver | undefined;
  /** Most of a stream that is kept in memory as frames. */
  readonly cache: Extent;
  /** Most of a stream in one page for one reader. */
  readonly page: Extent;
  /** Most of a stream in one write to live subscribers. */
  readonly batch: Extent;
}

/** Someone who wants to know when the feed moves. */
export interface FeedWatcher {
  onAdvanced(): void;
}

/** Someone who is being served. */
export interface FeedSubscriber {
  /** Takes what is said beside the stream, unless it has no room for it. */
  hear(frame: Frame): void;
}

/** Serves one stream to its subscribers. */
export class Feed implements FeedView {
  readonly stream: StreamName;
  /** The event type of its heartbeats. */
  readonly heartbeatType: string;
  /** Everybody who is being served from it, live or not. */
  readonly subscribers = new Set<FeedSubscriber>();
  pointer: Position;
  isSealed: boolean;
  /** Subscriptions that use the feed, and requests that are about to. */
  holders = 0;
  readonly #options: FeedOptions;
  readonly #audiences = new Audiences();
  readonly #cache: FrameCache;
  readonly #pages: PageSource;
  #tail: Tail | undefined;
  #endReason: string;
  /** Events that came since the last flush. */
  #pending: EventFrame[] = [];
  #watchers: FeedWatcher[] = [];
  #heartbeat: { readonly position: Position; readonly frame: Frame } | undefined;

  /** @param head where the log says that the stream is; delivery to live subscribers begins there */
  constructor(options: FeedOptions, stream: StreamName, head: StreamHead) {
    this.stream = stream;
    this.pointer = { epoch: head.epoch, offset: head.offset };
    this.isSealed = head.sealed;
    this.heartbeatType = options.heartbeatType(stream);
    this.#endReason = head.sealReason ?? DEFAULT_END_REASON;
    this.#options = options;
    this.#cache = new FrameCache(options.cache);
    const { log, page: limit } = options;
    const { heartbeatType } = this;
    this.#pages = new PageSource({ log, stream, cache: this.#cache, limit, heartbeatType });
    this.#tail = head.sealed ? undefined : this.#openTail(this.pointer);
  }

  /** The audience for a filter; held until {@link releaseAudience}. */
  holdAudience(filter: TopicFilter | undefined): Audience {
    return this.#audiences.hold(filter, this.pointer.offset);
  }

  releaseAudience(audience: Audience): void {
    this.#audiences.release(audience);
  }

  /** Whether everything between a position and the pointer is in memory: no need to ask the log. */
  covers({ epoch, offset }: Position): boolean {
    if (epoch !== this.pointer.epoch) return false;
    return offset === this.pointer.offset || this.#cache.has(offset + 1);
  }

  /** The page after a position, if it is in memory. Never beyond the pointer. */
  cachedPage(at: Position, filter: TopicFilter | undefined): Page | undefined {
    return at.epoch === this.pointer.epoch ? this.#pages.cached(at, filter) : undefined;
  }

  /**
   * The page after a position from the log: through the pointer, or, for a position that the feed
   * has not reached, whatever the log says about it.
   */
  readPage(at: Position, filter: TopicFilter | undefined): Promise<Page> {
    const { epoch, offset } = this.pointer;
    const through = at.epoch === epoch ? Math.max(offset, at.offset) : at.offset;
    return this.#pages.read(at, through, filter);
  }

  /** Calls a watcher the next time that the feed moves, once. */
  watch(watcher: FeedWatcher): void {
    this.#watchers.push(watcher);
  }

  /** The frame that carries the pointer's cursor; the same for all who need it. */
  heartbeat(): Frame {
    if (this.#heartbeat?.position !== this.pointer) {
      const text = heartbeatText(this.heartbeatType, this.pointer);
      this.#heartbeat = { position: this.pointer, frame: encodeFrame(text) };
    }
    return this.#heartbeat.frame;
  }

  /**
   * Says something to everybody who is being served, after what has been stored before. It is not part
   * of the stream, and not kept.
   */
  say(frame: Frame): void {
    this.#flush();
    for (const subscriber of [...this.subscribers]) subscriber.hear(frame);
  }

  /** The last word of a sealed stream. */
  endFrame(): Frame {
    return encodeFrame(endText({ reason: this.#endReason }, this.pointer));
  }

  /**
   * Opens the tail anew, from the last event that it has told of: what a deaf tail has missed comes
   * now, once and in order. Of a tail that is well nothing is lost or repeated.
   */
  reopenTail(): void {
    if (this.isSealed) return;
    this.#tail?.close();
    const { epoch, offset } = this.pointer;
    this.#tail = this.#openTail({ epoch, offset: this.#pending.at(-1)?.offset ?? offset });
  }

  /** Ends it. Nobody may hold it any more. */
  close(): void {
    this.#tail?.close();
    this.#pending = [];
  }

  /** A tail that has been closed because it was deaf is not listened to when it speaks after all. */
  #openTail(after: Position): Tail {
    const tail = this.#options.log.tail(this.stream, after, (message) => {
      if (this.#tail === tail) this.#hear(message);
    });
    return tail;
  }

  #hear(message: TailMessage): void {
    switch (message.kind) {
      case "events":
        this.#collect(message);
        break;
      case "gap":
        this.#jump(message);
        break;
      case "sealed":
        this.#seal(message.reason);
        break;
      default:
        assertNever(message);
    }
  }

  /** Encodes events, once for all, and serves them with whatever else comes in this turn. */
  #collect({ epoch, events }: TailEvents): void {
    if (this.#pending.length === 0) this.#options.environment.defer(() => this.#flush());
    for (const event of events) {
      const frame = encodeFrame(eventText(epoch, event));
      this.#pending.push({ offset: event.offset, topic: event.topic, frame });
    }
  }

  /**
   * Hands everything pending to the live subscribers. The pointer moves before the bytes are
   * written: a subscriber that falls back in the middle falls back to behind them.
   */
  #flush(): void {
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#pending = [];
    for (const batch of split(pending, this.#options.batch)) {
      const offset = batch.at(-1)?.offset ?? this.pointer.offset;
      this.pointer = { epoch: this.pointer.epoch, offset };
      for (const event of batch) this.#cache.push(event);
      const deliveries = this.#audiences.send(batch, () => this.heartbeat());
      const { observer } = this.#options;
      if (observer !== undefined && deliveries > 0) {
        const events = batch.length;
        observer({ kind: "events-delivered", stream: this.stream, events, deliveries });
      }
    }
    this.#wakeWatchers();
  }

  /** Continuity is broken: everybody is told, and delivery goes on elsewhere. */
  #jump(gap: LogGap): void {
    this.#flush();
    this.pointer = gap.resumeAfter;
    this.#cache.clear();
    const frame = encodeFrame(gapText(toGap(gap), gap.resumeAfter));
    this.#tellGap(gap);
    this.#audiences.announce(frame, gap.resumeAfter.offset);
    this.#wakeWatchers();
  }

  #tellGap({ reason }: LogGap): void {
    const { observer } = this.#options;
    if (observer === undefined) return;
    const readers = this.#audiences.members().length;
    if (readers > 0) observer({ kind: "gap-told", stream: this.stream, reason, readers });
  }

  #seal(reason: string | undefined): void {
    this.#flush();
    this.isSealed = true;
    this.#endReason = reason ?? DEFAULT_END_REASON;
    for (const member of this.#audiences.members()) member.onAdvanced();
    this.#wakeWatchers();
  }

  #wakeWatchers(): void {
    const watchers = this.#watchers;
    if (watchers.length === 0) return;
    this.#watchers = [];
    for (const watcher of watchers) watcher.onAdvanced();
  }
}

/** What `end` says where nobody gave a reason. */
const DEFAULT_END_REASON = "complete";

/** Cuts events into runs that are not larger than `limit`; each has at least one event. */
function split(events: readonly EventFrame[], limit: Extent): EventFrame[][] {
  const runs: EventFrame[][] = [];
  let run: EventFrame[] = [];
  let bytes = 0;
  for (const event of events) {
    bytes += event.frame.byteLength;
    if (run.length > 0 && (run.length >= limit.events || bytes > limit.bytes)) {
      runs.push(run);
      run = [];
      bytes = event.frame.byteLength;
    }
    run.push(event);
  }
  runs.push(run);
  return runs;
}
