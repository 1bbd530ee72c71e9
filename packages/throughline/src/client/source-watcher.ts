// Where a page can be told of every source: the devtools, in development.

import type { ConnectionChannel, EventSourceOptions } from "./types.js";

/** Under this name of the global object stands who wants to be told, if anybody does. */
export const WATCHER: unique symbol = Symbol.for("throughline.watcher");

/** A source as who watches it sees it: a drop-in, or what `subscribe` has made. */
export interface WatchedSource {
  /** Absolute. */
  readonly url: string;
  readonly lastEventId: string;
  readonly connection: ConnectionChannel;
  reconnect(): void;
  close(): void;
  /** Called with each event, when the application is given it, or its iterator has room for it. */
  dispatchEvent(event: Event): boolean;
}

/**
 * Is told of each source at the very beginning of its construction, when nothing of it can be used
 * yet, and returns the options to go on with.
 */
export type SourceWatcher = (
  source: WatchedSource,
  url: string | URL,
  init: EventSourceOptions,
) => EventSourceOptions;

/** What the global object may have. */
export interface Watched {
  [WATCHER]?: SourceWatcher | undefined;
}
