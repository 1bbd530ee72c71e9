// For programs that shall end when their own work is done, whatever streams are open.

import type { EventSourceOptions } from "../client/index.js";
import { fetchUnreferenced } from "./unreferenced-fetch.js";

/**
 * Options with which a source, or a subscription, does not keep the process running: neither while it
 * waits between two attempts, nor while its stream is open. For Node, Deno and Bun.
 *
 * Requests are made with `node:http` and `node:https`, because a socket of the global `fetch` cannot
 * be let go: no cookies are kept, responses are not decompressed, and no proxy is read from the
 * environment. An `await` of the next event does not keep the process running either.
 *
 * ```ts
 * const source = new EventSource(url, { ...unreferenced(), onGap });
 * ```
 */
export function unreferenced(): Pick<EventSourceOptions, "fetch" | "ref"> {
  return { fetch: fetchUnreferenced, ref: false };
}
