// Hands out history: to readers that catch up, a page each and in turn, and never so much at once that
// those who are live would have to wait for it.

import type { HubEnvironment, StopTimer } from "./environment.js";

/** A reader that waits for its next page. It is in one queue at most, once. */
export interface PacedReader {
  /** It is this reader's turn: it takes a page from memory, or begins to read one. Never throws. */
  takePage(): void;
}

/**
 * Most bytes of pages in one turn of the event loop. Sixteen whole pages: joining and writing them takes
 * some 2 ms of one core, which is what a live event may have to wait for.
 */
export const TURN_BYTES = 1024 * 1024;

/** Most time for pages in one turn: for pages that cost more time than their bytes say. */
export const TURN_MS = 5;

/** What a page costs at least, in bytes: looking for it takes time, also where the filter hides it. */
const LEAST_COST_BYTES = 4096;

/**
 * Most questions to the log at a time, and most that are begun in one turn: what comes back has to be
 * encoded, some 0.5 ms a page, and a log on another machine has others to serve, too.
 */
export const MOST_READS = 8;

/** A question that takes longer than this is waiting, not working: another one may be asked. */
export const SLOW_READ_MS = 1000;

/**
 * The queue of readers that catch up. Whoever has had a page goes to its end, so all are served in turn,
 * however far behind each of them is; and between two turns everything else gets its own: what is
 * published, new requests, pulses. A queue of its own holds those whose page is not in memory, so
 * that a slow log holds up nobody else.
 */
export class ReplayPacer {
  readonly #environment: HubEnvironment;
  readonly #memory: { readonly isFull: boolean };
  readonly #waiting: PacedReader[] = [];
  readonly #waitingForLog: PacedReader[] = [];
  #isScheduled = false;
  #isServingReads = false;
  /** In this turn. */
  #spentBytes = 0;
  #begunReads = 0;
  /** Questions that the log has not answered, without those that take too long. */
  #openReads = 0;

  /** @param memory while it is full, nobody is handed anything; it has to see to it that it is not */
  constructor(environment: HubEnvironment, memory: { readonly isFull: boolean }) {
    this.#environment = environment;
    this.#memory = memory;
  }

  /** How many readers wait. */
  get waiting(): number {
    return this.#waiting.length + this.#waitingForLog.length;
  }

  /** Whether a reader that has just come may have its page now: nobody waits, and it is not too much. */
  get hasRoom(): boolean {
    return this.#waiting.length === 0 && this.#mayServe;
  }

  /** A reader wants a page, in a turn to come. */
  enqueue(reader: PacedReader): void {
    this.#waiting.push(reader);
    this.#schedule();
  }

  /** A page was handed out. */
  spend(bytes: number): void {
    this.#spentBytes += Math.max(bytes, LEAST_COST_BYTES);
    this.#schedule();
  }

  /**
   * Lets a reader ask the log, and returns what to call when it has answered; or `undefined`, and
   * the reader will be called again when it may.
   */
  beginRead(reader: PacedReader): (() => void) | undefined {
    this.#schedule();
    // Nobody passes those who wait: a reader that is quick to come back would have every turn.
    if (!this.#mayRead || (this.#waitingForLog.length > 0 && !this.#isServingReads)) {
      this.#waitingForLog.push(reader);
      return undefined;
    }
    this.#begunReads += 1;
    this.#openReads += 1;
    let isOpen = true;
    const close = () => {
      if (!isOpen) return;
      isOpen = false;
      this.#openReads -= 1;
      if (this.#waitingForLog.length > 0) this.#schedule();
    };
    const stop: StopTimer = this.#environment.after(SLOW_READ_MS, close);
    return () => {
      stop();
      close();
    };
  }

  get #mayServe(): boolean {
    return this.#spentBytes < TURN_BYTES && !this.#memory.isFull;
  }

  get #mayRead(): boolean {
    const { isFull } = this.#memory;
    return this.#openReads < MOST_READS && this.#begunReads < MOST_READS && !isFull;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#environment.defer(() => this.#turn());
  }

  #turn(): void {
    this.#isScheduled = false;
    this.#spentBytes = 0;
    this.#begunReads = 0;
    this.#servePages();
    this.#serveReads();
    // Those who wait for the log are called when it has answered.
    if (this.#waiting.length > 0) this.#schedule();
    if (this.#memory.isFull && this.#waitingForLog.length > 0) this.#schedule();
  }

  /** Who asks again meanwhile waits for the next turn. */
  #servePages(): void {
    const readers = this.#waiting;
    const { length } = readers;
    const endMs = this.#environment.nowMs() + TURN_MS;
    let served = 0;
    while (served < length && this.#mayServe && this.#environment.nowMs() < endMs) {
      readers[served]?.takePage();
      served += 1;
    }
    readers.splice(0, served);
  }

  #serveReads(): void {
    const readers = this.#waitingForLog;
    let served = 0;
    this.#isServingReads = true;
    while (this.#mayRead && served < readers.length) {
      readers[served]?.takePage();
      served += 1;
    }
    this.#isServingReads = false;
    readers.splice(0, served);
    if (this.#mayRead && this.#waitingForLog.length > 0) this.#schedule();
  }
}
