// One stream as its readers see it: what is committed, and nothing else.

import type { StoredEvent } from "../event.js";
import type { ReadOptions, ReadResult, StreamHead } from "../event-log.js";
import { gapAfter } from "../gap.js";
import type { StreamName } from "../stream-name.js";
import type { Follower, TailSource } from "../stream-tail.js";
import { decodeEvent, decodeHead, type EventHead, storedBytes } from "./event-codec.js";
import { storeCorrupt } from "./failures.js";
import { eventKey } from "./keys.js";
import { type Bounds, retain } from "./retention.js";
import type { Store } from "./store.js";
import { headOf, isUnwritten, type StreamState } from "./stream-state.js";

/** Events that have just been stored, as long as they are at hand; a draft has them. */
export interface FreshEvents {
  event(life: number, offset: number): Buffer | undefined;
}

/** A stream, its state and who tails it. */
export class EmbeddedStream implements TailSource {
  readonly name: StreamName;
  readonly followers = new Set<Follower>();
  readonly #store: Store;
  #state: StreamState | undefined;
  /** While the followers look: what they most likely want, which saves reading it from the store. */
  #fresh: FreshEvents | undefined;
  /** The head that was read last: mostly that of the earliest event, at each look at its age. */
  #known: { readonly life: number; readonly offset: number; readonly head: EventHead } | undefined;

  constructor(name: StreamName, store: Store, state?: StreamState) {
    this.name = name;
    this.#store = store;
    this.#state = state;
  }

  /** What is committed of it; `undefined` where the stream does not exist yet. */
  get state(): StreamState | undefined {
    return this.#state;
  }

  /** Lets readers see another state. Whatever it says must be committed, or be a later start. */
  show(state: StreamState | undefined): void {
    this.#state = state;
  }

  /** Whether nothing would be lost but the epoch if the stream were forgotten. */
  get isBlank(): boolean {
    return this.#state !== undefined && isUnwritten(this.#state) && this.followers.size === 0;
  }

  head(): StreamHead | undefined {
    return this.#state && headOf(this.#state);
  }

  /**
   * Hides what is too old.
   *
   * @returns whether anything was
   */
  expire(bounds: Bounds): boolean {
    const state = this.#state;
    if (state === undefined) return false;
    this.#state = retain(state, bounds, (offset) => this.readHead(state.life, offset));
    return this.#state !== state;
  }

  /** As `EventLog.read` has it, with options that have been checked. */
  read(options: ReadOptions): ReadResult | undefined {
    const state = this.#state;
    if (state === undefined) return undefined;
    const { after } = options;
    const head = headOf(state);
    const gap = gapAfter(after, options.epoch ?? head.epoch, head);
    if (gap !== undefined) return gap;
    const last = Math.min(options.through ?? head.offset, head.offset, after + options.limit);
    const events = last > after ? this.#page(state.life, after + 1, last, options.maxBytes) : [];
    return { kind: "events", epoch: head.epoch, events, head };
  }

  /** Lets the followers look. They may use the log meanwhile, this stream too. */
  notify(fresh?: FreshEvents): void {
    this.#fresh = fresh;
    for (const follower of this.followers) follower.pump();
    this.#fresh = undefined;
  }

  /** The head of an event that is committed. What is committed under an offset stays the same. */
  readHead(life: number, offset: number): EventHead {
    if (this.#known?.life === life && this.#known.offset === offset) return this.#known.head;
    const value = this.#store.get("events", eventKey(life, offset));
    if (value === undefined) throw this.#damaged(offset);
    const head = decodeHead(value);
    this.#known = { life, offset, head };
    return head;
  }

  /** The events from one offset to another, at most so many bytes but one in any case. */
  #page(life: number, first: number, last: number, maxBytes: number): StoredEvent[] {
    const events: StoredEvent[] = [];
    let offset = first;
    let bytes = 0;
    let isFull = false;
    // An event is known by its checksum, which its offset goes into: at a hole the next one is not what is expected.
    const take = (value: Buffer, size: number): boolean => {
      const event = decodeEvent(value, offset, size);
      if (event === undefined) return false;
      bytes += storedBytes(value, size);
      isFull = bytes > maxBytes && events.length > 0;
      if (isFull) return false;
      events.push(event);
      offset += 1;
      return true;
    };
    while (offset <= last) {
      const value = this.#fresh?.event(life, offset);
      if (value === undefined || !take(value, value.length)) break;
    }
    if (offset <= last && !isFull) {
      const start = eventKey(life, offset);
      const range = { start, end: eventKey(life, last + 1), limit: last - offset + 1 };
      this.#store.scanEvents(range, take);
    }
    if (offset <= last && !isFull) throw this.#damaged(offset);
    return events;
  }

  #damaged(offset: number): Error {
    return storeCorrupt(`Event ${offset} of the stream ${this.name} is missing or damaged.`);
  }
}
