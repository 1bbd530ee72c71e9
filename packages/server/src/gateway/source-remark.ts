// What readers are told of the backend behind their stream. PROTOCOL.md §5, `throughline.source`.

import { RESERVED, type Source } from "throughline/core";
import type { Remark } from "../hub/index.js";

/** The state as readers are told it. */
export function sourceRemark({ state, reason }: Source): Remark {
  return { type: RESERVED.source, data: JSON.stringify({ state, reason } satisfies Source) };
}
