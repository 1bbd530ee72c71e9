// The contract of whatever stores streams. The log is the only buffer of the whole system: readers
// that are new, late or slow all do the same, which is to read from their position to the head.
//
// Every implementation passes `logConformance` of the testkit; the sentences below are its cases.

import type { Position } from "throughline/core";
import type { NewEvent, StoredEvent } from "./event.js";
import type { StreamName } from "./stream-name.js";

/** What became of one event of a batch. */
export interface Appended {
  /** Where the event stands. */
  readonly offset: number;
  /** Whether it stood there before, so that nothing was stored for it by this call. */
  readonly isDuplicate: boolean;
}

/** What became of a batch. */
export interface AppendResult {
  /** The epoch of all its offsets. */
  readonly epoch: string;
  /** One entry for each event, in the order of the batch. Those that are new are contiguous. */
  readonly events: readonly Appended[];
}

/**
 * Who appends, and the how-manieth batch it is: makes a batch repeatable as a whole, and keeps a
 * publisher out that has been replaced by another one with the same id.
 */
export interface ProducerStamp {
  /** Names the producer inside its stream: 1 to 128 characters of `[A-Za-z0-9._~:-]`. */
  readonly id: string;
  /**
   * The life of the producer, an integer from 0. Whoever takes its place comes with a higher one;
   * from then on batches of a lower one are refused with `producer-fenced`.
   */
  readonly epoch: number;
  /** The number of this batch in that life: 0 for the first one, then always one more. */
  readonly sequence: number;
}

/** How to append. */
export interface AppendOptions {
  readonly producer?: ProducerStamp | undefined;
}

/** How far a stream is. */
export interface StreamHead {
  readonly epoch: string;
  /** The smallest offset still stored; `offset + 1` where nothing is stored. */
  readonly earliest: number;
  /** The offset assigned last, also when its event has been trimmed; 0 where there was none yet. */
  readonly offset: number;
  /** Whether the stream is complete: nothing will ever be appended to this epoch again. */
  readonly sealed: boolean;
  /** What the first `seal` gave as the reason. */
  readonly sealReason?: string | undefined;
}

/** What to read, and at most how much of it. */
export interface ReadOptions {
  /** The offset after which to begin: 0 for the very first event of the epoch. */
  readonly after: number;
  /** The epoch that `after` belongs to. Without it `after` is taken to be of the present epoch. */
  readonly epoch?: string | undefined;
  /** Most events in the page, at least 1. */
  readonly limit: number;
  /** Most bytes in the page as `eventBytes` counts them, at least 1. One event always fits. */
  readonly maxBytes: number;
  /** The last offset wanted, inclusive. Default: the head. */
  readonly through?: number | undefined;
}

/** Consecutive events, beginning right after the position asked for. */
export interface EventsPage {
  readonly kind: "events";
  /** The epoch of all offsets in this page. */
  readonly epoch: string;
  /** Empty only where nothing is stored after the position, or nothing up to `through`. */
  readonly events: readonly StoredEvent[];
  /** The head at the moment of reading, so that a reader knows whether it has caught up. */
  readonly head: StreamHead;
}

/** Events after the position asked for are missing for good. */
export type LogGap = TrimmedGap | ResetGap;

/** The events were stored once and have been trimmed since. */
export interface TrimmedGap {
  readonly kind: "gap";
  readonly reason: "trimmed";
  /** Offset of the first missing event: the one after the position asked for. */
  readonly from: number;
  /** Offset of the last missing event, inclusive: the one before the earliest stored. */
  readonly to: number;
  /** Where to go on: right before the earliest event stored. */
  readonly resumeAfter: Position;
  readonly head: StreamHead;
}

/**
 * The position does not belong to what is stored: it is of another epoch, or beyond the head, which
 * happens when a store was rolled back. How much is missing cannot be known.
 */
export interface ResetGap {
  readonly kind: "gap";
  readonly reason: "reset";
  readonly from: null;
  readonly to: null;
  /**
   * Where to go on: right before the earliest event stored for a position of another epoch; the
   * head for one beyond it, because what is stored up to there has been read already.
   */
  readonly resumeAfter: Position;
  readonly head: StreamHead;
}

/** The answer to a read: the events that follow, or the notice that some cannot be had. */
export type ReadResult = EventsPage | LogGap;

/** Consecutive events for a tail. */
export interface TailEvents {
  readonly kind: "events";
  readonly epoch: string;
  /** At least one. */
  readonly events: readonly StoredEvent[];
}

/** The stream is complete and the tail has had all of it. */
export interface TailSealed {
  readonly kind: "sealed";
  /** The position of the last event. */
  readonly at: Position;
  readonly reason?: string | undefined;
}

/**
 * What a tail hears. After `gap` it goes on from `resumeAfter` by itself; `sealed` is the last
 * message and closes the tail.
 */
export type TailMessage = TailEvents | LogGap | TailSealed;

/**
 * Takes the messages of one tail, one call at a time.
 *
 * A message counts as delivered when the call begins. What a listener throws is reported by the log
 * (the implementation says where) and disturbs nothing else: neither the append, nor other tails,
 * nor the messages that follow.
 */
export type TailListener = (message: TailMessage) => void;

/** A running subscription to a stream. */
export interface Tail {
  /**
   * Ends it: the listener is not called again. May be called twice and from inside the listener.
   */
  close(): void;
}

/**
 * Stores streams: named, ordered, append-only sequences of events.
 *
 * **Streams** need no creation. One that nobody has written to has a head with offset 0. They are
 * independent of each other; nothing is promised about order between them.
 *
 * **Positions.** Within an epoch offsets begin at 1 and have no holes, and an offset never names
 * two events. An epoch changes only when continuity cannot be proven: after `remove`, and when a
 * store finds that it lost events it had acknowledged. From the first time that an epoch is told to
 * anybody it stays, also while the stream is still empty.
 *
 * **Consistency.** Whatever an append, a read, a head or a tail has told, every call that begins
 * afterwards knows. All calls may be made concurrently; callers need to serialise nothing.
 *
 * **Errors.** Methods reject (`tail` throws) with a `StreamError`: `log-closed` after `close`,
 * `invalid-option` where a number or an epoch cannot be meant; `too-many-streams` where the log has
 * a limit and a new stream would exceed it; others are named at the method. A rejected call has
 * changed nothing.
 */
export interface EventLog {
  /**
   * Appends a batch at the head.
   *
   * All of it or nothing, as consecutive offsets with no other event between; concurrent batches
   * stand in the order of the calls. The promise resolves when the log keeps its durability promise
   * for every event of the batch; tails may hear of it earlier or later.
   *
   * **Repeating an append stores nothing twice.** An event whose `id` the stream holds already, or
   * an earlier event of the same batch has, is a duplicate: it is not stored, and its entry names
   * the offset of the first one. An id is known exactly as long as its event is stored.
   *
   * With a `producer`, the log knows for each stream the outcome of the newest 5 batches of each
   * producer, and answers one that comes again with that outcome, every event a duplicate; one with
   * another number of events is no repetition. The first batch of a producer that the log does not
   * know, and of a higher epoch, may have any sequence. Known are the 1000 producers of a stream that
   * appended last, however long ago; repetitions do not count. Ids and producers are as durable as
   * the events, and forgotten by `remove`. A batch that brings nothing new is answered also when the
   * stream is complete.
   *
   * @throws StreamError `invalid-event` where the batch is empty, too large for the log, or holds
   *   an event that cannot be put on the wire (see `validateEvents`); `stream-sealed` where the
   *   stream is complete; `producer-fenced` where the producer's epoch is lower than the one
   *   known; `producer-out-of-order` where its sequence is neither the next one nor known;
   *   `invalid-option` where the stamp makes no sense
   */
  append(
    stream: StreamName,
    events: readonly NewEvent[],
    options?: AppendOptions,
  ): Promise<AppendResult>;

  /**
   * Reads the events after a position, or says that there is a gap.
   *
   * A page holds at least one event where one is stored in the range, even if it alone exceeds
   * `maxBytes`, so that a loop over pages always ends. At the head the page is empty, never a gap,
   * however long ago the last event was trimmed. A gap is told whole, whatever `through` says.
   * The start is found by index: O(log stored + page), wherever it lies.
   */
  read(stream: StreamName, options: ReadOptions): Promise<ReadResult>;

  /** Tells how far the stream is. */
  head(stream: StreamName): Promise<StreamHead>;

  /**
   * Delivers every event after a position, exactly once and in order: those stored already and
   * those to come. Events that were trimmed before they could be delivered, and a change of epoch,
   * are told as a gap before any later event.
   *
   * The listener is never called before `tail` has returned, and never for an event that a `read`
   * could not see yet. There is no back-pressure: a reader that may be slow pages through history
   * with `read` and tails from the head.
   *
   * A tail ends with `sealed`, with its own `close` or with that of the log, and in no other way: a
   * log that loses its store meanwhile reconnects and goes on.
   */
  tail(stream: StreamName, after: Position, listener: TailListener): Tail;

  /**
   * Deletes the events up to and including an offset. The position outlives the data: epoch and
   * head stay, the next offset is the same as without it, and readers further behind get a gap. An
   * offset at or beyond the head deletes what is stored and no more; 0 deletes nothing.
   *
   * @returns the head afterwards
   */
  trim(stream: StreamName, throughOffset: number): Promise<StreamHead>;

  /**
   * Declares the stream complete. Its events stay readable; appends are rejected from now on.
   * Sealing again changes nothing, not even the reason.
   *
   * @returns the head afterwards
   */
  seal(stream: StreamName, reason?: string): Promise<StreamHead>;

  /**
   * Forgets the stream with its position and its seal. When it is used again it begins anew, in
   * another epoch, so that old positions are answered with a `reset` gap. Open tails count as use:
   * they hear that gap, before the first event of the new epoch at the latest, and go on.
   */
  remove(stream: StreamName): Promise<void>;

  /** Ends all tails and refuses every later call. Closing again does nothing. */
  close(): Promise<void>;
}
