// Whether whoever may read one pattern of topics may read another.

import { ANY_REST, ANY_SEGMENT } from "./topic-filter.js";

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
 * by `isTopicPattern`, as their segments.
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
