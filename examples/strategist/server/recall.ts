// After a restart the story is told again from its beginning, by the same seed, and what the log has
// already is only remembered: the item with the number n is the event with the offset n.

import type { StreamHead } from "@throughline/server";
import { encodeCursor } from "throughline/core";
import type { Ledger } from "./ledger.js";
import type { PublishItem } from "./publisher.js";

/** When a stored item was published is not known any more: before everything that is counted. */
const LONG_AGO_MS = 0;

/**
 * Publishes items, except for those that are stored: they are put into the ledger, where the log
 * still has them, and nobody is sent anything.
 */
export function recallStored(
  { epoch, earliest, offset }: StreamHead,
  ledger: Ledger,
  publish: PublishItem,
): PublishItem {
  let told = 0;
  return async (item) => {
    told += 1;
    if (told > offset) return publish(item);
    if (told < earliest) return;
    const cursor = encodeCursor({ epoch, offset: told });
    ledger.add({ id: item.id, atMs: LONG_AGO_MS, cursor });
  };
}
