// Checks that several groups of options share.

import { StreamError } from "throughline/core";

/**
 * Checks a number.
 *
 * @throws StreamError `invalid-option`
 */
export function integerOption(
  name: string,
  value: number,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  const limit = most === Number.MAX_SAFE_INTEGER ? "" : ` and at most ${most}`;
  throw invalidOption(name, `an integer of at least ${least}${limit}`, value);
}

/** The error for an option that cannot be used. `got` must hold no secret: it is shown. */
export function invalidOption(name: string, expected: string, got: unknown): StreamError {
  return new StreamError(`Option "${name}": expected ${expected}; got ${String(got)}.`, {
    code: "invalid-option",
    fault: "local",
  });
}
