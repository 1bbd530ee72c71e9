// What the ids of a stream are like.

import { decodeCursor } from "throughline/core";
import type { IdsSeen } from "./observation.js";

/** PROTOCOL.md §3, and what every client, proxy and preflight lets through. */
const SAFE_ID = /^[A-Za-z0-9._~-]{1,128}$/;

/** Longest id that is shown. */
const LONGEST_SHOWN = 80;

/** Notes ids as they come. */
export interface IdNotes {
  /** An event, or a block that has only an id. */
  note(id: string | undefined, isForApplication: boolean): void;
  seen(): IdsSeen;
}

/** Begins to take notes. */
export function createIdNotes(): IdNotes {
  let applicationEvents = 0;
  let withId = 0;
  let first: string | undefined;
  let previous: string | undefined;
  let last: string | undefined;
  let areCursors = true;
  let unsafe: string | undefined;
  return {
    note: (id, isForApplication) => {
      if (isForApplication) applicationEvents += 1;
      // An empty one makes readers forget what they hold: it is nothing to resume from.
      if (id === undefined || id === "") return;
      if (isForApplication) withId += 1;
      if (decodeCursor(id) === undefined) areCursors = false;
      if (!SAFE_ID.test(id)) unsafe ??= id.slice(0, LONGEST_SHOWN);
      if (id === last) return;
      first ??= id;
      previous = last;
      last = id;
    },
    seen: () => ({
      applicationEvents,
      withId,
      first,
      previous,
      last,
      areCursors: areCursors && last !== undefined,
      unsafe,
    }),
  };
}
