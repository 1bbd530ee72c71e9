// Group commit: calls are carried out in their order, as many together as have come while the
// commit before was under way, and are answered when their group is committed.

import { StreamError } from "throughline/core";
import { Draft } from "./draft.js";
import type { Store } from "./store.js";
import { CHUNK_ENTRIES, type Sweeper } from "./sweeper.js";
import type { Write } from "./tables.js";

/** Most calls in a group: a few milliseconds of work on the main thread. */
const GROUP_CALLS = 512;
/** Most bytes in a group, but one call in any case: what a disk takes in some tenths of a second. */
const GROUP_BYTES = 4 * 1024 * 1024;

/** A change that waits for its turn. */
interface Call {
  readonly bytes: number;
  run(draft: Draft): unknown;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** What the group commit works with. */
export interface GroupCommitSetup {
  readonly store: Store;
  readonly sweeper: Sweeper;
  readonly maxPendingBytes: number;
  /** Called before a group, when no draft exists. */
  begin(): void;
  /** Commits, and rejects where nothing was committed. */
  commit(writes: readonly Write[]): Promise<void>;
  /** Called between the calls of a group and its commit: changes that they bring about together. */
  complete(draft: Draft): void;
  /** Called when a group is committed, before its calls are answered. */
  show(draft: Draft): void;
}

/** A row of calls and the loop that carries them out. */
export class GroupCommit {
  readonly #setup: GroupCommitSetup;
  #waiting: Call[] = [];
  #waitingBytes = 0;
  #work: Promise<void> | undefined;
  /** Set after a failure: then room has to be made before anything else is tried. */
  #sweepsFirst = false;

  constructor(setup: GroupCommitSetup) {
    this.#setup = setup;
  }

  /**
   * Has a change made in its turn.
   *
   * @param bytes what it keeps in memory until then
   * @throws what `run` throws, and then it has changed nothing; or why its group was not committed
   */
  submit<T>(run: (draft: Draft) => T, bytes = 0): Promise<T> {
    const { maxPendingBytes } = this.#setup;
    if (this.#waiting.length > 0 && this.#waitingBytes + bytes > maxPendingBytes) {
      return Promise.reject(tooSlow(this.#waitingBytes));
    }
    this.#waitingBytes += bytes;
    const answer = new Promise<T>((resolve, reject) => {
      this.#waiting.push({ bytes, run, resolve: resolve as (value: unknown) => void, reject });
    });
    this.#begin();
    return answer;
  }

  /** Sees to it that the sweeper gets on, if it has work. */
  sweep(): void {
    if (this.#setup.sweeper.hasWork) this.#begin();
  }

  /** Resolves when every call that was submitted before is answered. */
  async settled(): Promise<void> {
    while (this.#work !== undefined && this.#waiting.length > 0) await this.#work;
    await this.#work;
  }

  /** Starts at the end of this turn, so that all calls of one turn go together. */
  #begin(): void {
    this.#work ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.#loop());
  }

  async #loop(): Promise<void> {
    do {
      await this.#commitGroup(this.#take());
    } while (this.#waiting.length > 0);
    this.#work = undefined;
    if (!this.#sweepsFirst) this.sweep();
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
    for (const call of group) this.#waitingBytes -= call.bytes;
    return group;
  }

  /** Never rejects. */
  async #commitGroup(group: readonly Call[]): Promise<void> {
    const { store, sweeper, begin, commit, complete, show } = this.#setup;
    this.#sweepsFirst = false;
    const answers: (() => void)[] = [];
    try {
      begin();
      store.refresh();
      const draft = new Draft(store);
      for (const call of group) answers.push(attempt(draft, call));
      draft.attempt(() => complete(draft));
      const whenSwept = sweeper.sweep(draft, Math.max(CHUNK_ENTRIES, 2 * draft.size));
      if (!draft.isEmpty) await commit(draft.writes());
      whenSwept();
      store.refresh();
      show(draft);
      for (const answer of answers) answer();
    } catch (error) {
      this.#sweepsFirst = true;
      for (const call of group) call.reject(error);
    }
  }
}

/** Makes a change, and returns how to answer its caller once it is committed. */
function attempt(draft: Draft, call: Call): () => void {
  try {
    const value = draft.attempt(() => call.run(draft));
    return () => call.resolve(value);
  } catch (error) {
    return () => call.reject(error);
  }
}

function tooSlow(waitingBytes: number): StreamError {
  return new StreamError(
    `The disk is slower than the publishers: ${waitingBytes} bytes wait to be stored. Try again ` +
      'later, or raise "maxPendingBytes".',
    { code: "store-unavailable", fault: "local", retryable: true },
  );
}
