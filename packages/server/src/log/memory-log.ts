// The log that keeps everything in the memory of one process: for development, for tests, and for
// feeds whose history may begin anew with a restart.

import type { Position } from "throughline/core";
import { eventBytes, type NewEvent } from "./event.js";
import type {
  AppendOptions,
  AppendResult,
  EventLog,
  ReadOptions,
  ReadResult,
  StreamHead,
  Tail,
  TailListener,
} from "./event-log.js";
import { MemoryBudget } from "./memory-budget.js";
import {
  type MemoryLogOptions,
  type ResolvedMemoryLogOptions,
  resolveMemoryLogOptions,
} from "./memory-log-options.js";
import {
  EVENT_OVERHEAD_BYTES,
  ID_OVERHEAD_BYTES,
  MemoryStream,
  type SizedEvent,
} from "./memory-stream.js";
import { checkedEpoch } from "./option-values.js";
import { assertFits, logClosed, tooManyStreams } from "./refusals.js";
import type { StreamName } from "./stream-name.js";
import { StreamTail } from "./stream-tail.js";
import { throwLater } from "./throw-later.js";
import {
  validateEvents,
  validateOffset,
  validatePosition,
  validateProducer,
  validateReadOptions,
} from "./validate-arguments.js";

/**
 * Creates a log that lives in memory: nothing survives the process, and the epochs say so.
 *
 * Every call takes effect before it returns, in the order of the calls; the promises are there for
 * the contract's sake. Tails that have caught up are called inside `append`, `seal` and `remove`,
 * after the change is complete; an append that a listener makes there is delivered after the events
 * at hand. `append` costs O(batch), whatever is stored.
 *
 * A batch that exceeds `maxEvents` or `maxBytes` by itself is rejected with `invalid-event`.
 *
 * @throws StreamError `invalid-option`; the message names the field
 */
export function createMemoryLog(options?: MemoryLogOptions): EventLog {
  return new MemoryLog(resolveMemoryLogOptions(options));
}

class MemoryLog implements EventLog {
  readonly #options: ResolvedMemoryLogOptions;
  readonly #streams = new Map<StreamName, MemoryStream>();
  /** The streams that may be forgotten to make room for others, the oldest first. */
  readonly #blank = new Set<MemoryStream>();
  readonly #budget: MemoryBudget;
  #isClosed = false;

  constructor(options: ResolvedMemoryLogOptions) {
    this.#options = options;
    this.#budget = new MemoryBudget(options.maxTotalBytes);
  }

  async append(
    name: StreamName,
    events: readonly NewEvent[],
    options: AppendOptions = {},
  ): Promise<AppendResult> {
    this.#assertOpen();
    validateEvents(events);
    if (options.producer !== undefined) validateProducer(options.producer);
    const batch = events.map((event) => ({ event, bytes: eventBytes(event) }));
    this.#assertFits(batch);
    const stream = this.#open(name);
    const nowMs = this.#options.now();
    // First, because the id of an event that is too old to be read must not be recognised any more.
    stream.expire(this.#options, nowMs);
    const result = stream.append(batch, options, nowMs);
    stream.shrink(this.#options);
    this.#settle(stream, nowMs);
    stream.notify();
    return result;
  }

  async read(name: StreamName, options: ReadOptions): Promise<ReadResult> {
    this.#assertOpen();
    validateReadOptions(options);
    return this.#freshen(name).read(options);
  }

  async head(name: StreamName): Promise<StreamHead> {
    this.#assertOpen();
    return this.#freshen(name).head();
  }

  tail(name: StreamName, after: Position, listener: TailListener): Tail {
    this.#assertOpen();
    validatePosition(after);
    const stream = this.#freshen(name);
    const tail = new StreamTail(stream, {
      after,
      listener,
      report: (error) => this.#report(error, name),
      onClosed: () => this.#noteWhetherBlank(stream),
    });
    this.#noteWhetherBlank(stream);
    return tail;
  }

  async trim(name: StreamName, throughOffset: number): Promise<StreamHead> {
    this.#assertOpen();
    validateOffset(throughOffset, "throughOffset");
    const stream = this.#open(name);
    stream.trim(throughOffset);
    this.#settle(stream, this.#options.now());
    return stream.head();
  }

  async seal(name: StreamName, reason?: string): Promise<StreamHead> {
    this.#assertOpen();
    const stream = this.#freshen(name);
    stream.seal(reason);
    this.#noteWhetherBlank(stream);
    const head = stream.head();
    stream.notify();
    return head;
  }

  async remove(name: StreamName): Promise<void> {
    this.#assertOpen();
    const stream = this.#streams.get(name);
    if (stream === undefined) return;
    stream.reset(this.#createEpoch());
    this.#settle(stream, this.#options.now());
    stream.notify();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const stream of this.#streams.values()) {
      for (const follower of stream.followers) follower.close();
    }
    this.#streams.clear();
    this.#blank.clear();
  }

  /** The stream, with what is too old for this moment trimmed. */
  #freshen(name: StreamName): MemoryStream {
    const stream = this.#open(name);
    this.#settle(stream, this.#options.now());
    return stream;
  }

  /** Brings the bookkeeping up to date with a stream that was used just now. */
  #settle(stream: MemoryStream, nowMs: number): void {
    stream.expire(this.#options, nowMs);
    this.#budget.settle(stream);
    this.#noteWhetherBlank(stream);
  }

  /** The stream, made where there is none: from now on its epoch may have been told to somebody. */
  #open(name: StreamName): MemoryStream {
    const known = this.#streams.get(name);
    if (known !== undefined) return known;
    if (this.#streams.size >= this.#options.maxStreams) this.#makeRoom();
    const stream = new MemoryStream(name, this.#createEpoch());
    this.#streams.set(name, stream);
    return stream;
  }

  /**
   * Forgets a stream that was only asked for. Otherwise whoever may ask for names could keep all
   * others from writing; a reader that comes back to it is answered with a reset, which is honest.
   */
  #makeRoom(): void {
    const [oldest] = this.#blank;
    if (oldest === undefined) throw tooManyStreams(this.#options.maxStreams);
    this.#streams.delete(oldest.name);
    this.#blank.delete(oldest);
  }

  #noteWhetherBlank(stream: MemoryStream): void {
    if (stream.isBlank) this.#blank.add(stream);
    else this.#blank.delete(stream);
  }

  #createEpoch(): string {
    return checkedEpoch(this.#options.createEpoch());
  }

  #report(error: unknown, name: StreamName): void {
    try {
      this.#options.onListenerError(error, name);
    } catch (second) {
      throwLater(second);
    }
  }

  #assertOpen(): void {
    if (this.#isClosed) throw logClosed();
  }

  #assertFits(batch: readonly SizedEvent[]): void {
    let bytes = batch.length * EVENT_OVERHEAD_BYTES;
    for (const sized of batch) {
      bytes += sized.bytes + (sized.event.id === undefined ? 0 : ID_OVERHEAD_BYTES);
    }
    assertFits({ events: batch.length, bytes }, this.#options);
  }
}
