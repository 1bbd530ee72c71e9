// Watches every EventSource that is made, from beside the class that made it.

/** One thing that an `EventSource` dispatched. */
export interface SourceEvent {
  readonly kind: "open" | "message" | "error";
  readonly atMs: number;
  /** What a handler sees while it runs. */
  readonly readyState: number;
  readonly data?: string | undefined;
  readonly lastEventId?: string | undefined;
}

/** One `EventSource` object and its history. */
export interface SourceRecord {
  readonly url: string;
  readonly withCredentials: boolean;
  readonly madeAtMs: number;
  readonly readyState: number;
  readonly events: readonly SourceEvent[];
}

interface Watched {
  readonly source: EventSource;
  readonly madeAtMs: number;
  readonly events: SourceEvent[];
}

/** The objects made since the watch began. */
export interface SourceWatch {
  /**
   * Returns a function that lists the objects made from now on for URLs of this origin, oldest
   * first. Earlier ones may be of another server that had the same port.
   */
  follow(origin: string): () => readonly SourceRecord[];
  /** Closes all of them, also those that the classes have leaked. */
  closeAll(): void;
  /** Puts the global constructor back. */
  end(): void;
}

/**
 * Wraps the global constructor in a proxy that only listens: `new`, statics, prototype and
 * `instanceof` are those of the constructor that was there.
 */
export function watchEventSources(): SourceWatch {
  const original = globalThis.EventSource;
  const watched: Watched[] = [];
  globalThis.EventSource = new Proxy(original, {
    construct(target, args: ConstructorParameters<typeof EventSource>) {
      const source = new target(...args);
      watched.push(watch(source));
      return source;
    },
  });
  return {
    follow: (origin) => {
      const first = watched.length;
      return () =>
        watched
          .slice(first)
          .filter(({ source }) => source.url.startsWith(`${origin}/`))
          .map(({ source, madeAtMs, events }) => ({
            url: source.url,
            withCredentials: source.withCredentials,
            madeAtMs,
            readyState: source.readyState,
            events: [...events],
          }));
    },
    closeAll: () => {
      for (const { source } of watched) source.close();
    },
    end: () => {
      globalThis.EventSource = original;
    },
  };
}

function watch(source: EventSource): Watched {
  const events: SourceEvent[] = [];
  const note = (kind: SourceEvent["kind"]) => (event: Event) => {
    const content = event instanceof MessageEvent ? event : undefined;
    events.push({
      kind,
      atMs: Date.now(),
      readyState: source.readyState,
      data: content?.data,
      lastEventId: content?.lastEventId,
    });
  };
  source.addEventListener("open", note("open"));
  source.addEventListener("message", note("message"));
  source.addEventListener("error", note("error"));
  return { source, madeAtMs: Date.now(), events };
}
