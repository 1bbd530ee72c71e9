// The lines that an application adds to go over to the drop-in, as docs/migration.md shows them.

import {
  type defineEventSource,
  type EventSourceOptions,
  installEventSource,
  type TransportName,
} from "throughline";

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
 * How long a source that was closed may be continued by the next one for the same URL. Those classes do both
 * in one turn; a person who opens a panel again takes longer, and expects the newest rows in it.
 */
const CONTINUED_WITHIN_MS = 500;

/**
 * `installEventSource` for classes that answer an error with a new EventSource for the same URL, as
 * EnhancedSSEClient does: the new one goes on where the one before it was closed, and is therefore not
 * shown the newest rows again that a new reader is shown. Towards a server without ids it changes nothing.
 *
 * @returns a function that puts the former class back, as that of `installEventSource` does
 */
export function installContinuingEventSource(defaults: EventSourceOptions = {}): () => void {
  const uninstall = installEventSource(defaults);
  if (defaults.transport === "native") return uninstall;
  const left = new Map<string, { readonly id: string; readonly atMs: number }>();

  // Its statics are inherited, and so is the way back to the browser's own class that the flag needs.
  const DropIn = globalThis.EventSource as unknown as ReturnType<typeof defineEventSource>;
  const Continuing = class EventSource extends DropIn {
    constructor(url: string | URL, init: EventSourceOptions = {}) {
      super(url, { ...init, lastEventId: init.lastEventId ?? takeOver(url) });
    }

    override close(): void {
      const { lastEventId } = this;
      super.close();
      if (lastEventId !== "") left.set(this.url, { id: lastEventId, atMs: Date.now() });
    }
  };

  function takeOver(url: string | URL): string | undefined {
    const base = (globalThis.document as Document | undefined)?.baseURI;
    // What cannot be parsed is for the class to refuse.
    const key = URL.canParse(url, base) ? new URL(url, base).href : "";
    const place = left.get(key);
    left.delete(key);
    const isRecent = place !== undefined && Date.now() - place.atMs < CONTINUED_WITHIN_MS;
    return isRecent ? place.id : undefined;
  }

  globalThis.EventSource = Continuing;
  return uninstall;
}
