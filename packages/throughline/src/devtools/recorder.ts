// What has happened on the streams of this page, as far back as is kept.

import type {
  ConnectionReason,
  ConnectionSnapshot,
  ConnectionStateName,
  EventSourceOptions,
} from "../client/index.js";
import type { SourceWatcher, Watched, WatchedSource } from "../client/source-watcher.js";
import { WATCHER } from "../client/source-watcher.js";
import type { Ring } from "./ring.js";
import { createRing } from "./ring.js";
import { StreamFaults } from "./stream-faults.js";

/** An event as the application got it. */
export interface EventRecord {
  /** Counts from 1 within its stream. */
  readonly number: number;
  /** Milliseconds since 1970, as everywhere here. */
  readonly atMs: number;
  readonly type: string;
  readonly lastEventId: string;
  /** Its beginning, where it is long. */
  readonly data: string;
  /** Of the whole, in UTF-16 code units. */
  readonly length: number;
}

/** A state, and when it began. */
export interface StateRecord {
  readonly atMs: number;
  readonly state: ConnectionStateName;
  readonly reason: ConnectionReason;
}

/** One stream. */
export interface StreamRecord {
  /** Counts from 1 within the page. */
  readonly number: number;
  readonly url: string;
  readonly source: WatchedSource;
  readonly states: readonly StateRecord[];
  readonly events: readonly EventRecord[];
  readonly faults: StreamFaults;
  /** Whether nothing more can come. */
  readonly isOver: boolean;
  forgetEvents(): void;
}

/** Records the streams of a page. */
export interface Recorder {
  /** Oldest first. */
  readonly streams: readonly StreamRecord[];
  /** Calls `listener` after each change, events included; returns the way out. */
  subscribe(listener: () => void): () => void;
  forgetClosed(): void;
}

const KEPT_EVENTS = 500;
const KEPT_STATES = 300;
/** Of one event; what is longer is shown by its beginning. */
const KEPT_DATA_LENGTH = 20_000;
/** Streams that are over, the newest. */
const KEPT_CLOSED = 20;

/**
 * Records every stream of this page that is opened from now on. It belongs before the first of them:
 * those that are open already are not seen. Called again, it returns the same recorder.
 *
 * It records the sources that are made by `EventSource` and `subscribe` of this package, by whatever name; not
 * the browser's own class.
 */
export function installDevtools(): Recorder {
  const page = globalThis as Watched;
  const present = page[WATCHER] as (SourceWatcher & { readonly recorder?: Recorder }) | undefined;
  if (present?.recorder !== undefined) return present.recorder;
  const { recorder, watch } = createRecorder();
  page[WATCHER] = Object.assign(watch, { recorder });
  return recorder;
}

function createRecorder(): { readonly recorder: Recorder; readonly watch: SourceWatcher } {
  const listeners = new Set<() => void>();
  let streams: readonly StreamRecord[] = [];
  let count = 0;

  function changed(): void {
    for (const listener of [...listeners]) listener();
  }

  function watch(source: WatchedSource, url: string | URL, init: EventSourceOptions) {
    count += 1;
    const stream = new RecordedStream(source, { number: count, url: String(url), changed });
    const closed = streams.filter(({ isOver }) => isOver);
    const tooOld = new Set(closed.slice(0, Math.max(0, closed.length - KEPT_CLOSED)));
    streams = [...streams.filter((known) => !tooOld.has(known)), stream];
    // Later: the source is only just being made.
    queueMicrotask(() => {
      if (!stream.begin()) streams = streams.filter((known) => known !== stream);
      changed();
    });
    const { fetch = (...request) => globalThis.fetch(...request) } = init;
    return { ...init, fetch: stream.faults.wrap(fetch) };
  }

  const recorder: Recorder = {
    get streams() {
      return streams;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    forgetClosed() {
      streams = streams.filter(({ isOver }) => !isOver);
      changed();
    },
  };
  return { recorder, watch };
}

class RecordedStream implements StreamRecord {
  readonly number: number;
  readonly url: string;
  readonly source: WatchedSource;
  readonly faults: StreamFaults;
  readonly #changed: () => void;
  readonly #states: Ring<StateRecord> = createRing(KEPT_STATES);
  readonly #events: Ring<EventRecord> = createRing(KEPT_EVENTS);
  #eventCount = 0;

  constructor(
    source: WatchedSource,
    about: { readonly number: number; readonly url: string; readonly changed: () => void },
  ) {
    this.number = about.number;
    this.url = about.url;
    this.source = source;
    this.#changed = about.changed;
    this.faults = new StreamFaults(about.changed);
    const dispatch = source.dispatchEvent;
    Object.defineProperty(source, "dispatchEvent", {
      configurable: true,
      value: (event: Event) => {
        if (event instanceof MessageEvent) this.#noteEvent(event);
        return Reflect.apply(dispatch, source, [event]);
      },
    });
  }

  /** Begins to record states. @returns whether the source could be made */
  begin(): boolean {
    try {
      const { connection } = this.source;
      this.#noteState(connection.snapshot);
      connection.subscribe((snapshot) => this.#noteState(snapshot));
      return true;
    } catch {
      // Its constructor threw, and there is no source.
      return false;
    }
  }

  get states(): readonly StateRecord[] {
    return this.#states.items;
  }

  get events(): readonly EventRecord[] {
    return this.#events.items;
  }

  get isOver(): boolean {
    return this.#states.items.at(-1)?.state === "closed";
  }

  forgetEvents(): void {
    this.#events.clear();
    this.#changed();
  }

  #noteEvent({ type, data, lastEventId }: MessageEvent<unknown>): void {
    const text = String(data);
    this.#eventCount += 1;
    this.#events.push({
      number: this.#eventCount,
      atMs: Date.now(),
      type,
      lastEventId,
      data: text.slice(0, KEPT_DATA_LENGTH),
      length: text.length,
    });
    this.#changed();
  }

  #noteState({ state, reason, sinceMs }: ConnectionSnapshot): void {
    const last = this.#states.items.at(-1);
    if (last?.state !== state || last.reason !== reason) {
      this.#states.push({ atMs: sinceMs, state, reason });
    }
    this.#changed();
  }
}
