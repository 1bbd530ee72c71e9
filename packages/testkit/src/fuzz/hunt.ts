// Looks for an input that a target does not stand: made from a seed, mutated from what is kept, made smaller.

import { Choices } from "../hostile/random.js";
import type { FuzzTarget, KeptInput } from "./target.js";

/** How long, and from where. */
export interface HuntOptions {
  readonly kept: readonly KeptInput[];
  readonly seed: number;
  /** Inputs to try. Default: until the time is over. */
  readonly runs?: number | undefined;
  readonly withinMs: number;
}

/** An input that something is wrong with. */
export interface Quarry {
  readonly input: string;
  readonly complaint: string;
}

/** What came of it. */
export interface HuntReport {
  readonly tried: number;
  readonly quarry: Quarry | undefined;
}

/** One input may take so long: a hub may be asked to wait for 3 s, and machines are busy. Milliseconds. */
const SLOW_MS = 6000;

/** Attempts to make an input smaller. */
const MOST_SHRINKS = 2000;

/** Tries inputs until one is not stood, or the time is over. */
export async function hunt(target: FuzzTarget, options: HuntOptions): Promise<HuntReport> {
  const { kept, seed, runs = Number.POSITIVE_INFINITY, withinMs } = options;
  const endMs = performance.now() + withinMs;
  let tried = 0;
  while (tried < runs && performance.now() < endMs) {
    const input = inputOf(target, kept, new Choices(seed * 1_000_003 + tried));
    tried += 1;
    const complaint = await examine(target, input);
    if (complaint !== undefined) {
      return { tried, quarry: await shrink(target, { input, complaint }) };
    }
  }
  return { tried, quarry: undefined };
}

/** What is wrong with what came of one input, what was thrown and how long it took included. */
export async function examine(target: FuzzTarget, input: string): Promise<string | undefined> {
  const begunMs = performance.now();
  try {
    const complaint = await target.judge(input);
    const tookMs = performance.now() - begunMs;
    if (complaint !== undefined || tookMs < SLOW_MS) return complaint;
    return `it took ${Math.round(tookMs)} ms`;
  } catch (error) {
    return `it threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

function inputOf(target: FuzzTarget, kept: readonly KeptInput[], choices: Choices): string {
  const [first, ...rest] = kept;
  const isFresh = first === undefined || choices.whole(0, 2) === 0;
  const base = isFresh ? target.generate(choices) : choices.pick([first, ...rest]).input;
  return choices.whole(0, 3) === 0 ? base : choices.mutate(base);
}

/** Leaves out whatever can be left out with something still being wrong. */
async function shrink(target: FuzzTarget, quarry: Quarry): Promise<Quarry> {
  let smallest = quarry;
  let attempts = 0;
  for (let size = Math.ceil(quarry.input.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < smallest.input.length && attempts < MOST_SHRINKS; ) {
      attempts += 1;
      const input = smallest.input.slice(0, at) + smallest.input.slice(at + size);
      const complaint = await examine(target, input);
      if (complaint === undefined) at += size;
      else smallest = { input, complaint };
    }
  }
  return smallest;
}
