// Histories that are right by construction, then spoiled in one known way: the checker must say exactly
// what was done, and nothing else.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createDeliveryChecker, type DeliveryReport } from "../../src/checkers/index.js";

/** One thing a reader sees: the event at a position, or a gap over positions. */
type Sight = number | { readonly from: number; readonly to: number };

const keyOf = (position: number) => `event-${position}`;

/** The report on one reader of a stream of so many events. */
function judge(length: number, sights: readonly Sight[]): DeliveryReport {
  const checker = createDeliveryChecker();
  checker.joined("reader");
  for (let position = 1; position <= length; position += 1) checker.published(keyOf(position));
  for (const sight of sights) {
    if (typeof sight === "number") checker.received("reader", keyOf(sight));
    else checker.toldGap("reader", sight);
  }
  return checker.verdict();
}

const count = (length: number) => Array.from({ length }, (_, at) => at + 1);

const streamLength = fc.integer({ min: 1, max: 60 });
/** A stream and the positions that something is done to, without repetition, in order. */
const spoiled = streamLength.chain((length) =>
  fc.record({
    length: fc.constant(length),
    chosen: fc.subarray(count(length), { minLength: 1 }),
  }),
);

describe("any history", () => {
  test("that is right is found right", () => {
    fc.assert(
      fc.property(streamLength, (length) => {
        const report = judge(length, count(length));
        expect(report.isFaithful).toBe(true);
        expect(report.covered).toEqual([]);
      }),
    );
  });

  test("with events left out has exactly these lost", () => {
    fc.assert(
      fc.property(spoiled, ({ length, chosen }) => {
        const report = judge(
          length,
          count(length).filter((position) => !chosen.includes(position)),
        );
        expect(report.lost.map(({ key }) => key)).toEqual(chosen.map(keyOf));
        expect(report).toMatchObject({ repeated: [], reordered: [], unknown: [], covered: [] });
        expect(report.isFaithful).toBe(false);
      }),
    );
  });

  test("with events shown again later has exactly these repeated", () => {
    fc.assert(
      fc.property(spoiled, fc.nat(), ({ length, chosen }, seed) => {
        const sights = count(length);
        chosen.forEach((position, at) => {
          const index = sights.indexOf(position);
          const behind = index + 1 + ((seed + at) % (sights.length - index));
          sights.splice(behind, 0, position);
        });
        const report = judge(length, sights);
        expect(report.repeated).toEqual(
          chosen.map((position) => ({ reader: "reader", key: keyOf(position), times: 2 })),
        );
        expect(report).toMatchObject({ lost: [], reordered: [], unknown: [], isFaithful: false });
      }),
    );
  });

  test("with one event moved back has exactly that one out of order", () => {
    const moved = fc.integer({ min: 2, max: 60 }).chain((length) =>
      fc.record({
        length: fc.constant(length),
        from: fc.integer({ min: 1, max: length - 1 }),
        by: fc.integer({ min: 1, max: length }),
      }),
    );
    fc.assert(
      fc.property(moved, ({ length, from, by }) => {
        const to = Math.min(length, from + by);
        const sights = count(length).filter((position) => position !== from);
        sights.splice(to - 1, 0, from);
        const report = judge(length, sights);
        expect(report.reordered).toEqual([
          { reader: "reader", key: keyOf(from), after: keyOf(to) },
        ]);
        expect(report).toMatchObject({ lost: [], repeated: [], unknown: [], isFaithful: false });
      }),
    );
  });

  test("in any order but the right one is found out of order", () => {
    const shuffled = streamLength.chain((length) =>
      fc.shuffledSubarray(count(length), { minLength: length }),
    );
    fc.assert(
      fc.property(shuffled, (sights) => {
        const isSorted = sights.every(
          (position, at) => at === 0 || position > (sights[at - 1] ?? 0),
        );
        expect(judge(sights.length, sights).isFaithful).toBe(isSorted);
      }),
    );
  });

  test("with invented events has exactly these unknown", () => {
    fc.assert(
      fc.property(spoiled, ({ length, chosen }) => {
        const sights = count(length).flatMap((position) =>
          chosen.includes(position) ? [position, 1000 + position] : [position],
        );
        const report = judge(length, sights);
        expect(report.unknown.map(({ key }) => key)).toEqual(
          chosen.map((position) => keyOf(1000 + position)),
        );
        expect(report).toMatchObject({ lost: [], repeated: [], reordered: [], isFaithful: false });
      }),
    );
  });

  test("with every hole announced in its place is right, and the holes are covered", () => {
    fc.assert(
      fc.property(spoiled, ({ length, chosen }) => {
        const sights = count(length).map((position): Sight => {
          return chosen.includes(position) ? { from: position, to: position } : position;
        });
        const report = judge(length, sights);
        expect(report.covered.map(({ key }) => key)).toEqual(chosen.map(keyOf));
        expect(report.isFaithful).toBe(true);
      }),
    );
  });

  test("with a hole announced behind a later event is wrong", () => {
    fc.assert(
      fc.property(spoiled, ({ length, chosen }) => {
        const holes = chosen.filter((position) => position < length);
        fc.pre(holes.length > 0);
        const sights: Sight[] = count(length).filter((position) => !holes.includes(position));
        sights.push(...holes.map((position) => ({ from: position, to: position })));
        const report = judge(length, sights);
        expect(report.lost).toEqual(
          holes.map((position) => ({
            reader: "reader",
            key: keyOf(position),
            isAnnouncedLate: true,
          })),
        );
      }),
    );
  });

  test("with a gap over events that came has it found false", () => {
    fc.assert(
      fc.property(spoiled, ({ length, chosen }) => {
        const from = Math.min(...chosen);
        const to = Math.max(...chosen);
        const report = judge(length, [{ from, to }, ...count(length)]);
        expect(report.falseGaps).toHaveLength(1);
        expect(report.falseGaps[0]?.received).toHaveLength(to - from + 1);
        expect(report.isFaithful).toBe(false);
      }),
    );
  });
});
