// Where a page can be told of every source: the devtools, in development.

import type { ThroughlineEventSource } from "./event-source.js";
import type { EventSourceOptions } from "./types.js";

/** Under this name of the global object stands who wants to be told, if anybody does. */
export const WATCHER: unique symbol = Symbol.for("throughline.watcher");

/**
 * Is told of each source at the very beginning of its construction, when nothing of it can be used
 * yet, and returns the options to go on with.
 */
export type SourceWatcher = (
  source: ThroughlineEventSource,
  url: string | URL,
  init: EventSourceOptions,
) => EventSourceOptions;

/** What the global object may have. */
export interface Watched {
  [WATCHER]?: SourceWatcher | undefined;
}
