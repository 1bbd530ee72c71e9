import { expect, test } from "vitest";
import { Ledger } from "../server/ledger.js";

function ledgerOf(count: number, keep?: number): Ledger {
  const ledger = new Ledger(keep);
  for (let n = 1; n <= count; n += 1) {
    ledger.add({ id: `post_${n}`, atMs: n * 10, cursor: `e.${n}` });
  }
  return ledger;
}

test("a page begins with the moment asked for and is in order of publication", () => {
  const { entries, isComplete } = ledgerOf(5).since(30);
  expect(entries.map(({ seq }) => seq)).toEqual([3, 4, 5]);
  expect(isComplete).toBe(true);
});

test("nothing since is an empty page", () => {
  expect(ledgerOf(2).since(1000)).toEqual({ entries: [], isComplete: true });
});

test("a page that reaches back beyond what is kept says so", () => {
  const ledger = ledgerOf(100, 10);
  expect(ledger.since(0).isComplete).toBe(false);
  expect(ledger.since(970)).toMatchObject({ isComplete: true });
});

test("history begins with the cursor before the newest items, or with all there is", () => {
  const ledger = ledgerOf(10);
  expect(ledger.cursorBefore(3)).toBe("e.7");
  expect(ledger.cursorBefore(10)).toBe("earliest");
});
