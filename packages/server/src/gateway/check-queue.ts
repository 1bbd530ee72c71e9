// Runs few things at a time, and lets a bounded number wait for their turn.

export interface CheckQueueOptions {
  readonly maxRunning: number;
  readonly maxWaiting: number;
}

export interface CheckTime {
  /** Given when nobody waits for the task any more. */
  readonly signal: AbortSignal;
  /** Given when it is too late to begin. */
  readonly turnSignal: AbortSignal;
}

/** First come, first served. */
export class CheckQueue {
  readonly #options: CheckQueueOptions;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(options: CheckQueueOptions) {
    this.#options = options;
  }

  /**
   * Runs a task when it is its turn. Settles with the signals at the latest; a task that goes on after
   * that keeps its place until it has ended.
   *
   * @throws Error when too many wait, or a signal was given
   */
  async run<Value>(task: () => Promise<Value>, { signal, turnSignal }: CheckTime): Promise<Value> {
    await this.#turn(turnSignal);
    const given = abortOf(signal);
    const result = task().finally(() => this.#next());
    try {
      return await Promise.race([result, given.promise]);
    } finally {
      given.stop();
      // When nobody waits for it any more, how it failed is of no interest.
      result.catch(ignore);
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#running < this.#options.maxRunning) {
      this.#running += 1;
      return;
    }
    if (this.#waiting.size >= this.#options.maxWaiting) throw new Error("Too many checks wait.");
    const given = abortOf(signal);
    let begin: () => void = ignore;
    const called = new Promise<void>((resolve) => {
      begin = resolve;
    });
    this.#waiting.add(begin);
    try {
      await Promise.race([called, given.promise]);
    } catch (error) {
      // It may have been called in the same moment: then its turn goes to the next one.
      if (!this.#waiting.delete(begin)) this.#next();
      throw error;
    } finally {
      given.stop();
    }
  }

  /** The turn of one that ends goes to the one that has waited longest. */
  #next(): void {
    const [begin] = this.#waiting;
    if (begin === undefined) {
      this.#running -= 1;
      return;
    }
    this.#waiting.delete(begin);
    begin();
  }
}

/** A promise that rejects when the signal is given, and that can be left. */
function abortOf(signal: AbortSignal): {
  readonly promise: Promise<never>;
  readonly stop: () => void;
} {
  let onAbort: () => void = ignore;
  const promise = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(new Error("The check took too long.", { cause: signal.reason }));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  promise.catch(ignore);
  return { promise, stop: () => signal.removeEventListener("abort", onAbort) };
}

function ignore(): void {}
