// Where a request that wants a stream gets in, or does not. Called before anything about the stream
// is looked up, so that a refusal is the same whatever there is.

import type { AccessRequest } from "./access.js";
import type { HubRequest } from "./exchange.js";
import type { Problem } from "./problem.js";
import type { Session } from "./session.js";
import type { Sessions } from "./sessions.js";

/** What became of the wish: in with a session, in without one (nobody is asked), or not in. */
export type Entry =
  | { readonly kind: "open"; readonly session: Session | undefined }
  | { readonly kind: "refused"; readonly problem: Problem };

const OPEN_TO_ALL: Entry = { kind: "open", session: undefined };

/** What a request wants to do. */
type Wish = Pick<AccessRequest, "action" | "stream" | "topics">;

/**
 * Lets a request in, if it may. Whoever gets a session closes it.
 *
 * @returns at once where nobody is asked; else a promise, which rejects with the StreamError `authorization-failed`
 */
export function enter(
  sessions: Sessions | undefined,
  request: HubRequest,
  wish: Wish,
): Entry | Promise<Entry> {
  if (sessions === undefined) return OPEN_TO_ALL;
  const header = (name: string) => request.header(name.toLowerCase());
  return sessions.open({ ...wish, request: request.raw, header });
}
