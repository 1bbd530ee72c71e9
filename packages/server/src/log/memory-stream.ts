// One stream of the memory log: its position, its events and who tails it. All of it synchronous.

import { DEFAULT_EVENT_TYPE, type NewEvent } from "./event.js";
import { EventDeque } from "./event-deque.js";
import type {
  Appended,
  AppendOptions,
  AppendResult,
  ReadOptions,
  ReadResult,
  StreamHead,
} from "./event-log.js";
import { gapAfter } from "./gap.js";
import { KnownProducers } from "./known-producers.js";
import type { Retention } from "./refusals.js";
import { sealed } from "./sealed.js";
import type { StreamName } from "./stream-name.js";
import type { Follower, TailSource } from "./stream-tail.js";

/**
 * What an event takes in memory beside its text: measured at 106 bytes for the object, its time and
 * the slots that refer to it, and about 20 for each string. Without it empty events would be free.
 */
export const EVENT_OVERHEAD_BYTES = 128;

/** What an id takes beside its text: its place in the index by which repetitions are found. */
export const ID_OVERHEAD_BYTES = 48;

/** An event to be stored, with its size as `eventBytes` counts it. */
export interface SizedEvent {
  readonly event: NewEvent;
  readonly bytes: number;
}

/**
 * The state of one stream.
 *
 * Methods change the state completely or not at all and call no foreign code, except for
 * {@link MemoryStream.notify}.
 */
export class MemoryStream implements TailSource {
  readonly name: StreamName;
  readonly followers = new Set<Follower>();
  readonly #events = new EventDeque();
  /** The offset of every stored event that has an id. */
  readonly #ids = new Map<string, number>();
  readonly #producers = new KnownProducers();
  #epoch: string;
  #offset = 0;
  #lastTimeMs = 0;
  #isSealed = false;
  #sealReason: string | undefined;

  constructor(name: StreamName, epoch: string) {
    this.name = name;
    this.#epoch = epoch;
  }

  get isSealed(): boolean {
    return this.#isSealed;
  }

  /** Whether nothing would be lost but the epoch if the stream were forgotten. */
  get isBlank(): boolean {
    return this.#offset === 0 && !this.#isSealed && this.followers.size === 0;
  }

  /** What the stored events take in memory. */
  get heldBytes(): number {
    const objects = this.#events.length * EVENT_OVERHEAD_BYTES;
    return this.#events.bytes + objects + this.#ids.size * ID_OVERHEAD_BYTES;
  }

  head(): StreamHead {
    return {
      epoch: this.#epoch,
      earliest: this.#earliest,
      offset: this.#offset,
      sealed: this.#isSealed,
      sealReason: this.#sealReason,
    };
  }

  /**
   * Stores what is new in a checked, non-empty batch of sized events.
   *
   * @throws StreamError as `EventLog.append` has it for producers and for complete streams
   */
  append(batch: readonly SizedEvent[], { producer }: AppendOptions, nowMs: number): AppendResult {
    const repeated = producer && this.#producers.findRepeated(producer, batch.length);
    if (repeated !== undefined) {
      const events = repeated.map((offset) => ({ offset, isDuplicate: true }));
      return { epoch: this.#epoch, events };
    }
    if (this.#isSealed && batch.some(({ event }) => !this.#holds(event))) throw sealed(this.name);
    this.#lastTimeMs = Math.max(this.#lastTimeMs, nowMs);
    const events = batch.map((sized) => this.#store(sized));
    if (producer !== undefined) {
      this.#producers.remember(
        producer,
        events.map(({ offset }) => offset),
      );
    }
    return { epoch: this.#epoch, events };
  }

  /** As `EventLog.read` has it, with options that have been checked. */
  read(options: ReadOptions): ReadResult {
    const { after } = options;
    const head = this.head();
    const gap = gapAfter(after, options.epoch ?? head.epoch, head);
    if (gap !== undefined) return gap;
    const wanted = Math.min(options.through ?? head.offset, head.offset) - after;
    const limit = Math.max(0, Math.min(options.limit, wanted));
    const events = this.#events.page(after + 1 - head.earliest, limit, options.maxBytes);
    return { kind: "events", epoch: head.epoch, events, head };
  }

  trim(throughOffset: number): void {
    this.#drop(Math.max(0, throughOffset - this.#earliest + 1));
  }

  seal(reason: string | undefined): void {
    if (this.#isSealed) return;
    this.#isSealed = true;
    this.#sealReason = reason;
  }

  /** Begins anew in another epoch; the followers stay. */
  reset(epoch: string): void {
    this.#epoch = epoch;
    this.#offset = 0;
    this.#isSealed = false;
    this.#sealReason = undefined;
    this.#drop(this.#events.length);
    this.#producers.clear();
  }

  /** Trims what is too old. */
  expire(retention: Retention, nowMs: number): void {
    const keptFromMs = nowMs - retention.maxAgeMs;
    let oldest = this.#events.oldest;
    while (oldest !== undefined && oldest.timeMs < keptFromMs) {
      this.#drop(1);
      oldest = this.#events.oldest;
    }
  }

  /** Trims what is too much. */
  shrink(retention: Retention): void {
    this.#drop(Math.max(0, this.#events.length - retention.maxEvents));
    this.shrinkTo(retention.maxBytes);
  }

  /** Trims the oldest events until at most so many bytes are held. */
  shrinkTo(maxBytes: number): void {
    while (this.heldBytes > maxBytes) this.#drop(1);
  }

  /** Lets the followers look. They may use the log meanwhile, this stream too. */
  notify(): void {
    for (const follower of this.followers) follower.pump();
  }

  get #earliest(): number {
    return this.#offset - this.#events.length + 1;
  }

  #holds({ id }: NewEvent): boolean {
    return id !== undefined && this.#ids.has(id);
  }

  /** Stores an event, if its id is not that of one which is stored already. */
  #store({ event, bytes }: SizedEvent): Appended {
    const { id } = event;
    const known = id === undefined ? undefined : this.#ids.get(id);
    if (known !== undefined) return { offset: known, isDuplicate: true };
    this.#offset += 1;
    const offset = this.#offset;
    const stored = {
      offset,
      timeMs: this.#lastTimeMs,
      type: event.type ?? DEFAULT_EVENT_TYPE,
      data: event.data,
      topic: event.topic,
      id,
      traceparent: event.traceparent,
    };
    this.#events.push(stored, bytes);
    if (id !== undefined) this.#ids.set(id, offset);
    return { offset, isDuplicate: false };
  }

  /** Drops so many of the oldest events, and forgets their ids. */
  #drop(count: number): void {
    if (count >= this.#events.length) this.#ids.clear();
    // An index that is empty has nothing to forget: most publishers give no ids.
    else if (this.#ids.size > 0) {
      for (const { id } of this.#events.page(0, count, Number.POSITIVE_INFINITY)) {
        if (id !== undefined) this.#ids.delete(id);
      }
    }
    this.#events.drop(count);
  }
}
