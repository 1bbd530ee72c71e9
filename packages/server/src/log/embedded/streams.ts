// All streams of the log: which there are, which may be forgotten, and what they hold together.

import type { StreamName } from "../stream-name.js";
import { EmbeddedStream } from "./embedded-stream.js";
import type { Store } from "./store.js";
import { decodeState, heldBytes, type StreamState } from "./stream-state.js";

/** The streams that exist, or that somebody asks for just now. */
export class Streams {
  readonly #store: Store;
  readonly #streams = new Map<StreamName, EmbeddedStream>();
  /** Those that may be forgotten to make room for others, the oldest first. */
  readonly #blank = new Set<EmbeddedStream>();
  /** What each stream that holds events holds, the one written to least recently first. */
  readonly #held = new Map<EmbeddedStream, number>();
  /** Those that do not exist: somebody asks for them, or has forgotten them. */
  readonly #unmade = new Set<EmbeddedStream>();
  #count = 0;
  #heldBytes = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Reads what the store knows of all streams. */
  load(): void {
    const records = [...this.#store.range("streams", { start: Buffer.alloc(1) })];
    const states = records.map(({ key, value }) => ({
      name: key.toString("latin1") as StreamName,
      state: decodeState(value),
    }));
    states.sort((one, other) => one.state.lastTimeMs - other.state.lastTimeMs);
    for (const { name, state } of states) this.show(this.get(name), state);
  }

  /** How many exist. */
  get count(): number {
    return this.#count;
  }

  /** What all of them hold together. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Those that hold events, the one written to least recently first. */
  get holders(): Iterable<EmbeddedStream> {
    return this.#held.keys();
  }

  /** Those that may be forgotten, the oldest first. */
  get blank(): Iterable<EmbeddedStream> {
    return this.#blank;
  }

  all(): Iterable<EmbeddedStream> {
    return this.#streams.values();
  }

  /** The stream of a name; it need not exist in the store. */
  get(name: StreamName): EmbeddedStream {
    const known = this.#streams.get(name);
    if (known !== undefined) return known;
    const stream = new EmbeddedStream(name, this.#store);
    this.#streams.set(name, stream);
    this.#unmade.add(stream);
    return stream;
  }

  /** Lets go of those that do not exist and that nobody tails. No change may be under way. */
  forgetUnused(): void {
    for (const stream of this.#unmade) {
      if (stream.followers.size > 0) continue;
      this.#unmade.delete(stream);
      this.#streams.delete(stream.name);
    }
  }

  /** Lets readers see another state of a stream, and keeps the books. */
  show(stream: EmbeddedStream, state: StreamState | undefined): void {
    const before = stream.state;
    this.#count += Number(state !== undefined) - Number(before !== undefined);
    stream.show(state);
    this.#keepBooks(stream, state !== undefined && state.offset !== before?.offset);
  }

  /** Keeps the books after a stream has gained or lost a follower, or has hidden what is old. */
  settle(stream: EmbeddedStream): void {
    this.#keepBooks(stream, false);
  }

  #keepBooks(stream: EmbeddedStream, wasWritten: boolean): void {
    const { state } = stream;
    const held = state === undefined ? 0 : heldBytes(state);
    this.#heldBytes += held - (this.#held.get(stream) ?? 0);
    if (wasWritten || held === 0) this.#held.delete(stream);
    if (held > 0) this.#held.set(stream, held);
    if (stream.isBlank) this.#blank.add(stream);
    else this.#blank.delete(stream);
    if (state === undefined) this.#unmade.add(stream);
    else this.#unmade.delete(stream);
  }
}
