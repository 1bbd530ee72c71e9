// The lines that an application adds to go over to the drop-in, as docs/migration.md shows them.

import type { Continuity, TransportName } from "throughline";
import { rememberCursors } from "throughline/continuity";

/**
 * Who gets the drop-in: the same people each time, and with a higher percentage the same people and
 * more of them.
 *
 * @param key what stays the same for one person, such as the user's name or a random text that is kept
 * in localStorage; not the session, or everybody changes sides at each login
 * @param percent 0 (nobody) to 100 (everybody)
 */
export function transportFor(key: string, percent: number): TransportName {
  // FNV-1a. Any hash does that spreads keys evenly and is the same tomorrow.
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(key)) hash = Math.imul(hash ^ byte, 0x01000193);
  // The highest bits of this hash hardly move with the last characters, its lowest do.
  const share = ((hash ^ (hash >>> 16)) >>> 0) % 10_000;
  return share < percent * 100 ? "throughline" : "native";
}

/**
 * For classes that answer an error with a new EventSource for the same URL, as EnhancedSSEClient does: the
 * new one goes on where the one before it was closed, and so misses nothing, and is not shown again what new
 * readers are shown. Pass it to `installEventSource` as `continuity`.
 *
 * Those classes close and open in one turn. A person who opens a panel again takes longer, and expects the
 * newest rows in it; so half a second is enough.
 */
export function continuityOfClasses(): Continuity {
  return rememberCursors({ maxAgeMs: 500 });
}
