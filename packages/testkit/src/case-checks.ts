// The comparisons that the cases of the conformance suites make.

import { AssertionError } from "node:assert";

/** The error of a case that fails. */
export function failure(message: string): AssertionError {
  return new AssertionError({ message });
}

/** Throws where two things are not the same as JSON. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  const [seen, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (seen === wanted) return;
  throw new AssertionError({
    message: `${what}: expected ${wanted}, got ${seen}`,
    actual,
    expected,
  });
}

/** Throws where it is not true. */
export function check(isTrue: boolean, what: string): void {
  if (!isTrue) throw failure(what);
}
