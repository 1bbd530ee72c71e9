// What came when: bytes in pieces, and what was in each.

import { ARRIVAL_JOIN_MS, type Arrival, MOST_ARRIVALS } from "./observation.js";

/** Notes pieces as they come. Times are milliseconds since the request. */
export interface ArrivalNotes {
  bytes(count: number, atMs: number): void;
  /** The text of the newest piece, when it has been parsed. */
  text(text: string): void;
  /** A comment or an event was in it. */
  found(what: "comments" | "events"): void;
  readonly seen: {
    readonly bytes: number;
    readonly firstByteMs: number | undefined;
    /** When the newest byte came; before there is one, when the notes were begun. */
    readonly lastByteMs: number;
    readonly arrivals: readonly Arrival[];
  };
}

/** Begins to take notes. */
export function createArrivalNotes(beginMs: number): ArrivalNotes {
  const arrivals: { -readonly [Name in keyof Arrival]: Arrival[Name] }[] = [];
  let bytes = 0;
  let firstByteMs: number | undefined;
  let lastByteMs = beginMs;
  return {
    bytes: (count, atMs) => {
      const newest = arrivals.at(-1);
      if (newest !== undefined && atMs - lastByteMs <= ARRIVAL_JOIN_MS) newest.bytes += count;
      else if (arrivals.length < MOST_ARRIVALS) {
        arrivals.push({ atMs, bytes: count, comments: 0, events: 0, endsMidLine: false });
      }
      firstByteMs ??= atMs;
      lastByteMs = atMs;
      bytes += count;
    },
    text: (text) => {
      const newest = arrivals.at(-1);
      if (newest !== undefined && text !== "") newest.endsMidLine = !/[\r\n]$/.test(text);
    },
    found: (what) => {
      const newest = arrivals.at(-1);
      if (newest !== undefined) newest[what] += 1;
    },
    get seen() {
      return { bytes, firstByteMs, lastByteMs, arrivals };
    },
  };
}
