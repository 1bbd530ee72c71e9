// The notes on one reader of a run.

import { setTimeout as wait } from "node:timers/promises";
import type { DeliveryChecker } from "../checkers/index.js";
import type { ReaderGap, ReaderState } from "../scenario/index.js";
import type { OpenReader, ReaderWatch } from "./scenario-client.js";

/** How often it is looked whether something has come true. */
const LOOK_EVERY_MS = 2;

/** Takes down what a client says, with times on the clock of `performance.now()`. */
export class RecordedReader {
  readonly name: string;
  readonly requestsMs: number[] = [];
  readonly states: ReaderState[] = [];
  readonly gaps: ReaderGap[] = [];
  reader: OpenReader | undefined;
  #newest = -1;
  /** When each number was passed for the first time, newest last. */
  readonly #passed: { readonly newest: number; readonly atMs: number }[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** Whether it is open now, as far as it knows. */
  get isLive(): boolean {
    return this.states.at(-1)?.state === "live";
  }

  /** Whether nothing more will come, as far as it knows. */
  get isOver(): boolean {
    const { state } = this.states.at(-1) ?? {};
    return state === "failed" || state === "closed";
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
    checker.joined(this.name);
    return {
      request: () => this.requestsMs.push(performance.now()),
      state: (state, reason) => this.#changed(state, reason),
      event: (data) => this.#received(data, checker),
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

  #changed(state: string, reason: string | undefined): void {
    const last = this.states.at(-1);
    if (last?.state === state && last.reason === reason) return;
    this.states.push({ state, reason, atMs: performance.now() });
  }

  #received(data: string, checker: DeliveryChecker): void {
    const n = numberOf(data);
    // Whoever else publishes there: not part of what is counted.
    if (n === undefined) return;
    checker.received(this.name, n);
    if (n <= this.#newest) return;
    this.#newest = n;
    this.#passed.push({ newest: n, atMs: performance.now() });
  }
}

/** The number of an event that a run has published. */
function numberOf(data: string): number | undefined {
  const [, digits] = /^\{"n":(\d+)/.exec(data) ?? [];
  return digits === undefined ? undefined : Number(digits);
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
