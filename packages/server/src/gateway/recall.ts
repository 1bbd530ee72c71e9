// What a stream holds already, learnt from its log when it is taken up again.

import type { EventLog, StreamName } from "../log/index.js";
import type { Intake } from "./intake.js";

/** Most stored events that are looked at: more than any backend repeats. */
const RECALLED_EVENTS = 5000;

/** How much is read at a time. */
const PAGE = { limit: 500, maxBytes: 4 * 1024 * 1024 };

/** What is known of a stream. */
export interface Recalled {
  readonly epoch: string;
  /** The backend's id of the newest event; empty where it gives none. */
  readonly lastId: string;
  readonly hasHistory: boolean;
}

/** Reads the newest events of a stream, and has an intake learn them. */
export async function recall(log: EventLog, stream: StreamName, intake: Intake): Promise<Recalled> {
  const { epoch, earliest, offset: through } = await log.head(stream);
  let after = Math.max(earliest - 1, through - RECALLED_EVENTS);
  let lastId = "";
  let hasHistory = false;
  while (after < through) {
    const page = await log.read(stream, { after, epoch, through, ...PAGE });
    if (page.kind === "gap") {
      // Trimmed meanwhile, or removed: what is left begins later, or is nothing.
      if (page.reason === "reset" || page.resumeAfter.offset <= after) break;
      after = page.resumeAfter.offset;
      continue;
    }
    if (page.events.length === 0) break;
    for (const { type, data, id, offset } of page.events) {
      intake.recall(type, data);
      lastId = id ?? lastId;
      hasHistory = true;
      after = offset;
    }
  }
  intake.recalled();
  return { epoch, lastId, hasHistory };
}
