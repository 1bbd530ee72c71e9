// Checks the numbers and texts of a fault where it enters, so that everything behind may rely on them.

import { StreamError } from "throughline/core";
import type { Fault, RequestSelection } from "./fault.js";

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
      assertSelection(fault);
      if (typeof fault.retryAfter === "number") assertWhole("retryAfter", fault.retryAfter);
      else assertFieldText("retryAfter", fault.retryAfter ?? "");
      assertHeaders(fault.headers);
      return;
    case "open-then-close":
      assertSelection(fault);
      return;
    case "garbage":
      assertSelection(fault);
      if (fault.bytes !== undefined) assertWhole("bytes", fault.bytes, { least: 1 });
      return;
    case "slow":
      assertWhole("bytesPerSecond", fault.bytesPerSecond, { least: 1 });
      return;
    case "delay":
    case "late-head":
    case "idle-timeout":
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
    case "rewrite-head": {
      const { status = 200, headers = {}, remove = [] } = fault;
      assertWhole("status", status, { least: 200, most: 599 });
      assertHeaders(headers);
      for (const name of [...Object.keys(headers), ...remove]) assertNoFraming(name);
      return;
    }
    default:
      return;
  }
}

function assertSelection({ path, skip, times }: RequestSelection): void {
  assertTimes(times);
  if (skip !== undefined) assertWhole("skip", skip);
  if (path !== undefined && !path.startsWith("/")) throw invalid("path", 'a path from "/"', path);
}

function assertHeaders(headers: Readonly<Record<string, string>> = {}): void {
  for (const [name, value] of Object.entries(headers)) {
    assertFieldText("headers", name);
    assertFieldText("headers", value);
  }
}

/** Fields that say where a message ends: changed, the proxy itself would not know it any more. */
const FRAMING = ["content-length", "transfer-encoding", "connection"];

function assertNoFraming(name: string): void {
  if (!FRAMING.includes(name.toLowerCase())) return;
  throw invalid("headers", "no field that says where the body ends", `"${name}"`);
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
