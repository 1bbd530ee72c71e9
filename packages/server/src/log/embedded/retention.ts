// Where the part of a stream begins that is kept. Found by halving, because the times and the sizes
// before each event only ever grow: the events in between are not looked at.

import type { EventHead } from "./event-codec.js";
import type { StreamState } from "./stream-state.js";

/** What to keep at most, and from when on. */
export interface Bounds {
  readonly maxEvents: number;
  readonly maxBytes: number;
  readonly keptFromMs: number;
}

/** Reads the head of an event that is stored. */
export type ReadHead = (offset: number) => EventHead;

/** The state with everything trimmed that is too old, too many or too much. O(log trimmed). */
export function retain(state: StreamState, bounds: Bounds, readHead: ReadHead): StreamState {
  const isKept = (offset: number) => {
    const { timeMs, bytesBefore } = readHead(offset);
    return timeMs >= bounds.keptFromMs && state.totalBytes - bytesBefore <= bounds.maxBytes;
  };
  const from = Math.max(state.earliest, state.offset - bounds.maxEvents + 1);
  return trimTo(state, firstKept(from, state.offset, isKept), readHead);
}

/** The state with all events before `earliest` trimmed; what is stored at most. */
export function trimTo(state: StreamState, earliest: number, readHead: ReadHead): StreamState {
  if (earliest <= state.earliest) return state;
  if (earliest > state.offset) {
    return { ...state, earliest: state.offset + 1, trimmedBytes: state.totalBytes };
  }
  return { ...state, earliest, trimmedBytes: readHead(earliest).bytesBefore };
}

/**
 * The first offset from `from` to `last` for which `isKept`, or the one after `last`. Where it holds
 * for one it holds for all that follow. Looks near `from` first, where it mostly is.
 */
function firstKept(from: number, last: number, isKept: (offset: number) => boolean): number {
  if (from > last || isKept(from)) return from;
  let dropped = from;
  let kept = last + 1;
  for (let step = 1; dropped + step <= last; step *= 2) {
    if (isKept(dropped + step)) {
      kept = dropped + step;
      break;
    }
    dropped += step;
  }
  while (kept - dropped > 1) {
    const middle = Math.floor((dropped + kept) / 2);
    if (isKept(middle)) kept = middle;
    else dropped = middle;
  }
  return kept;
}
