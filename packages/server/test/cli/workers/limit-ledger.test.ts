import fc from "fast-check";
import { expect, it } from "vitest";
import { LimitLedger } from "../../../src/cli/workers/limit-ledger.js";
import type { LimitUse } from "../../../src/hub/peers.js";

const place = (key: string, count: number): LimitUse => ({ what: "places", key, count });

/** Uses as sums by key, without those that are 0. */
function sums(uses: readonly LimitUse[]): Readonly<Record<string, number>> {
  const all: Record<string, number> = {};
  for (const { key, count } of uses) all[key] = (all[key] ?? 0) + count;
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count !== 0));
}

it("a worker that begins is told what all others hold, and not what it holds itself", () => {
  const ledger = new LimitLedger();
  ledger.note(1, [place("all", 3), place("identity ada", 1)]);
  ledger.note(2, [place("all", 2), place("identity ada", 1)]);
  ledger.note(1, [place("all", -1), place("identity ada", -1)]);
  expect(sums(ledger.heldByOthers(3))).toEqual({ all: 4, "identity ada": 1 });
  expect(sums(ledger.heldByOthers(2))).toEqual({ all: 2 });
});

it("rates are nobody's to hold", () => {
  const ledger = new LimitLedger();
  ledger.note(1, [{ what: "publications", key: "192.0.2.1", count: 9 }]);
  expect([ledger.heldByOthers(2), ledger.forget(1)]).toEqual([[], []]);
});

it("whatever workers hold and whenever they end, each knows exactly what the others have", () => {
  const step = fc.record({
    worker: fc.integer({ min: 1, max: 3 }),
    ends: fc.boolean(),
    uses: fc.array(
      fc.record({
        what: fc.constant("places" as const),
        key: fc.constantFrom("all", "a", "b"),
        count: fc.integer({ min: -2, max: 2 }),
      }),
      { maxLength: 4 },
    ),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const ledger = new LimitLedger();
      const known = new Map<number, LimitUse[]>([
        [1, []],
        [2, []],
        [3, []],
      ]);
      const tellOthers = (worker: number, uses: readonly LimitUse[]) => {
        for (const [other, heard] of known) if (other !== worker) heard.push(...uses);
      };
      for (const { worker, ends, uses } of steps) {
        if (ends) {
          tellOthers(worker, ledger.forget(worker));
          // Its successor knows nothing until it is told.
          known.set(worker, [...ledger.heldByOthers(worker)]);
        } else {
          ledger.note(worker, uses);
          tellOthers(worker, uses);
        }
      }
      for (const [worker, heard] of known) {
        expect(sums(heard)).toEqual(sums(ledger.heldByOthers(worker)));
      }
    }),
  );
});
