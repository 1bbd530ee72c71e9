// Gives disk space back: deletes physically what has been trimmed or removed, a bounded chunk with
// every commit, so that neither readers nor appends ever wait for it.

import type { Draft } from "./draft.js";
import type { EmbeddedStream } from "./embedded-stream.js";
import { decodeId } from "./event-codec.js";
import { eventKey, idKey, lifeKey, offsetOf } from "./keys.js";
import type { Store } from "./store.js";
import type { StreamState } from "./stream-state.js";

/**
 * Most entries deleted with one commit that does little else: about a millisecond of work. A commit
 * that stores more than half of it may delete twice what it stores, so that deleting keeps up.
 */
export const CHUNK_ENTRIES = 256;

/** The tables in which a stream leaves something behind. */
const LEFT_BEHIND = ["events", "ids", "producers", "uses"] as const;

/** Knows where something is to be deleted, and deletes it bit by bit. */
export class Sweeper {
  readonly #streams = new Set<EmbeddedStream>();
  /** Lives of streams that are no more, of which something is still stored. */
  readonly #graves: number[] = [];

  /** Reads which removed streams have not been deleted wholly yet. */
  load(store: Store): void {
    for (const { key } of store.range("graves", { start: Buffer.alloc(1) })) {
      this.#graves.push(key.readUInt32BE());
    }
  }

  get hasWork(): boolean {
    return this.#streams.size > 0 || this.#graves.length > 0;
  }

  /** Looks whether a stream has something to delete. */
  note(stream: EmbeddedStream): void {
    const { state } = stream;
    if (state !== undefined && state.purged < state.earliest - 1) this.#streams.add(stream);
    else this.#streams.delete(stream);
  }

  /** Has a life deleted that was committed as a grave. */
  bury(life: number): void {
    this.#graves.push(life);
  }

  /**
   * Deletes at most so many entries. The oldest task comes first, and goes to the end of the row.
   *
   * @returns what to do when the draft has been committed
   */
  sweep(draft: Draft, entries: number): () => void {
    const [stream] = this.#streams;
    if (stream !== undefined) {
      this.#streams.delete(stream);
      this.#streams.add(stream);
      purge(draft, stream, entries);
      return () => undefined;
    }
    const [grave] = this.#graves;
    if (grave === undefined || !clear(draft, grave, entries)) return () => undefined;
    return () => {
      this.#graves.shift();
    };
  }
}

/** Deletes trimmed events, with their ids where these have not come to name later ones. */
function purge(draft: Draft, stream: EmbeddedStream, entries: number): void {
  const state = draft.state(stream);
  if (state === undefined) return;
  const { life } = state;
  const last = Math.min(state.earliest - 1, state.purged + entries);
  if (last <= state.purged) return;
  const range = { start: eventKey(life, state.purged + 1), end: eventKey(life, last + 1) };
  for (const { key, value } of draft.committed("events", range)) {
    draft.remove("events", key);
    const id = decodeId(value);
    if (id === undefined) continue;
    const index = idKey(life, id);
    if (draft.get("ids", index)?.readDoubleBE() === offsetOf(key)) draft.remove("ids", index);
  }
  draft.setState(stream, { ...(draft.state(stream) as StreamState), purged: last });
}

/** Deletes what a removed stream left behind. @returns whether that was all */
function clear(draft: Draft, life: number, entries: number): boolean {
  let left = entries;
  for (const table of LEFT_BEHIND) {
    const range = { start: lifeKey(life), end: lifeKey(life + 1), limit: left };
    for (const { key } of draft.committed(table, range)) {
      draft.remove(table, key);
      left -= 1;
    }
    if (left <= 0) return false;
  }
  draft.remove("graves", lifeKey(life));
  return true;
}
