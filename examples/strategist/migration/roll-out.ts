// The lines that an application adds to go over to the drop-in, as docs/migration.md shows them.

import type { Continuity } from "throughline";
import { rememberCursors } from "throughline/continuity";

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
