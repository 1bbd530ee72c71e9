// The path of a route as a pattern, segment by segment.

import { invalidOption } from "../hub/option-checks.js";

/** One segment of a pattern: a text that has to be there, or a name for whatever is. */
export type PatternSegment = { readonly text: string } | { readonly parameter: string };

/** A segment `:name`. */
const PARAMETER = /^:([A-Za-z][A-Za-z0-9_]*)$/;

/**
 * Parses the path of a route.
 *
 * @throws StreamError `invalid-option`
 */
export function parsePattern(name: string, path: string): readonly PatternSegment[] {
  const expected = "a path such as /events/:room, with no empty segment but the last";
  const segments = splitPath(path);
  if (segments === undefined || segments.slice(0, -1).includes("")) {
    throw invalidOption(`routes.${name}.path`, expected, path);
  }
  const parsed = segments.map((text): PatternSegment => {
    const [, parameter] = PARAMETER.exec(text) ?? [];
    if (parameter !== undefined) return { parameter };
    if (!text.startsWith(":") && !isStep(text)) return { text };
    throw invalidOption(`routes.${name}.path`, "segments like :name, and no steps", path);
  });
  const names = parsed.flatMap((segment) => ("parameter" in segment ? [segment.parameter] : []));
  if (new Set(names).size < names.length) {
    throw invalidOption(`routes.${name}.path`, "each :name once", path);
  }
  return parsed;
}

/**
 * The values of a path's parameters, in the order of the pattern; `undefined` where it does not fit.
 * A step (`..`) is no value: on its way to the backend it would lead to another path.
 */
export function matchPattern(
  pattern: readonly PatternSegment[],
  segments: readonly string[],
): readonly string[] | undefined {
  if (pattern.length !== segments.length) return undefined;
  const values: string[] = [];
  for (const [index, segment] of pattern.entries()) {
    const given = segments[index] ?? "";
    if ("text" in segment) {
      if (segment.text !== given) return undefined;
    } else if (given === "" || isStep(given)) {
      return undefined;
    } else {
      values.push(given);
    }
  }
  return values;
}

/** Texts before parameters, from the left: an order in which the first that fits is the closest. */
export function comparePatterns(
  left: readonly PatternSegment[],
  right: readonly PatternSegment[],
): number {
  for (const [index, segment] of left.entries()) {
    const other = right[index];
    if (other !== undefined && "text" in segment !== "text" in other) {
      return "text" in segment ? -1 : 1;
    }
  }
  return 0;
}

/** What two patterns have in common if and only if they fit the same paths. */
export function patternKey(pattern: readonly PatternSegment[]): string {
  return JSON.stringify(pattern.map((segment) => ("text" in segment ? segment.text : null)));
}

/** The decoded segments of a path; `undefined` where it does not begin with `/` or is badly encoded. */
export function splitPath(path: string): readonly string[] | undefined {
  if (!path.startsWith("/")) return undefined;
  try {
    return path.slice(1).split("/").map(decodeURIComponent);
  } catch {
    // Percent signs that encode nothing: no route has such a path.
    return undefined;
  }
}

function isStep(segment: string): boolean {
  return segment === "." || segment === "..";
}
