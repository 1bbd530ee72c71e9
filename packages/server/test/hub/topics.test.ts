import fc from "fast-check";
import { isTopicPattern } from "throughline/core";
import { describe, expect, it } from "vitest";
import { createTopicFilter, isTopic, matchesFilter } from "../../src/hub/topic-filter.js";
import { TopicIndex } from "../../src/hub/topic-index.js";

const matches = (pattern: string, topic: string) =>
  matchesFilter(createTopicFilter([pattern]), topic);

describe("a topic pattern", () => {
  it.each([
    ["ward/42", "ward/42", true],
    ["ward/42", "ward/421", false],
    ["ward/42", "ward", false],
    ["ward/*", "ward/42", true],
    ["ward/*", "ward", false],
    ["ward/*", "ward/42/alerts", false],
    ["*/42", "ward/42", true],
    ["*", "ward", true],
    ["*", "ward/42", false],
    ["ward/**", "ward", true],
    ["ward/**", "ward/42", true],
    ["ward/**", "ward/42/alerts/high", true],
    ["ward/**", "wards/42", false],
    ["ward/*/alerts", "ward/42/alerts", true],
    ["ward/*/**", "ward", false],
    ["ward/*/**", "ward/42", true],
    ["**", "anything/at/all", true],
    ["a//b", "a//b", true],
    ["a/*/b", "a//b", true],
  ])("%s on %s: %s", (pattern, topic, expected) => {
    expect(matches(pattern, topic)).toBe(expected);
  });

  it("lets no event through that has no topic", () => {
    expect(matchesFilter(createTopicFilter(["**"]), undefined)).toBe(false);
  });

  it.each(["", "a,b", "a*", "*a/b", "**/a", "a/***", "a\nb", "x".repeat(257)])(
    "cannot be %j",
    (text) => {
      expect(isTopicPattern(text)).toBe(false);
    },
  );

  it.each(["ward/42", "*", "**", "a/*/b/**", "Jubilee Hills", "वार्ड/४२", "/a/"])(
    "can be %j",
    (text) => {
      expect(isTopicPattern(text)).toBe(true);
    },
  );
});

describe("a topic", () => {
  it.each(["", "a,b", "a/*", "**", "a\0", "x".repeat(257)])("cannot be %j", (text) => {
    expect(isTopic(text)).toBe(false);
  });
});

describe("a filter", () => {
  it("has the same key in whatever order its patterns come, and how often", () => {
    const key = createTopicFilter(["b", "a/*", "b"]).key;
    expect(createTopicFilter(["a/*", "b"]).key).toBe(key);
    expect(createTopicFilter(["a/*"]).key).not.toBe(key);
  });
});

const segment = fc.constantFrom("a", "b", "");
const anyTopic = fc
  .array(segment, { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join("/"));
const anyPattern = fc
  .tuple(
    fc.array(fc.oneof(segment, fc.constant("*")), { minLength: 1, maxLength: 3 }),
    fc.constantFrom("", "/**"),
  )
  .map(([segments, rest]) => segments.join("/") + rest);
const anyFilters = fc.array(
  fc.array(anyPattern, { minLength: 1, maxLength: 3 }).map(createTopicFilter),
  { maxLength: 6 },
);

describe("the index of filters", () => {
  it("finds exactly the filters that let a topic through, also after others were taken out", () => {
    fc.assert(
      fc.property(anyFilters, anyFilters, anyTopic, (kept, removed, topic) => {
        const index = new TopicIndex<object>();
        const all = [...kept, ...removed].map((filter, number) => ({ filter, number }));
        for (const entry of all) index.add(entry.filter, entry);
        for (const entry of all.slice(kept.length)) index.remove(entry.filter, entry);
        const expected = all
          .slice(0, kept.length)
          .filter(({ filter }) => matchesFilter(filter, topic));
        expect(new Set(index.match(topic))).toEqual(new Set(expected));
      }),
    );
  });

  it("keeps nothing of filters that were taken out", () => {
    const index = new TopicIndex<string>();
    const [a, b] = [createTopicFilter(["x/y/z"]), createTopicFilter(["x/y", "x/**"])];
    index.add(a, "a");
    index.add(b, "b");
    index.remove(a, "a");
    expect([...index.match("x/y/z")]).toEqual(["b"]);
    index.remove(b, "b");
    expect(index.isEmpty).toBe(true);
  });
});
