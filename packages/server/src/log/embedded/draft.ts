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
  /** What was changed since the last attempt began. */
  readonly #changes: { takeBack(): void }[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  /** Does something wholly or, where it throws, not at all. */
  attempt<T>(work: () => T): T {
    this.#changes.length = 0;
    try {
      return work();
    } catch (error) {
      for (const change of this.#changes.reverse()) change.takeBack();
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
    this.#changes.push(new Change(this.#states, stream));
    this.#states.set(stream, state);
  }

  get(table: TableName, key: Buffer): Buffer | undefined {
    const write = this.#writes.get(nameOf(table, key));
    return write === undefined ? this.#store.get(table, key) : write.value;
  }

  put(table: TableName, key: Buffer, value: Buffer): void {
    this.#write(table, key, value);
  }

  remove(table: TableName, key: Buffer): void {
    this.#write(table, key, undefined);
  }

  /** The head of an event that is stored, or stored by this draft. */
  readHead(stream: EmbeddedStream, life: number, offset: number): EventHead {
    // What is committed stays as it is, and the stream mostly has it at hand.
    const { state } = stream;
    const isCommitted = state !== undefined && state.life === life && offset <= state.offset;
    const value = isCommitted ? undefined : this.event(life, offset);
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

  #write(table: TableName, key: Buffer, value: Buffer | undefined): void {
    const name = nameOf(table, key);
    this.#changes.push(new Change(this.#writes, name));
    this.#writes.set(name, { table, key, value });
  }
}

function nameOf(table: TableName, key: Buffer): string {
  return table + key.toString("latin1");
}

/** An entry of a map, as it was before it was changed. */
class Change<K = unknown, V = unknown> {
  readonly #map: Map<K, V>;
  readonly #key: K;
  readonly #before: V | undefined;
  readonly #wasThere: boolean;

  constructor(map: Map<K, V>, key: K) {
    this.#map = map;
    this.#key = key;
    this.#before = map.get(key);
    this.#wasThere = map.has(key);
  }

  takeBack(): void {
    if (this.#wasThere) this.#map.set(this.#key, this.#before as V);
    else this.#map.delete(this.#key);
  }
}
