import { parseStreamName } from "@throughline/server/log";
import { describe, expect, it } from "vitest";

const NAMES = ["a", "ward/42", "A.b_c~d-e/0", "...", "a/...", "..a/b..", "x".repeat(128)];

const NO_NAMES = [
  "",
  "/",
  "/a",
  "a/",
  "a//b",
  ".",
  "..",
  "./a",
  "a/.",
  "a/../b",
  "..\n",
  "a b",
  "a\n",
  "a?b",
  "a%2Fb",
  "a*",
  "größe",
  "a\0",
  "x".repeat(129),
];

describe("parseStreamName", () => {
  for (const name of NAMES) {
    it(`takes ${JSON.stringify(name)} as it is`, () => {
      expect(parseStreamName(name)).toBe(name);
    });
  }

  for (const text of NO_NAMES) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => parseStreamName(text)).toThrow(
        expect.objectContaining({ name: "StreamError", code: "invalid-stream", fault: "local" }),
      );
    });
  }

  it("does not repeat a long text in its message", () => {
    expect(() => parseStreamName(" ".repeat(100_000))).toThrow(/^.{1,400}$/);
  });
});
