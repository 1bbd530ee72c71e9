import { expect, test } from "vitest";
import {
  type Arrival,
  type Comparison,
  type ComparisonInput,
  EMPTY_COMPARISON,
  fateOf,
  figuresOf,
  type LedgerEntry,
  type Pace,
  stepComparison,
  WINDOW,
} from "../web/model/comparison.js";

const SINCE = 10_000;

function play(inputs: readonly ComparisonInput[]): Comparison {
  return inputs.reduce(stepComparison, EMPTY_COMPARISON);
}

const greeted: ComparisonInput = { kind: "greeted", atMs: SINCE };

/** Item `n` is published `n` × 100 ms after the beginning. */
function entry(n: number): LedgerEntry {
  return { seq: n, id: `post_${n}`, atMs: SINCE + n * 100 };
}

function published(...numbers: number[]): ComparisonInput {
  return { kind: "published", entries: numbers.map(entry) };
}

function arrival(n: number, delayMs = 5): Arrival {
  const publishedAtMs = SINCE + n * 100;
  return { id: `post_${n}`, publishedAtMs, atMs: publishedAtMs + delayMs };
}

function arrived(side: "native" | "throughline", ...arrivals: Arrival[]): ComparisonInput {
  return { kind: "arrived", side, arrivals };
}

const PACE: Pace = { lateAfterMs: 1200, onTheWayMs: 2500 };

/** Judged so long after 1970. */
const at = (nowMs: number) => ({ nowMs, pace: PACE });

const LATER = at(SINCE + 60_000);

test("an item of the ledger that a reader never got is missing there and nowhere else", () => {
  const state = play([
    greeted,
    published(1, 2, 3),
    arrived("native", arrival(1), arrival(3)),
    arrived("throughline", arrival(1), arrival(2), arrival(3)),
  ]);
  expect(figuresOf(state, "native", LATER)).toMatchObject({ received: 2, missing: 1 });
  expect(figuresOf(state, "throughline", LATER)).toMatchObject({ received: 3, missing: 0 });
});

test("an item that may still be on its way is not missing yet", () => {
  const state = play([greeted, published(1)]);
  const publishedMs = SINCE + 100;
  expect(figuresOf(state, "native", at(publishedMs + PACE.onTheWayMs - 1)).missing).toBe(0);
  expect(figuresOf(state, "native", at(publishedMs + PACE.onTheWayMs)).missing).toBe(1);
});

test("an item that comes after all is missing no longer, and known to be late", () => {
  const state = play([greeted, published(1), arrived("throughline", arrival(1, 9000))]);
  expect(figuresOf(state, "throughline", LATER).missing).toBe(0);
  expect(fateOf(entry(1), state.sides.throughline, LATER)).toBe("late");
});

test("the fate of an item is told apart: prompt, on its way, missing", () => {
  const state = play([greeted, published(1, 2), arrived("native", arrival(1))]);
  expect(fateOf(entry(1), state.sides.native, LATER)).toBe("prompt");
  expect(fateOf(entry(2), state.sides.native, at(SINCE + 300))).toBe("on-the-way");
  expect(fateOf(entry(2), state.sides.native, LATER)).toBe("missing");
});

test("an item that comes twice is received once and repeated once", () => {
  const state = play([greeted, published(1), arrived("native", arrival(1), arrival(1, 50))]);
  expect(figuresOf(state, "native", LATER)).toMatchObject({ received: 1, repeated: 1 });
});

test("an item that comes after a younger one is out of order", () => {
  const state = play([greeted, arrived("native", arrival(2), arrival(1, 300), arrival(3))]);
  expect(figuresOf(state, "native", LATER).outOfOrder).toBe(1);
});

test("what was published before both readers were listening does not count", () => {
  const early = { id: "post_0", publishedAtMs: SINCE - 50, atMs: SINCE + 5 };
  const state = play([
    arrived("throughline", early),
    greeted,
    arrived("throughline", early),
    { kind: "published", entries: [{ seq: 1, id: "post_0", atMs: SINCE - 50 }] },
  ]);
  expect(figuresOf(state, "throughline", LATER)).toMatchObject({
    received: 0,
    repeated: 0,
    missing: 0,
  });
});

test("what the faster reader had before the slower one was greeted counts all the same", () => {
  const state = play([arrived("throughline", arrival(1)), greeted, published(1)]);
  expect(figuresOf(state, "throughline", LATER)).toMatchObject({ received: 1, missing: 0 });
});

test("only the first greeting begins the count: a reconnect forgives nothing", () => {
  const state = play([greeted, published(1), { kind: "greeted", atMs: LATER.nowMs }]);
  expect(figuresOf(state, "native", LATER).missing).toBe(1);
});

test("an entry of the ledger that is read twice counts once", () => {
  const state = play([greeted, published(1, 2), published(2, 3)]);
  expect(state.ledger.map(({ seq }) => seq)).toEqual([1, 2, 3]);
});

test("an item that the ledger does not list yet is not counted as received either", () => {
  const state = play([greeted, published(1), arrived("native", arrival(1), arrival(2))]);
  expect(figuresOf(state, "native", LATER)).toMatchObject({ received: 1, missing: 0 });
});

test("silence is counted from the last item, and the longest one is remembered", () => {
  const state = play([greeted, arrived("native", arrival(10), arrival(50), arrival(60))]);
  const figures = figuresOf(state, "native", at(SINCE + 6005 + 700));
  expect(figures.silentMs).toBe(700);
  expect(figures.longestSilenceMs).toBe(4000);
});

test("a reader that never got anything has been silent since the beginning", () => {
  expect(figuresOf(play([greeted]), "native", at(SINCE + 4000)).silentMs).toBe(4000);
});

test("counting anew forgets everything", () => {
  const state = play([greeted, published(1), { kind: "restarted" }]);
  expect(state).toBe(EMPTY_COMPARISON);
});

test("the window keeps the newest entries and forgets what arrived of the others", () => {
  const all = Array.from({ length: WINDOW + 2 }, (_, index) => index + 1);
  const state = play([
    greeted,
    arrived("native", arrival(1), arrival(2), arrival(3)),
    published(...all),
  ]);
  expect(state.ledger).toHaveLength(WINDOW);
  expect(state.ledger[0]?.seq).toBe(3);
  expect([...state.sides.native.first.keys()]).toEqual(["post_3"]);
});
