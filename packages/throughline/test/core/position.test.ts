import fc from "fast-check";
import { decodeCursor, encodeCursor, isBehind, isEpoch } from "throughline/core";
import { describe, expect, it } from "vitest";

const anyPosition = fc.record({
  epoch: fc.stringMatching(/^[a-z0-9]{1,32}$/),
  offset: fc.maxSafeNat(),
});

describe("a cursor", () => {
  it("gives back the position it was made of", () => {
    fc.assert(
      fc.property(anyPosition, (position) => {
        expect(decodeCursor(encodeCursor(position))).toEqual(position);
      }),
    );
  });

  it("fits into any id field, header and URL: at most 128 bytes of [A-Za-z0-9._~-]", () => {
    fc.assert(
      fc.property(anyPosition, (position) => {
        expect(encodeCursor(position)).toMatch(/^[A-Za-z0-9._~-]{1,128}$/);
      }),
    );
  });

  it.each([
    "",
    "a",
    "a.",
    ".1",
    "a.01",
    "a.-1",
    "a.1.2",
    "A.1",
    "a.1 ",
    " a.1",
    "a.9007199254740992",
    "a.99999999999999999999",
    `${"a".repeat(33)}.1`,
    "earliest",
    "a.1\n",
    "ä.1",
  ])("is strict: %j is none", (text) => {
    expect(decodeCursor(text)).toBeUndefined();
  });

  it("is read from arbitrary text only where that text is exactly a cursor", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const position = decodeCursor(text);
        if (position !== undefined) expect(encodeCursor(position)).toBe(text);
      }),
    );
  });
});

describe("an epoch", () => {
  it("is 1 to 32 characters of [a-z0-9]", () => {
    expect(["a", "0", "a".repeat(32)].every(isEpoch)).toBe(true);
    expect(["", "A", "a.b", "a".repeat(33), "a\n"].some(isEpoch)).toBe(false);
  });
});

describe("a reader", () => {
  it.each([
    ["e.1", "e.2", true],
    ["e.2", "e.2", false],
    ["e.3", "e.2", false],
    ["e.1", "f.2", false],
    ["", "e.2", false],
    ["e.1", "nothing", false],
    ["e.1", 7, false],
  ])("at %j is behind %j: %j", (cursor, other, expected) => {
    expect(isBehind(cursor, other)).toBe(expected);
  });
});
