// A run of stored events: appended at one end, trimmed at the other, found by index.

import type { StoredEvent } from "./event.js";

/** Stands in slots whose event was dropped, so that the event itself can be collected. */
const DROPPED: StoredEvent = { offset: 0, timeMs: 0, type: "", data: "" };

/** Below this many dropped slots there is nothing worth closing up. */
const FEWEST_DROPPED_SLOTS = 64;

/**
 * Events in order, with the size of each.
 *
 * `push` and each event dropped cost O(1), amortised: dropped slots at the front are closed up once
 * they are more than half, so that an event is moved at most once for each one dropped.
 */
export class EventDeque {
  #events: StoredEvent[] = [];
  /** The sizes in bytes, at the same indices as the events. */
  #sizes: number[] = [];
  /** Index of the oldest event: everything before it is dropped. */
  #start = 0;
  #bytes = 0;

  get length(): number {
    return this.#events.length - this.#start;
  }

  /** The sizes of all events together. */
  get bytes(): number {
    return this.#bytes;
  }

  get oldest(): StoredEvent | undefined {
    return this.#events[this.#start];
  }

  push(event: StoredEvent, bytes: number): void {
    this.#events.push(event);
    this.#sizes.push(bytes);
    this.#bytes += bytes;
  }

  /** Drops so many of the oldest events, or all where there are fewer. */
  drop(count: number): void {
    if (count >= this.length) {
      this.#events = [];
      this.#sizes = [];
      this.#start = 0;
      this.#bytes = 0;
      return;
    }
    for (const end = this.#start + count; this.#start < end; this.#start += 1) {
      this.#bytes -= this.#sizes[this.#start] ?? 0;
      this.#events[this.#start] = DROPPED;
    }
    if (this.#start >= FEWEST_DROPPED_SLOTS && this.#start * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#start);
      this.#sizes = this.#sizes.slice(this.#start);
      this.#start = 0;
    }
  }

  /**
   * The events from an index on, where 0 is the oldest: at most `limit` of them and at most
   * `maxBytes`, but one in any case where there is one. Costs O(page).
   */
  page(index: number, limit: number, maxBytes: number): readonly StoredEvent[] {
    const from = this.#start + index;
    const last = Math.min(from + limit, this.#events.length);
    let to = from;
    let bytes = 0;
    for (; to < last; to += 1) {
      bytes += this.#sizes[to] ?? 0;
      if (bytes > maxBytes && to > from) break;
    }
    return this.#events.slice(from, to);
  }
}
