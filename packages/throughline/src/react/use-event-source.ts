// A stream as a hook.

import type { ConnectionSnapshot } from "../client/index.js";
import type { UseEventSourceOptions } from "./options.js";
import { useSource } from "./use-source.js";

/** What {@link useEventSource} returns. */
export interface EventSourceHandle {
  /** State, reason, gaps and disruptions. The component renders when it changes. */
  readonly connection: ConnectionSnapshot;
  /** The id of the last event before this rendering; an event alone renders nothing. */
  readonly lastEventId: string;
  /** Starts a new attempt now, also out of `failed`. Always the same function. */
  readonly reconnect: () => void;
}

/**
 * Reads a stream while the component is mounted.
 *
 * There is one connection per mounted hook. It is replaced when `url` or `withCredentials` changes,
 * and by nothing else: handlers and other functions may be written inline, and it is always those
 * of the newest rendering that are called; other options count when a connection opens. Without a
 * URL (`null`, `undefined`, `""`) there is no connection, and on the server there never is one.
 *
 * A connection opens right after the effects of the rendering that asked for it, in a microtask, so
 * that the mount which StrictMode throws away makes no request. When React puts a mounted component
 * aside and takes it up again (`Activity`, Fast Refresh), the stream goes on after the last event.
 *
 * What a handler throws is reported as an uncaught error and does not disturb the stream.
 *
 * @throws DOMException `SyntaxError` while rendering, for a URL that cannot be parsed
 * @throws StreamError `invalid-option` while rendering, for an option that makes no sense
 */
export function useEventSource(
  url: string | URL | null | undefined,
  options: UseEventSourceOptions = {},
): EventSourceHandle {
  const { source, connection, reconnect } = useSource(url, options);
  return { connection, lastEventId: source.lastEventId, reconnect };
}
