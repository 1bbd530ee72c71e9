// Patterns of topics: what one stands for, and whether one lies inside another. PROTOCOL.md §4.
//
// A topic is read as segments between slashes: `ward/42/alerts`. A pattern is a topic in which a
// segment may be `*`, which stands for any one segment, and the last may be `**`, which stands for
// any number of segments, also none: `ward/**` covers `ward`, `ward/42` and `ward/42/alerts`.

/** Longest topic and longest pattern, in characters. */
export const LONGEST_TOPIC = 256;

/** Stands for any one segment. */
export const ANY_SEGMENT = "*";
/** Stands for any number of segments at the end. */
export const ANY_REST = "**";

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses.
const PATTERN_SEGMENT = /^[^\x00-\x1f\x7f,*]*$/;

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

/** Whether a topic, or another name in segments, is one that a pattern stands for. */
export function matchesPattern(pattern: string, name: string): boolean {
  return matchesSegments(pattern.split("/"), name.split("/"));
}

/** The same, for a pattern and a name that are segments already. */
export function matchesSegments(pattern: readonly string[], segments: readonly string[]): boolean {
  const hasRest = pattern.at(-1) === ANY_REST;
  const fixed = hasRest ? pattern.length - 1 : pattern.length;
  if (hasRest ? segments.length < fixed : segments.length !== fixed) return false;
  for (let index = 0; index < fixed; index += 1) {
    const wanted = pattern[index];
    if (wanted !== ANY_SEGMENT && wanted !== segments[index]) return false;
  }
  return true;
}

/** Whether each pattern is covered by one of those that are granted. */
export function coversAll(granted: readonly string[], patterns: readonly string[]): boolean {
  const wide = granted.map((pattern) => pattern.split("/"));
  return patterns.every((pattern) => {
    const narrow = pattern.split("/");
    return wide.some((segments) => covers(segments, narrow));
  });
}

/**
 * Whether every topic that `narrow` stands for is also one that `wide` stands for. Both are patterns
 * by {@link isTopicPattern}, as their segments.
 */
function covers(wide: readonly string[], narrow: readonly string[]): boolean {
  const wideHasRest = wide.at(-1) === ANY_REST;
  const narrowHasRest = narrow.at(-1) === ANY_REST;
  const wideFixed = wideHasRest ? wide.length - 1 : wide.length;
  const narrowFixed = narrowHasRest ? narrow.length - 1 : narrow.length;
  if (!wideHasRest && (narrowHasRest || narrowFixed !== wideFixed)) return false;
  // What has too few segments is not covered. But no topic has less than one: `*/**` is all.
  const isAll = wideHasRest && wideFixed === 1 && wide[0] === ANY_SEGMENT;
  if (narrowFixed < wideFixed) return isAll;
  for (let index = 0; index < wideFixed; index += 1) {
    const wanted = wide[index];
    if (wanted !== ANY_SEGMENT && wanted !== narrow[index]) return false;
  }
  return true;
}
