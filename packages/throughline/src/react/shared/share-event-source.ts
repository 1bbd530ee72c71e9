// One connection for all readers of a URL.

import { ThroughlineEventSource } from "../../client/index.js";
import type { EventSourceClass, StreamSource } from "../options.js";
import { SharedSource } from "./shared-source.js";

/** Options of {@link shareEventSource}. */
export interface ShareOptions {
  /**
   * Milliseconds that a connection outlives its last reader, so that one page that follows another
   * finds it open. Default 1000: longer than a change of pages, short enough to cost nothing.
   */
  readonly lingerMs?: number | undefined;
  /** Makes the connections. Default: `EventSource` of this package. */
  readonly EventSource?: EventSourceClass | undefined;
}

/**
 * Makes a class whose instances share one connection for each URL. For a provider:
 *
 * ```tsx
 * const Shared = shareEventSource(); // once, outside of every component
 * <ThroughlineProvider options={{ EventSource: Shared }}>
 * ```
 *
 * Two instances share a connection where `url` and `withCredentials` are the same, and where the one
 * that comes later misses nothing by it: it gives no `lastEventId`, or the one at which the connection
 * stands. Any other gets a connection of its own. An instance that joins an open connection is told
 * `open`, and hears every event from then on. All options are those of the instance that came first,
 * so give `headers` and `fetch` to the provider, not to a component. `reconnect` is for all; `close`
 * leaves the connection, and closes it when nobody has come back after `lingerMs`.
 *
 * Each call makes a class with connections of its own.
 */
export function shareEventSource({
  lingerMs = 1000,
  EventSource = ThroughlineEventSource,
}: ShareOptions = {}): EventSourceClass {
  const pool = new Map<string, SharedSource>();

  function take(url: string, init: ConstructorParameters<EventSourceClass>[1]): SharedSource {
    const key = `${init.withCredentials === true} ${url}`;
    const present = pool.get(key);
    if (present?.isGoodFrom(init.lastEventId ?? "")) return present;
    const isOwn = present?.hasReaders === true && present.isGoodFrom("");
    const made: SharedSource = new SharedSource(
      new EventSource(url, init),
      isOwn ? 0 : lingerMs,
      () => {
        if (pool.get(key) === made) pool.delete(key);
      },
    );
    if (isOwn) return made;
    if (present?.hasReaders === false) present.close();
    pool.set(key, made);
    return made;
  }

  return class extends SharedEventSource {
    constructor(url: string, init: ConstructorParameters<EventSourceClass>[1]) {
      super(take(url, init));
    }
  };
}

/** One reader of a shared connection. */
class SharedEventSource extends EventTarget implements StreamSource {
  readonly #shared: SharedSource;
  /** Types that are passed on from the connection. */
  readonly #types = new Set<string>();
  /** The newest event's id, and where the connection stood when it was passed on. */
  #passed: { readonly id: string; readonly after: string } | undefined;
  /** Where this reader stood when it left. */
  #leftAt: string | undefined;

  constructor(shared: SharedSource) {
    super();
    this.#shared = shared;
    shared.take();
    if (shared.source.connection.state !== "live") return;
    // As of a connection of its own: later, when the listeners are there.
    queueMicrotask(() => {
      const isLive = shared.source.connection.state === "live";
      if (isLive && this.#leftAt === undefined) this.dispatchEvent(new Event("open"));
    });
  }

  get connection(): StreamSource["connection"] {
    return this.#shared.source.connection;
  }

  get lastEventId(): string {
    return this.#leftAt ?? this.#shared.source.lastEventId;
  }

  reconnect(): void {
    if (this.#leftAt === undefined) this.#shared.source.reconnect();
  }

  close(): void {
    if (this.#leftAt !== undefined) return;
    const { source } = this.#shared;
    const { lastEventId } = source;
    // The connection's own cursor moves only after everybody has been told; this reader has been.
    this.#leftAt = this.#passed?.after === lastEventId ? this.#passed.id : lastEventId;
    for (const type of this.#types) source.removeEventListener(type, this.#passOn);
    this.#shared.leave();
  }

  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void {
    super.addEventListener(type, listener, options);
    if (this.#types.has(type) || this.#leftAt !== undefined) return;
    this.#types.add(type);
    this.#shared.source.addEventListener(type, this.#passOn);
  }

  readonly #passOn = (event: Event): void => {
    if (!(event instanceof MessageEvent)) {
      this.dispatchEvent(new Event(event.type));
      return;
    }
    const { type, data, lastEventId, origin } = event;
    this.#passed = { id: lastEventId, after: this.#shared.source.lastEventId };
    this.dispatchEvent(new MessageEvent(type, { data, lastEventId, origin }));
  };
}
