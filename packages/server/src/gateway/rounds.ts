// What the order and the number of a backend's items prove: whether something was left out before them. A
// backend that shows its newest rows, newest first and at most so many, leaves out the oldest.

import { KeyWindow } from "./key-window.js";
import type { ItemKind } from "./route.js";

/** What the items of one kind that came one right after the other have shown so far. */
export type Shown =
  /** It may go on, and something may still turn out to be missing before it. */
  | "open"
  /** Nothing is missing. */
  | "joined"
  /** As many as the backend shows, none of which is known to be where the stream was. */
  | "cut";

/** Items of one kind, one right after the other, as long as they have proven nothing. */
interface Run {
  readonly kind: ItemKind;
  /** What came since the last pause. */
  keys: Set<string>;
  /** What came before it: of the same round, or of the one before. */
  earlier: Set<string>;
  /** Of the keys that proved nothing when they came, those that have not come again. */
  readonly missing: Set<string>;
}

/** Follows the rounds, or polls, of one stream. Only kinds with `atMost` can leave something out. */
export class Rounds {
  /** Everything that has come. */
  readonly #known = new KeyWindow();
  /** By kind, what came in a round that was cut off: older rows of that round are still to come. */
  readonly #unproven = new Map<string, KeyWindow>();
  /**
   * Kinds of which the first round is still to come from a backend that begins with its newest: it is
   * the beginning of the stream, and nothing is missing before it.
   */
  readonly #beginning: Set<string>;
  #run: Run | undefined;

  constructor(beginning: readonly string[]) {
    this.#beginning = new Set(beginning);
  }

  isKnown(key: string): boolean {
    return this.#known.has(key);
  }

  /** Notes what is stored already. The stream does not begin here. */
  recall(keys: readonly string[]): void {
    this.begun();
    for (const key of keys) this.#known.add(key);
  }

  /** The stream has begun: from now on something can be missing. */
  begun(): void {
    this.#beginning.clear();
  }

  /** Whether an item belongs to what came right before it; otherwise that has to be ended first. */
  continues(kind: ItemKind, keys: readonly string[]): boolean {
    return this.#run?.kind === kind && !keys.some((key) => this.#run?.keys.has(key));
  }

  /** Takes the keys of an item, after {@link end} where it does not continue what came before. */
  take(kind: ItemKind, keys: readonly string[]): Shown {
    if (kind.atMost === undefined) return this.#takeAll(keys);
    if (keys.some((key) => this.#run?.earlier.has(key))) this.#beginRound();
    this.#run ??= this.#begin(kind);
    const run = this.#run;
    const unproven = this.#unprovenOf(kind);
    const isJoined = keys.some((key) => this.#known.has(key) && !unproven.has(key));
    for (const key of keys) {
      if (!this.#known.has(key)) unproven.add(key);
      this.#known.add(key);
      run.keys.add(key);
      run.missing.delete(key);
    }
    if (isJoined) {
      this.begun();
      this.#prove(kind);
      return "joined";
    }
    if (run.keys.size < kind.atMost) return "open";
    const shown = this.#isBeginning(run) ? "joined" : "cut";
    this.#prove(kind);
    return shown;
  }

  /** Nothing has come for a while. Either the round is over, or its rest is late. */
  pause(): Shown {
    const run = this.#run;
    if (run === undefined) return "open";
    run.earlier = new Set([...run.earlier, ...run.keys]);
    run.keys = new Set();
    return this.#assess(run);
  }

  /** Something else has come: the round is over, and has shown all that it could. */
  end(): Shown {
    const run = this.#run;
    if (run === undefined) return "joined";
    const shown = this.#assess({ ...run, earlier: new Set([...run.earlier, ...run.keys]) });
    this.#prove(run.kind);
    return shown === "open" ? "joined" : shown;
  }

  /** The response is over: the rest of the round will never come. */
  cut(): Shown {
    const shown = this.pause();
    this.#run = undefined;
    return shown;
  }

  /** Of a kind of which nothing is ever left out. */
  #takeAll(keys: readonly string[]): Shown {
    if (keys.some((key) => this.#known.has(key))) this.begun();
    for (const key of keys) this.#known.add(key);
    return "joined";
  }

  #begin(kind: ItemKind): Run {
    const missing = this.#unproven.get(kind.name)?.keys() ?? [];
    return { kind, keys: new Set(), earlier: new Set(), missing: new Set(missing) };
  }

  /** What came before the pause comes again: it was a round of its own, and is complete. */
  #beginRound(): void {
    const run = this.#run;
    if (run === undefined) return;
    const unproven = this.#unprovenOf(run.kind);
    for (const key of run.earlier) unproven.delete(key);
    run.earlier = new Set();
    this.#beginning.delete(run.kind.name);
  }

  /** What came with a pause in it is as much as the backend shows: then something may be missing. */
  #assess(run: Run): Shown {
    const { atMost = Number.POSITIVE_INFINITY } = run.kind;
    if (run.earlier.size < atMost) return "open";
    const shown = this.#isBeginning(run) ? "joined" : "cut";
    this.#prove(run.kind);
    return shown;
  }

  #isBeginning({ kind, missing }: Run): boolean {
    return this.#beginning.has(kind.name) && missing.size === 0;
  }

  /** Nothing is missing, or it has been told: what has come is where the stream is. */
  #prove({ name }: ItemKind): void {
    this.#unproven.delete(name);
    this.#beginning.delete(name);
    this.#run = undefined;
  }

  #unprovenOf({ name }: ItemKind): KeyWindow {
    const known = this.#unproven.get(name) ?? new KeyWindow();
    this.#unproven.set(name, known);
    return known;
  }
}
