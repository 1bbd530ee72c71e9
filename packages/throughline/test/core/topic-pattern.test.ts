// Which patterns of topics lie inside which: held against what the patterns stand for.

import fc from "fast-check";
import { coversAll, isTopicPattern, matchesPattern } from "throughline/core";
import { describe, expect, it } from "vitest";

/** A letter more than patterns are made of, so that wildcards stand for something nobody named. */
const topics = sequences(["a", "b", "z"], 5).map((segments) => segments.join("/"));

const segment = fc.constantFrom("a", "b", "*");
const pattern = fc
  .tuple(fc.array(segment, { maxLength: 3 }), fc.boolean())
  .map(([segments, hasRest]) => [...segments, ...(hasRest ? ["**"] : [])].join("/"))
  .filter(isTopicPattern);

describe("a granted pattern", () => {
  it("covers another exactly if every topic of the other is one of its own", () => {
    fc.assert(
      fc.property(pattern, pattern, (granted, asked) => {
        const isInside = topics
          .filter((topic) => matchesPattern(asked, topic))
          .every((topic) => matchesPattern(granted, topic));
        expect(coversAll([granted], [asked])).toBe(isInside);
      }),
      { numRuns: 1000 },
    );
  });

  it("lets no event through a subscription that it does not let through itself", () => {
    const some = fc.array(pattern, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(some, some, (granted, asked) => {
        fc.pre(coversAll(granted, asked));
        const isOneOf = (patterns: readonly string[], topic: string) =>
          patterns.some((one) => matchesPattern(one, topic));
        for (const topic of topics) {
          if (isOneOf(asked, topic)) expect(isOneOf(granted, topic)).toBe(true);
        }
      }),
    );
  });

  it.each([
    ["ward/**", "ward"],
    ["ward/**", "ward/*/alerts"],
    ["ward/*", "ward/42"],
    ["**", "*/**"],
    ["*/**", "**"],
  ])("%s covers %s", (granted, asked) => {
    expect(coversAll([granted], [asked])).toBe(true);
  });

  it.each([
    ["ward/42", "ward/*"],
    ["ward/*", "ward/**"],
    ["ward/*", "ward"],
    ["ward/*/**", "ward/**"],
    ["ward/**", "wards/1"],
    ["*", "**"],
  ])("%s does not cover %s", (granted, asked) => {
    expect(coversAll([granted], [asked])).toBe(false);
  });

  it("need not be one for all: each pattern has one of its own", () => {
    expect(coversAll(["a", "b/*"], ["b/1", "a"])).toBe(true);
    expect(coversAll(["a", "b/*"], ["b/1", "c"])).toBe(false);
    expect(coversAll([], ["a"])).toBe(false);
  });
});

/** All sequences of 1 to `longest` of the given items. */
function sequences(items: readonly string[], longest: number): string[][] {
  if (longest === 0) return [];
  const shorter = sequences(items, longest - 1);
  const longer = [[], ...shorter].flatMap((start) => items.map((item) => [...start, item]));
  return longer;
}
