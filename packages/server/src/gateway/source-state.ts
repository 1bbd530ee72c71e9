// What readers are told of the backend behind their stream. PROTOCOL.md §5, `throughline.source`.

import type { Remark } from "../hub/index.js";

/** The event type. */
export const SOURCE_EVENT = "throughline.source";

/** Whether the backend is heard. */
export interface SourceState {
  /** `stale`: what is new does not come at the moment. `live`: it does. */
  readonly state: "live" | "stale";
  /** Why, in the words of a connection's reasons. */
  readonly reason: string;
}

/** The state as readers are told it. */
export function sourceRemark({ state, reason }: SourceState): Remark {
  return { type: SOURCE_EVENT, data: JSON.stringify({ state, reason }) };
}
