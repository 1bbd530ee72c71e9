// Whatever is typed: it is read, or refused with the place and what was expected.

import fc from "fast-check";
import { StreamError } from "throughline/core";
import { describe, expect, it } from "vitest";
import { parseScenarios } from "../../src/scenario/index.js";

/** Words of the language, and what is none, so that lines get far before they go wrong. */
const word = fc.oneof(
  fc.constantFrom(
    ...[
      "scenario",
      "x:",
      "readers",
      "publish",
      "every",
      "50",
      "ms",
      "s",
      "wait",
      "0.3..4",
      "until",
      "struck",
    ],
    ...[
      "fault",
      "freeze",
      "direction=both",
      "http-error",
      "status=503",
      'header="A: b"',
      "times=3",
      "cut",
    ],
    ...[
      "after=hex:e2",
      "end=fin",
      "flap",
      "down=1s",
      "up=1s",
      "for=3s",
      "by",
      "detour",
      "none",
      "hub",
      "kill",
    ],
    ...[
      "expect",
      "begin",
      "within",
      "nothing",
      "lost",
      ",",
      "at",
      "most",
      "requests",
      "per",
      "minute",
      "#",
    ],
  ),
  fc.string({ maxLength: 8 }),
);
const line = fc.array(word, { maxLength: 7 }).map((words) => words.join(" "));
const text = fc
  .array(line, { maxLength: 6 })
  .map((lines) => ["scenario a: b", ...lines].join("\n"));

describe("a text", () => {
  it("is read as scenarios, or refused with file, line, what was expected, and what was found", () => {
    fc.assert(
      fc.property(text, (any) => {
        try {
          expect(parseScenarios(any, "any").length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(StreamError);
          expect(String(error)).toMatch(/any:\d+: .*expected .*(found|got) /s);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
