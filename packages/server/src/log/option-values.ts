// Values of options that all logs check in the same way and refuse in the same words.

import { randomBytes } from "node:crypto";
import { isEpoch, StreamError } from "throughline/core";

export const MEBIBYTE = 1024 * 1024;
export const DAY_MS = 24 * 60 * 60 * 1000;

/** An integer of at least 1. @throws StreamError `invalid-option` */
export function limit(name: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw invalidOption(`"${name}" must be an integer of at least 1; got ${String(value)}.`);
}

/** A function. @throws StreamError `invalid-option` */
export function hook<T>(name: string, value: T | undefined, fallback: T): T {
  if (value === undefined) return fallback;
  if (typeof value === "function") return value;
  throw invalidOption(`"${name}" must be a function; got ${typeof value}.`);
}

/** An option that is missing, out of its range, or contradicts another one. */
export function invalidOption(message: string): StreamError {
  return new StreamError(message, { code: "invalid-option", fault: "local" });
}

/** Five random bits for each character of `[a-v0-9]`, which is what base 32 gives. */
export function createRandomEpoch(): string {
  return Array.from(randomBytes(16), (byte) => (byte & 31).toString(32)).join("");
}

/** What a caller's `createEpoch` returned, if it is an epoch. @throws StreamError `invalid-option` */
export function checkedEpoch(epoch: unknown): string {
  if (typeof epoch === "string" && isEpoch(epoch)) return epoch;
  throw invalidOption(
    `"createEpoch" must return 1 to 32 characters of [a-z0-9]; it returned ${String(epoch)}.`,
  );
}
