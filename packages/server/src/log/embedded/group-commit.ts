// Group commit: calls are carried out in their order, as many together as have come while the
// commit before was under way, and are answered when their group is committed; those that need not
// wait for the disk when it is about to be.

import { StreamError } from "throughline/core";
import type { StreamName } from "../stream-name.js";
import { Draft } from "./draft.js";
import type { EmbeddedStream } from "./embedded-stream.js";
import type { Store } from "./store.js";
import { CHUNK_ENTRIES, type Sweeper } from "./sweeper.js";
import type { Write } from "./tables.js";

/** Most calls in a group: a few milliseconds of work on the main thread. */
const GROUP_CALLS = 512;
/** Most bytes in a group, but one call in any case: what a disk takes in some tenths of a second. */
const GROUP_BYTES = 4 * 1024 * 1024;

/** A change that waits for its turn. */
interface Call extends Submission {
  run(draft: Draft): unknown;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** What is to be known of a change beside what it does. */
export interface Submission {
  /** What it keeps in memory until it is committed. */
  readonly bytes: number;
  /** The stream of a change that may be answered before it is committed. */
  readonly early?: StreamName | undefined;
}

/** What the group commit works with. */
export interface GroupCommitSetup {
  readonly store: Store;
  readonly sweeper: Sweeper;
  readonly maxPendingBytes: number;
  /** Called with the draft of a group before its calls are carried out. */
  begin(draft: Draft): void;
  /** Commits, and rejects where nothing was committed. */
  commit(writes: readonly Write[]): Promise<void>;
  /** Called between the calls of a group and its commit: changes that they bring about together. */
  complete(draft: Draft): void;
  /** Called when a group is committed, before its calls are answered. */
  show(draft: Draft): void;
  /** Called when a group is not committed, with the streams whose calls were answered before. */
  lose(draft: Draft, answered: ReadonlySet<StreamName>, error: unknown): void;
}

/** A group of which calls were answered, on its way to the disk. */
interface Ahead {
  readonly draft: Draft;
  readonly settled: Promise<void>;
  settle(): void;
}

const NOTHING: Submission = { bytes: 0 };

/** A row of calls and the loop that carries them out. */
export class GroupCommit {
  readonly #setup: GroupCommitSetup;
  #waiting: Call[] = [];
  /** Of the calls that wait, and of those of the group that is being committed. */
  #pendingBytes = 0;
  #work: Promise<void> | undefined;
  #ahead: Ahead | undefined;
  /**
   * Calls are answered early only where this is 0. After a failure it is not, until as much as was
   * refused has been committed again: on a full disk, where small things still fit, nearly all
   * calls are told the truth.
   */
  #unprovenBytes = 0;
  /** Set after a failure: then it is tried to make room before anything else. */
  #sweepsFirst = false;
  /** Less after a failure, because deleting takes room, too, until it is committed. */
  #chunkEntries = CHUNK_ENTRIES;
  #isClosing = false;

  constructor(setup: GroupCommitSetup) {
    this.#setup = setup;
  }

  /**
   * Has a change made in its turn.
   *
   * @throws what `run` throws, and then it has changed nothing; or why its group was not committed
   */
  submit<T>(run: (draft: Draft) => T, { bytes, early }: Submission = NOTHING): Promise<T> {
    const { maxPendingBytes } = this.#setup;
    if (this.#waiting.length > 0 && this.#pendingBytes + bytes > maxPendingBytes) {
      return Promise.reject(tooSlow(this.#pendingBytes));
    }
    this.#pendingBytes += bytes;
    const answer = new Promise<T>((resolve, reject) => {
      const settle = { resolve: resolve as (value: unknown) => void, reject };
      this.#waiting.push({ bytes, early, run, ...settle });
    });
    this.#begin();
    return answer;
  }

  /**
   * Resolves when what was answered of a stream is committed, or lost; `undefined` where that is so
   * already, which is always where no call is answered early.
   */
  ahead(stream: EmbeddedStream): Promise<void> | undefined {
    return this.#ahead?.draft.states.has(stream) === true ? this.#ahead.settled : undefined;
  }

  /** Sees to it that the sweeper gets on, if it has work. */
  sweep(): void {
    if (this.#setup.sweeper.hasWork && !this.#isClosing) this.#begin();
  }

  /** Answers every call that was submitted before; what is left to delete stays for another time. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#work;
  }

  /** Starts at the end of this turn, so that all calls of one turn go together. */
  #begin(): void {
    this.#work ??= turn().then(() => this.#loop());
  }

  async #loop(): Promise<void> {
    do {
      await this.#commitGroup(this.#take());
      // In the first turn the answers go out; what publishers send upon them is read in the second, and
      // goes along. Else two halves of them would take turns, with twice as many commits.
      await turn();
      await turn();
    } while (this.#waiting.length > 0);
    this.#work = undefined;
    // Where nothing can be written, the next call or the next look at idle streams tries again.
    if (this.#chunkEntries === CHUNK_ENTRIES) this.sweep();
  }

  #take(): readonly Call[] {
    if (this.#sweepsFirst && this.#setup.sweeper.hasWork) return [];
    let bytes = 0;
    let count = 0;
    for (const call of this.#waiting) {
      bytes += call.bytes;
      if (count > 0 && (count === GROUP_CALLS || bytes > GROUP_BYTES)) break;
      count += 1;
    }
    const group = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    return group;
  }

  /** Never rejects. */
  async #commitGroup(group: readonly Call[]): Promise<void> {
    const { store, sweeper, begin, complete, show } = this.#setup;
    const bytes = group.reduce((sum, call) => sum + call.bytes, 0);
    try {
      const draft = new Draft(store);
      begin(draft);
      const answers = group.map((call) => attempt(draft, call));
      draft.attempt(() => complete(draft));
      const whenSwept = sweeper.sweep(draft, Math.max(this.#chunkEntries, 2 * draft.size));
      if (!draft.isEmpty) await this.#commit(draft, answers);
      whenSwept();
      store.refresh();
      show(draft);
      this.#sweepsFirst = false;
      this.#chunkEntries = Math.min(CHUNK_ENTRIES, 2 * this.#chunkEntries);
      this.#unprovenBytes = Math.max(0, this.#unprovenBytes - bytes);
      for (const { give } of answers) give();
    } catch (error) {
      this.#sweepsFirst = group.length > 0;
      this.#chunkEntries = Math.max(1, this.#chunkEntries / 4);
      this.#unprovenBytes = Math.max(this.#unprovenBytes, bytes, 1);
      // Those that were answered early hear nothing of it.
      for (const call of group) call.reject(error);
    } finally {
      this.#pendingBytes -= bytes;
      this.#ahead?.settle();
      this.#ahead = undefined;
    }
  }

  /** Commits a draft; what may be answered before is answered as soon as the thread has it. */
  async #commit(draft: Draft, answers: readonly Answer[]): Promise<void> {
    const committed = this.#setup.commit(draft.writes());
    const isTrusted = this.#unprovenBytes === 0;
    const early = answers.filter((answer) => isTrusted && answer.early !== undefined);
    if (early.length === 0) return await committed;
    this.#ahead = goAhead(draft);
    for (const { give } of early) give();
    try {
      await committed;
    } catch (error) {
      const answered = new Set(early.flatMap(({ early }) => early ?? []));
      this.#setup.lose(draft, answered, error);
      throw error;
    }
  }
}

/** Resolves when all input that is ready now has been read. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function goAhead(draft: Draft): Ahead {
  let settle = () => {};
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { draft, settled, settle };
}

/** How to answer a call. */
interface Answer {
  /** The stream, where it may be answered before it is committed. */
  readonly early: StreamName | undefined;
  /** May be called twice. */
  give(): void;
}

/**
 * Makes a change. One that is refused is answered when its group is committed in any case, because
 * the reason may be a change of the same group.
 */
function attempt(draft: Draft, call: Call): Answer {
  try {
    const value = draft.attempt(() => call.run(draft));
    return { early: call.early, give: () => call.resolve(value) };
  } catch (error) {
    return { early: undefined, give: () => call.reject(error) };
  }
}

function tooSlow(pendingBytes: number): StreamError {
  return new StreamError(
    `The disk is slower than the publishers: ${pendingBytes} bytes wait to be stored. Try again ` +
      'later, or raise "maxPendingBytes".',
    { code: "store-unavailable", fault: "local", retryable: true },
  );
}
