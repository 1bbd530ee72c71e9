// The notes on one reader of a run.

import { setTimeout as wait } from "node:timers/promises";
import type { DeliveryChecker } from "../checkers/index.js";
import type { ReaderGap, ReaderState } from "../scenario/index.js";
import type { OpenReader, ReaderWatch } from "./scenario-client.js";

/** How often it is looked whether something has come true. */
const LOOK_EVERY_MS = 2;

/** The number of an event, `undefined` for those that are not counted. */
export type NumberOf = (data: string, id: string) => number | undefined;

/** Takes down what a client says, with times on the clock of `performance.now()`. */
export class RecordedReader {
  readonly name: string;
  readonly requestsMs: number[] = [];
  readonly states: ReaderState[] = [];
  readonly gaps: ReaderGap[] = [];
  reader: OpenReader | undefined;
  readonly #numberOf: NumberOf;
  #newest = -1;
  #oldest: number | undefined;
  /** When each number was passed for the first time, newest last. */
  readonly #passed: { readonly newest: number; readonly atMs: number }[] = [];

  constructor(name: string, numberOf: NumberOf) {
    this.name = name;
    this.#numberOf = numberOf;
  }

  /** The first number that it was given. */
  get oldest(): number | undefined {
    return this.#oldest;
  }

  /** Whether it is open now, as far as it knows. */
  get isLive(): boolean {
    return this.states.at(-1)?.state === "live";
  }

  /** The greatest number that it was given; -1 before the first. */
  get newest(): number {
    return this.#newest;
  }

  /**
   * What the client is given to speak to.
   *
   * @param hasOffsets whether the range of a gap means the positions that the checker counts
   */
  watch(checker: DeliveryChecker, hasOffsets: boolean): ReaderWatch {
    return {
      request: () => this.requestsMs.push(performance.now()),
      state: (state, reason) => this.#changed(state, reason),
      event: (data, id = "") => this.#received(this.#numberOf(data, id), checker),
      gap: ({ from, to, reason }) => {
        this.gaps.push({ from, to, reason });
        checker.toldGap(this.name, hasOffsets ? { from, to } : { from: null, to: null });
      },
    };
  }

  /** When it was first given this number or a greater one. */
  passedMs(n: number): number | undefined {
    return this.#passed.find(({ newest }) => newest >= n)?.atMs;
  }

  /** When it was first given something new after that moment. */
  renewedMs(momentMs: number): number | undefined {
    return this.#passed.find(({ atMs }) => atMs >= momentMs)?.atMs;
  }

  #changed(state: string, reason: string | undefined): void {
    const last = this.states.at(-1);
    if (last?.state === state && last.reason === reason) return;
    this.states.push({ state, reason, atMs: performance.now() });
  }

  #received(n: number | undefined, checker: DeliveryChecker): void {
    // Whoever else publishes there: not part of what is counted.
    if (n === undefined) return;
    checker.received(this.name, n);
    this.#oldest ??= n;
    if (n <= this.#newest) return;
    this.#newest = n;
    this.#passed.push({ newest: n, atMs: performance.now() });
  }
}

/** Resolves when it is true, with whether it became so in time. */
export async function becomesTrue(isTrue: () => boolean, withinMs: number): Promise<boolean> {
  const dueMs = performance.now() + withinMs;
  while (!isTrue()) {
    if (performance.now() > dueMs) return false;
    await wait(LOOK_EVERY_MS);
  }
  return true;
}
