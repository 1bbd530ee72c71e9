// Checks the numbers and texts of a fault where it enters, so that everything behind may rely on them.

import { StreamError } from "throughline/core";
import type { Fault } from "./fault.js";

/** Above this Node.js timers fire at once instead of late. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

interface Range {
  readonly least?: number | undefined;
  readonly most?: number | undefined;
}

/**
 * Throws a {@link StreamError} with code `invalid-option` when a value of the fault is out of range.
 */
export function assertFault(fault: Fault): void {
  switch (fault.kind) {
    case "http-error":
      assertWhole("status", fault.status, { least: 200, most: 599 });
      assertTimes(fault.times);
      if (typeof fault.retryAfter === "number") assertWhole("retryAfter", fault.retryAfter);
      else assertFieldText("retryAfter", fault.retryAfter ?? "");
      for (const [name, value] of Object.entries(fault.headers ?? {})) {
        assertFieldText("headers", name);
        assertFieldText("headers", value);
      }
      return;
    case "open-then-close":
      assertTimes(fault.times);
      return;
    case "garbage":
      assertTimes(fault.times);
      if (fault.bytes !== undefined) assertWhole("bytes", fault.bytes, { least: 1 });
      return;
    case "slow":
      assertWhole("bytesPerSecond", fault.bytesPerSecond, { least: 1 });
      return;
    case "delay":
      assertDuration("ms", fault.ms);
      return;
    case "cut":
      if (fault.after.length === 0) throw invalid("after", "at least one byte", "none");
      if (fault.plusBytes !== undefined) assertWhole("plusBytes", fault.plusBytes);
      if (fault.skip !== undefined) assertWhole("skip", fault.skip);
      assertTimes(fault.times);
      return;
    case "buffer":
      if (fault.bytes !== "until-close") assertWhole("bytes", fault.bytes, { least: 1 });
      return;
    default:
      return;
  }
}

/** Throws when a number of milliseconds given by the caller is not one that a timer can wait. */
export function assertDuration(name: string, ms: number): void {
  if (ms >= 0 && ms <= LONGEST_TIMER_MS) return;
  throw invalid(name, `a number of ms from 0 to ${LONGEST_TIMER_MS}`, ms);
}

function assertTimes(times: number | undefined): void {
  if (times !== undefined && times !== Number.POSITIVE_INFINITY) {
    assertWhole("times", times, { least: 1 });
  }
}

/** Throws when a value is not a whole number in the given range. */
export function assertWhole(
  name: string,
  value: number,
  { least = 0, most = Number.MAX_SAFE_INTEGER }: Range = {},
): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw invalid(name, `a whole number from ${least} to ${most}`, value);
}

function assertFieldText(name: string, text: string): void {
  // Anything else could forge a header field, or an end of the head, that no server would send.
  if (/^[\t\x20-\x7e]*$/.test(text)) return;
  throw invalid(name, "printable ASCII on one line", JSON.stringify(text));
}

function invalid(name: string, expected: string, actual: unknown): StreamError {
  return new StreamError(`Fault option "${name}": expected ${expected}, got ${actual}.`, {
    code: "invalid-option",
    fault: "local",
  });
}
