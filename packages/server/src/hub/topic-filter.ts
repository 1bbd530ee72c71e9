// Which topics a subscription wants, by patterns: `core/topic-pattern.ts` says what those stand for.
// An event without a topic reaches only subscriptions without a filter.

import { LONGEST_TOPIC, matchesSegments } from "throughline/core";

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses.
const TOPIC = /^[^\x00-\x1f\x7f,*]+$/;

/** What a subscription wants of a stream. */
export interface TopicFilter {
  /** Equal for filters for which the same bytes are sent, in whatever order their patterns were given. */
  readonly key: string;
  /** Each pattern as its segments; no pattern twice. */
  readonly patterns: readonly (readonly string[])[];
  /** Whether each event says its topic, so that the reader can tell its own topics apart. */
  readonly tellsTopics: boolean;
}

/**
 * Whether events may bear this topic: 1 to 256 characters without control characters, commas (which
 * separate patterns in a query) and asterisks (which are wildcards there).
 */
export function isTopic(text: string): boolean {
  return text.length <= LONGEST_TOPIC && TOPIC.test(text);
}

/** The filter for some patterns, each of which must be one by `isTopicPattern`. */
export function createTopicFilter(
  patterns: readonly string[],
  { tellsTopics = false } = {},
): TopicFilter {
  const unique = [...new Set(patterns)].sort();
  // No pattern has a line end.
  const key = unique.join(",") + (tellsTopics ? "\n" : "");
  return { key, patterns: unique.map((pattern) => pattern.split("/")), tellsTopics };
}

/** Whether a filter lets a topic through. For one subscription; for all of them: `TopicIndex`. */
export function matchesFilter(filter: TopicFilter, topic: string | undefined): boolean {
  if (topic === undefined) return false;
  const segments = topic.split("/");
  return filter.patterns.some((pattern) => matchesSegments(pattern, segments));
}
