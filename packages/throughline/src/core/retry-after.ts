/** Longest wait that a server may ask for: a mistyped date must not silence a client for a year. */
const LONGEST_WAIT_MS = 60 * 60 * 1000;

/**
 * Reads a `Retry-After` header (RFC 9110 §10.2.3), as seconds or as an HTTP date.
 *
 * @param value the header's value; `null` where the header is missing
 * @param nowEpochMs the present time, milliseconds since 1970
 * @param parseDate reads a date as milliseconds since 1970, or `NaN`: the platform's `Date.parse`,
 * which `core` cannot name
 * @returns milliseconds to wait, from 0 to one hour; `undefined` where the value is neither form
 */
export function parseRetryAfter(
  value: string | null,
  nowEpochMs: number,
  parseDate: (text: string) => number,
): number | undefined {
  const text = value?.trim() ?? "";
  // HTTP dates begin with the name of a day. `Date.parse` takes much else, such as "-1", for a date.
  const isDate = /^[A-Z][a-z]+,? .*\d\d:\d\d:\d\d/.test(text);
  const waitMs = isDate
    ? parseDate(text) - nowEpochMs
    : /^\d+$/.test(text)
      ? Number(text) * 1000
      : NaN;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), LONGEST_WAIT_MS);
}
