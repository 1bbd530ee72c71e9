// A group of changes before it is committed: what it would write, and what can be read through it.

import type { EmbeddedStream } from "./embedded-stream.js";
import { decodeHead, type EventHead } from "./event-codec.js";
import { eventKey } from "./keys.js";
import type { Entry, Range, Store } from "./store.js";
import { encodeState, type StreamState } from "./stream-state.js";
import type { TableName, Write } from "./tables.js";

/**
 * Changes on top of what is committed. Reads see the changes.
 *
 * Only one draft is being made or committed at a time, so that what is committed stays as it is
 * until this one is.
 */
export class Draft {
  readonly #store: Store;
  readonly #writes = new Map<string, Write>();
  readonly #states = new Map<EmbeddedStream, StreamState | undefined>();
  /** Takes back, newest first, what was done since the last attempt began. */
  #undo: (() => void)[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  /** Does something wholly or, where it throws, not at all. */
  attempt<T>(work: () => T): T {
    this.#undo = [];
    try {
      return work();
    } catch (error) {
      for (const takeBack of this.#undo.reverse()) takeBack();
      throw error;
    }
  }

  get isEmpty(): boolean {
    return this.#writes.size === 0 && this.#states.size === 0;
  }

  /** How many entries change. */
  get size(): number {
    return this.#writes.size;
  }

  /** The streams that change, with what they change to; `undefined` where one is forgotten. */
  get states(): ReadonlyMap<EmbeddedStream, StreamState | undefined> {
    return this.#states;
  }

  state(stream: EmbeddedStream): StreamState | undefined {
    return this.#states.has(stream) ? this.#states.get(stream) : stream.state;
  }

  setState(stream: EmbeddedStream, state: StreamState | undefined): void {
    setIn(this.#states, stream, state, this.#undo);
  }

  get(table: TableName, key: Buffer): Buffer | undefined {
    const write = this.#writes.get(nameOf(table, key));
    return write === undefined ? this.#store.get(table, key) : write.value;
  }

  put(table: TableName, key: Buffer, value: Buffer): void {
    setIn(this.#writes, nameOf(table, key), { table, key, value }, this.#undo);
  }

  remove(table: TableName, key: Buffer): void {
    setIn(this.#writes, nameOf(table, key), { table, key, value: undefined }, this.#undo);
  }

  /** The head of an event that is stored, or stored by this draft. */
  readHead(stream: EmbeddedStream, life: number, offset: number): EventHead {
    const value = this.event(life, offset);
    return value === undefined ? stream.readHead(life, offset) : decodeHead(value);
  }

  /** An event that is stored by this draft, and by nothing before it. */
  event(life: number, offset: number): Buffer | undefined {
    return this.#writes.get(nameOf("events", eventKey(life, offset)))?.value;
  }

  /** What is committed in a range and not removed by this draft. What it has added is left out. */
  *committed(table: TableName, range: Range): Iterable<Entry> {
    for (const entry of this.#store.range(table, range)) {
      if (!this.#writes.has(nameOf(table, entry.key))) yield entry;
    }
  }

  /** What this draft has added to a table. O(draft). */
  *added(table: TableName): Iterable<Write> {
    for (const write of this.#writes.values()) {
      if (write.table === table && write.value !== undefined) yield write;
    }
  }

  /** Everything that is to be written. */
  writes(): Write[] {
    const states = [...this.#states].map(([stream, state]) => ({
      table: "streams" as const,
      key: Buffer.from(stream.name, "latin1"),
      value: state && encodeState(state),
    }));
    return [...this.#writes.values(), ...states];
  }
}

function nameOf(table: TableName, key: Buffer): string {
  return table + key.toString("latin1");
}

function setIn<K, V>(map: Map<K, V>, key: K, value: V, undo: (() => void)[]): void {
  const before = map.get(key);
  const wasThere = map.has(key);
  undo.push(() => {
    if (wasThere) map.set(key, before as V);
    else map.delete(key);
  });
  map.set(key, value);
}
