// What stands in a stream where something may be missing.

import { type Gap, RESERVED } from "throughline/core";
import type { NewEvent } from "../log/index.js";

/** Nobody knows how much it is: the backend has not said how much there was. */
export const UNKNOWN_GAP: NewEvent = {
  type: RESERVED.gap,
  data: JSON.stringify({ from: null, to: null, reason: "upstream" } satisfies Gap),
};
