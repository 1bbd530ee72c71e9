// What a server says of where its feed comes from: the back end behind a gateway may be away while the
// reader is connected.

import { asRecord, textAt } from "./wire.js";

/** What the source does, in the words of the page. */
export type SourceState = "heard" | "silent";

/** What the server says of the source. */
export interface SourceReport {
  readonly state: SourceState;
  /** Why, in the words of a connection's reasons. */
  readonly reason: string;
}

/** What a connection has been told of its source; `undefined` where nothing is said of it. */
export function readSource(connection: object): SourceReport | undefined {
  const source = "source" in connection ? asRecord(connection.source) : undefined;
  if (source === undefined) return undefined;
  const state = source["state"] === "stale" ? "silent" : "heard";
  return { state, reason: textAt(source, "reason") ?? "" };
}
