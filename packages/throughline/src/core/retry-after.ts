/** Longest wait that a server may ask for: a mistyped date must not silence a client for a year. */
const LONGEST_WAIT_MS = 60 * 60 * 1000;

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
const IMF_DATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;

/**
 * Reads a `Retry-After` header (RFC 9110 §10.2.3), as seconds or as an HTTP date.
 *
 * @param value the header's value; `null` where the header is missing
 * @param nowEpochMs the present time, milliseconds since 1970
 * @returns milliseconds to wait, from 0 to one hour; `undefined` where the value is neither form
 */
export function parseRetryAfter(value: string | null, nowEpochMs: number): number | undefined {
  const text = value?.trim() ?? "";
  if (/^\d{1,12}$/.test(text)) return Math.min(Number(text) * 1000, LONGEST_WAIT_MS);
  const epochMs = parseHttpDate(text);
  if (epochMs === undefined) return undefined;
  return Math.min(Math.max(epochMs - nowEpochMs, 0), LONGEST_WAIT_MS);
}

/**
 * The preferred form of an HTTP date (RFC 9110 §5.6.7) as milliseconds since 1970. The two obsolete
 * forms are not read: no server in use writes them. Calendar arithmetic is done here because `core`
 * has no `Date`.
 */
function parseHttpDate(text: string): number | undefined {
  const match = IMF_DATE.exec(text);
  if (match === null) return undefined;
  const [, day, month = "", year, hours, minutes, seconds] = match;
  const monthAt = MONTHS.indexOf(month);
  if (monthAt < 0 || monthAt % 3 !== 0) return undefined;
  const days = daysFromCivil(Number(year), monthAt / 3 + 1, Number(day));
  return ((days * 24 + Number(hours)) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1000;
}

/** Days from 1970-01-01 to a date of the Gregorian calendar; the year is taken to begin in March. */
function daysFromCivil(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const marchMonth = month > 2 ? month - 3 : month + 9;
  const leapDays =
    Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + Math.floor((153 * marchMonth + 2) / 5) + day - 1 - 719_468;
}
