// The log that keeps everything on the disk of one machine: the one to use where history has to
// outlive the process.

import type { Position } from "throughline/core";
import type { NewEvent } from "../event.js";
import type {
  AppendOptions,
  AppendResult,
  EventLog,
  ReadOptions,
  ReadResult,
  StreamHead,
  Tail,
  TailListener,
} from "../event-log.js";
import { checkedEpoch } from "../option-values.js";
import { assertFits, logClosed, tooManyStreams } from "../refusals.js";
import type { StreamName } from "../stream-name.js";
import { StreamTail, type TailSource } from "../stream-tail.js";
import { throwLater } from "../throw-later.js";
import {
  validateEvents,
  validateOffset,
  validatePosition,
  validateProducer,
  validateReadOptions,
} from "../validate-arguments.js";
import { appendTo, boundsAt, expire, weightOf } from "./append.js";
import { Committer } from "./committer.js";
import type { Draft } from "./draft.js";
import type { EmbeddedStream } from "./embedded-stream.js";
import { encodeEvent } from "./event-codec.js";
import { explainFailure } from "./failures.js";
import { GroupCommit } from "./group-commit.js";
import type { Holder } from "./holder.js";
import { lifeKey } from "./keys.js";
import { Losses } from "./losses.js";
import { type OpenedStore, openStore } from "./open-store.js";
import {
  type EmbeddedLogOptions,
  type ResolvedEmbeddedLogOptions,
  resolveEmbeddedLogOptions,
} from "./options.js";
import { type Bounds, trimTo } from "./retention.js";
import type { Store } from "./store.js";
import { encodeRecord, RECORD_KEY, type StoreRecord } from "./store-record.js";
import { headOf, heldBytes, newState, type StreamState, withLaterStart } from "./stream-state.js";
import { Streams } from "./streams.js";
import { Sweeper } from "./sweeper.js";
import type { Write } from "./tables.js";
import { witnessPath } from "./witness.js";

/**
 * Opens the log in a directory, or creates it there.
 *
 * Events, positions, epochs, seals, ids and producers survive the end of the process and that of the
 * machine, however they come. Calls are carried out in their order and committed in groups by a
 * thread of its own; what is not committed is told to no reader, and to publishers only with
 * `acknowledge: "accepted"`. Reads go on beside commits, and where nothing can be stored any more.
 *
 * A store that cannot be proven to be the one that was last used here, with all that it had
 * acknowledged, gives new epochs to all streams and keeps their events.
 *
 * A batch that exceeds `maxEvents` or `maxBytes` by itself is rejected with `invalid-event`. All
 * calls that change something, and the first use of a stream, may be rejected with `store-full`,
 * which passes when there is room again, and with `store-unavailable`.
 *
 * @throws StreamError `invalid-option`; `store-locked` where the directory is in use;
 *   `store-corrupt` where what is in it is damaged; `store-full`; `store-unavailable` where it
 *   cannot be used for another reason
 */
export async function createEmbeddedLog(options: EmbeddedLogOptions): Promise<EventLog> {
  const settings = resolveEmbeddedLogOptions(options);
  const opened = await openStore(settings);
  const { store, holder } = opened;
  try {
    const committer = await Committer.start({
      directory: settings.directory,
      storeOptions: opened.options,
      witness: witnessPath(settings.directory, opened.record.commit),
    });
    return new EmbeddedLog(settings, opened, committer);
  } catch (error) {
    await store.close();
    await holder.release();
    throw explainFailure(error, "open", settings.directory);
  }
}

class EmbeddedLog implements EventLog {
  readonly #options: ResolvedEmbeddedLogOptions;
  readonly #store: Store;
  readonly #holder: Holder;
  readonly #committer: Committer;
  readonly #streams: Streams;
  readonly #sweeper = new Sweeper();
  readonly #losses = new Losses();
  readonly #group: GroupCommit;
  readonly #timer: NodeJS.Timeout;
  /** As it was committed last. */
  #record: StoreRecord;
  #nextLife: number;
  #closing: Promise<void> | undefined;

  constructor(options: ResolvedEmbeddedLogOptions, opened: OpenedStore, committer: Committer) {
    this.#options = options;
    this.#store = opened.store;
    this.#holder = opened.holder;
    this.#record = opened.record;
    this.#nextLife = opened.record.nextLife;
    this.#committer = committer;
    this.#streams = new Streams(opened.store);
    this.#streams.load();
    this.#sweeper.load(opened.store);
    for (const stream of this.#streams.all()) this.#sweeper.note(stream);
    this.#group = new GroupCommit({
      store: opened.store,
      sweeper: this.#sweeper,
      maxPendingBytes: options.maxPendingBytes,
      begin: (draft) => this.#begin(draft),
      commit: (writes) => this.#commit(writes),
      complete: (draft) => this.#complete(draft),
      show: (draft) => this.#show(draft),
      lose: (draft, answered, error) => {
        const lost = this.#losses.note(draft, answered);
        if (lost.length > 0) this.#tell(() => options.onLost(error, lost));
      },
    });
    this.#timer = setInterval(() => void this.#sweepIdle(), options.sweepMs).unref();
    this.#group.sweep();
  }

  async append(
    name: StreamName,
    events: readonly NewEvent[],
    { producer }: AppendOptions = {},
  ): Promise<AppendResult> {
    this.#assertOpen();
    validateEvents(events);
    if (producer !== undefined) validateProducer(producer);
    const encoded = events.map(encodeEvent);
    const bytes = encoded.reduce((sum, event) => sum + weightOf(event), 0);
    assertFits({ events: events.length, bytes }, this.#options);
    const batch = {
      events: encoded,
      producer: producer && { ...producer },
      nowMs: this.#options.now(),
    };
    const early = this.#options.acknowledge === "accepted" ? name : undefined;
    const append = (draft: Draft) => appendTo(draft, this.#open(draft, name), batch, this.#options);
    return this.#group.submit(append, { bytes, early });
  }

  async read(name: StreamName, options: ReadOptions): Promise<ReadResult> {
    this.#assertOpen();
    validateReadOptions(options);
    const asked = { ...options };
    return this.#look(name, (stream) => stream.read(asked));
  }

  async head(name: StreamName): Promise<StreamHead> {
    this.#assertOpen();
    return this.#look(name, (stream) => stream.head());
  }

  tail(name: StreamName, after: Position, listener: TailListener): Tail {
    this.#assertOpen();
    validatePosition(after);
    const stream = this.#streams.get(name);
    const ahead = this.#group.ahead(stream);
    if (stream.state !== undefined) this.#freshen(stream);
    else if (ahead === undefined) {
      this.#assertRoomForOne();
      this.#makeSoon(name);
    }
    const source = ahead === undefined ? stream : waitFor(ahead, stream);
    const tail = new StreamTail(source, {
      after: { ...after },
      listener,
      report: (error) => this.#report(error, name),
      onClosed: () => this.#streams.settle(stream),
    });
    this.#streams.settle(stream);
    void ahead?.then(() => this.#notify(stream));
    return tail;
  }

  async trim(name: StreamName, throughOffset: number): Promise<StreamHead> {
    this.#assertOpen();
    validateOffset(throughOffset, "throughOffset");
    const nowMs = this.#options.now();
    return this.#group.submit((draft) => {
      const stream = this.#open(draft, name);
      const state = expire(draft, stream, boundsAt(this.#options, nowMs));
      const trimmed = trimTo(state, throughOffset + 1, (offset) =>
        draft.readHead(stream, state.life, offset),
      );
      if (trimmed !== state) draft.setState(stream, trimmed);
      return headOf(trimmed);
    });
  }

  async seal(name: StreamName, reason?: string): Promise<StreamHead> {
    this.#assertOpen();
    const nowMs = this.#options.now();
    return this.#group.submit((draft) => {
      const stream = this.#open(draft, name);
      const state = expire(draft, stream, boundsAt(this.#options, nowMs));
      if (state.sealed) return headOf(state);
      const sealed = { ...state, sealed: true, sealReason: reason };
      draft.setState(stream, sealed);
      return headOf(sealed);
    });
  }

  async remove(name: StreamName): Promise<void> {
    this.#assertOpen();
    return this.#group.submit((draft) => {
      const stream = this.#streams.get(name);
      const state = draft.state(stream);
      if (state === undefined) return;
      draft.setState(stream, this.#newState());
      if (state.offset > 0) draft.put("graves", lifeKey(state.life), Buffer.alloc(0));
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    for (const stream of this.#streams.all()) {
      for (const follower of stream.followers) follower.close();
    }
    await this.#group.close();
    try {
      // After a loss nothing proves that all is there, until its streams have new epochs.
      if (!this.#losses.areOpen) await this.#commit([], true);
    } catch {
      // Then the log is opened as one that was not closed, which costs nothing that was promised.
    }
    try {
      await this.#committer.stop();
    } finally {
      await this.#store.close();
      await this.#holder.release();
    }
  }

  /**
   * Looks at a stream that is made first where there is none. What was acknowledged before the call
   * is seen, which may take a commit.
   */
  async #look<T>(name: StreamName, look: (stream: EmbeddedStream) => T | undefined): Promise<T> {
    const ahead = this.#group.ahead(this.#streams.get(name));
    if (ahead !== undefined) {
      await ahead;
      this.#assertOpen();
    }
    for (;;) {
      const stream = this.#streams.get(name);
      this.#freshen(stream);
      const seen = look(stream);
      if (seen !== undefined) return seen;
      // It may be forgotten again before this goes on, where there are too many streams.
      await this.#group.submit((draft) => void this.#open(draft, name));
      this.#assertOpen();
    }
  }

  /** Hides what is too old for this moment. */
  #freshen(stream: EmbeddedStream): void {
    if (!stream.expire(boundsAt(this.#options, this.#options.now()))) return;
    this.#streams.settle(stream);
    this.#sweeper.note(stream);
    this.#group.sweep();
  }

  /** The stream, made where there is none: from now on its epoch may have been told to somebody. */
  #open(draft: Draft, name: StreamName): EmbeddedStream {
    const stream = this.#streams.get(name);
    if (draft.state(stream) !== undefined) return stream;
    let count = this.#streams.count;
    for (const [changed, state] of draft.states) {
      count += Number(state !== undefined) - Number(changed.state !== undefined);
    }
    if (count >= this.#options.maxStreams) this.#makeRoom(draft);
    draft.setState(stream, this.#newState());
    return stream;
  }

  /**
   * Forgets a stream that was only asked for. Otherwise whoever may ask for names could keep all
   * others from writing; a reader that comes back to it is answered with a reset, which is honest.
   */
  #makeRoom(draft: Draft): void {
    for (const stream of this.#streams.blank) {
      if (draft.states.has(stream)) continue;
      draft.setState(stream, undefined);
      return;
    }
    throw tooManyStreams(this.#options.maxStreams);
  }

  /** Makes a stream for the sake of a tail, which cannot wait. The sweep tries again. */
  #makeSoon(name: StreamName): void {
    this.#group
      .submit((draft) => void this.#open(draft, name))
      .catch(() => {
        // A tail does not end for lack of room: it hears of the stream when there is some again.
      });
  }

  #assertRoomForOne(): void {
    const [blank] = this.#streams.blank;
    if (this.#streams.count < this.#options.maxStreams || blank !== undefined) return;
    throw tooManyStreams(this.#options.maxStreams);
  }

  #newState(): StreamState {
    const state = newState(this.#nextLife, checkedEpoch(this.#options.createEpoch()));
    this.#nextLife += 1;
    return state;
  }

  #begin(draft: Draft): void {
    this.#streams.forgetUnused();
    this.#losses.renew(draft, () => checkedEpoch(this.#options.createEpoch()));
  }

  /** Trims the streams that were written to least recently until all together fit. */
  #complete(draft: Draft): void {
    let bytes = this.#streams.heldBytes;
    for (const [stream, state] of draft.states) {
      bytes += heldOf(state) - heldOf(stream.state);
    }
    for (const stream of this.#streams.holders) {
      const tooMuch = bytes - this.#options.maxTotalBytes;
      if (tooMuch <= 0) return;
      const state = draft.state(stream);
      if (state === undefined) continue;
      const maxBytes = Math.max(0, heldBytes(state) - tooMuch);
      bytes -= heldBytes(state);
      bytes += heldBytes(expire(draft, stream, { ...EVERYTHING, maxBytes }));
    }
  }

  /** Commits, with the witness. */
  async #commit(writes: readonly Write[], isClosed = false): Promise<void> {
    const { commit } = this.#record;
    const record = { ...this.#record, commit: commit + 1, nextLife: this.#nextLife, isClosed };
    const write: Write = { table: "store", key: RECORD_KEY, value: encodeRecord(record) };
    const witness = witnessPath(this.#options.directory, record.commit);
    await this.#committer.commit([...writes, write], witness);
    this.#record = record;
  }

  /** Lets readers and tails see what was committed. */
  #show(draft: Draft): void {
    this.#losses.settle();
    for (const [stream, state] of draft.states) {
      // Meanwhile readers may have been told that more is too old than the draft knew.
      const shown = state && stream.state ? withLaterStart(state, stream.state) : state;
      this.#streams.show(stream, shown);
      this.#sweeper.note(stream);
    }
    for (const { key } of draft.added("graves")) this.#sweeper.bury(key.readUInt32BE());
    for (const stream of draft.states.keys()) this.#notify(stream, draft);
  }

  #notify(stream: EmbeddedStream, fresh?: Draft): void {
    if (stream.state !== undefined) stream.notify(fresh);
    else if (stream.followers.size > 0) this.#makeSoon(stream.name);
  }

  /** Looks after the streams that nobody uses, some at a time. */
  async #sweepIdle(): Promise<void> {
    let looked = 0;
    for (const stream of this.#streams.all()) {
      looked += 1;
      if (looked % STREAMS_PER_TURN === 0) await new Promise(setImmediate);
      if (this.#closing !== undefined) return;
      if (stream.state === undefined && stream.followers.size > 0) this.#makeSoon(stream.name);
      try {
        this.#freshen(stream);
      } catch {
        // Damaged: whoever uses the stream is told.
      }
    }
    this.#group.sweep();
  }

  #report(error: unknown, name: StreamName): void {
    this.#tell(() => this.#options.onListenerError(error, name));
  }

  #tell(hook: () => void): void {
    try {
      hook();
    } catch (second) {
      throwLater(second);
    }
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw logClosed();
  }
}

/**
 * A stream for a tail that begins while events of it are acknowledged and not committed yet: its
 * position may be one of these.
 */
function waitFor(ahead: Promise<void>, stream: EmbeddedStream): TailSource {
  let isReady = false;
  void ahead.then(() => {
    isReady = true;
  });
  return {
    followers: stream.followers,
    read: (options) => (isReady ? stream.read(options) : undefined),
  };
}

/** Streams that a sweep looks at in one turn: less than a millisecond. */
const STREAMS_PER_TURN = 200;

const EVERYTHING: Bounds = {
  keptFromMs: Number.NEGATIVE_INFINITY,
  maxEvents: Number.MAX_SAFE_INTEGER,
  maxBytes: Number.MAX_SAFE_INTEGER,
};

function heldOf(state: StreamState | undefined): number {
  return state === undefined ? 0 : heldBytes(state);
}
