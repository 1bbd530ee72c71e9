import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Cutter, type CutterOptions } from "../../src/fault-proxy/cutter.js";

/** How many bytes pass before the cut when the text comes in these pieces; `undefined`: all. */
function cutAt(
  pieces: readonly string[],
  { pattern, plusBytes = 0, skip = 0 }: { pattern: string; plusBytes?: number; skip?: number },
): number | undefined {
  const options: CutterOptions = { pattern: Buffer.from(pattern), plusBytes, skip };
  const cutter = new Cutter(options);
  let passed = 0;
  for (const piece of pieces) {
    const at = cutter.push(Buffer.from(piece));
    if (at !== undefined) return passed + at;
    passed += piece.length;
  }
  return undefined;
}

describe("a cutter", () => {
  test("cuts right behind the pattern", () => {
    expect(cutAt(["a data: b"], { pattern: "data:" })).toBe(7);
  });

  test("finds a pattern that comes in pieces, after a false start", () => {
    expect(cutAt(["\n", "\nid", ": i", "d: 7\n"], { pattern: "id: 7" })).toBe(11);
    expect(cutAt(["aaa", "aab"], { pattern: "aaab" })).toBe(6);
  });

  test("counts matches that overlap", () => {
    expect(cutAt(["aaaa"], { pattern: "aa", skip: 2 })).toBe(4);
  });

  test("lets further bytes through, also in later pieces", () => {
    expect(cutAt(["xid", "12", "345"], { pattern: "id", plusBytes: 4 })).toBe(7);
    expect(cutAt(["xid", "12"], { pattern: "id", plusBytes: 2 })).toBe(5);
  });

  test("cuts nothing before the pattern has come", () => {
    expect(cutAt(["abc", "ab"], { pattern: "abd" })).toBeUndefined();
    expect(cutAt(["aa"], { pattern: "a", skip: 2 })).toBeUndefined();
  });

  test("agrees with a search through the whole text, however it is split", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 40 });
    const pattern = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 5 });
    const split = fc.array(letters, { maxLength: 8 });
    fc.assert(
      fc.property(split, pattern, fc.nat(3), (pieces, wanted, skip) => {
        const text = pieces.join("");
        let from = text.indexOf(wanted);
        for (let left = skip; left > 0 && from !== -1; left -= 1) {
          from = text.indexOf(wanted, from + 1);
        }
        const expected = from === -1 ? undefined : from + wanted.length;
        expect(cutAt(pieces, { pattern: wanted, skip })).toBe(expected);
      }),
    );
  });
});
