// Which topics a subscription wants.
//
// A topic is read as segments between slashes: `ward/42/alerts`. A pattern is a topic in which a
// segment may be `*`, which stands for any one segment, and the last may be `**`, which stands for
// any number of segments, also none: `ward/**` covers `ward`, `ward/42` and `ward/42/alerts`.
// An event without a topic reaches only subscriptions without a filter.

/** Longest topic and longest pattern, in characters. */
export const LONGEST_TOPIC = 256;

/** Stands for any one segment. */
export const ANY_SEGMENT = "*";
/** Stands for any number of segments at the end. */
export const ANY_REST = "**";

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses.
const TOPIC = /^[^\x00-\x1f\x7f,*]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
const PATTERN_SEGMENT = /^[^\x00-\x1f\x7f,*]*$/;

/** What a subscription wants of a stream. */
export interface TopicFilter {
  /** Equal for filters that let the same patterns through, in whatever order they were given. */
  readonly key: string;
  /** Each pattern as its segments; no pattern twice. */
  readonly patterns: readonly (readonly string[])[];
}

/**
 * Whether events may bear this topic: 1 to 256 characters without control characters, commas (which
 * separate patterns in a query) and asterisks (which are wildcards there).
 */
export function isTopic(text: string): boolean {
  return text.length <= LONGEST_TOPIC && TOPIC.test(text);
}

/** Whether this is a pattern: a topic, or one with wildcards in the places described above. */
export function isTopicPattern(text: string): boolean {
  if (text === "" || text.length > LONGEST_TOPIC) return false;
  const segments = text.split("/");
  return segments.every((segment, index) => {
    if (segment === ANY_SEGMENT) return true;
    if (segment === ANY_REST) return index === segments.length - 1;
    return PATTERN_SEGMENT.test(segment);
  });
}

/** The filter for some patterns, each of which must be one by {@link isTopicPattern}. */
export function createTopicFilter(patterns: readonly string[]): TopicFilter {
  const unique = [...new Set(patterns)].sort();
  return { key: unique.join(","), patterns: unique.map((pattern) => pattern.split("/")) };
}

/** Whether a topic, or another name in segments, is one that a pattern stands for. */
export function matchesPatternText(pattern: string, name: string): boolean {
  return matchesPattern(pattern.split("/"), name.split("/"));
}

/** Whether a filter lets a topic through. For one subscription; for all of them: `TopicIndex`. */
export function matchesFilter(filter: TopicFilter, topic: string | undefined): boolean {
  if (topic === undefined) return false;
  const segments = topic.split("/");
  return filter.patterns.some((pattern) => matchesPattern(pattern, segments));
}

function matchesPattern(pattern: readonly string[], segments: readonly string[]): boolean {
  const hasRest = pattern.at(-1) === ANY_REST;
  const fixed = hasRest ? pattern.length - 1 : pattern.length;
  if (hasRest ? segments.length < fixed : segments.length !== fixed) return false;
  for (let index = 0; index < fixed; index += 1) {
    const wanted = pattern[index];
    if (wanted !== ANY_SEGMENT && wanted !== segments[index]) return false;
  }
  return true;
}
