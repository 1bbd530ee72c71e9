// Lengths of time and amounts of bytes, as people write them.

import type { Random } from "./scenario.js";
import type { Words } from "./words.js";

/** A length of time that is drawn anew in every run; both ends are the same where it is fixed. */
export interface DurationRange {
  readonly leastMs: number;
  readonly mostMs: number;
}

/** Milliseconds of a unit. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["second", 1000],
  ["seconds", 1000],
  ["min", 60_000],
  ["minute", 60_000],
  ["minutes", 60_000],
]);

/** Bytes of a unit. */
const SIZES: ReadonlyMap<string, number> = new Map([
  ["bytes", 1],
  ["B", 1],
  ["KB", 1024],
  ["MB", 1024 * 1024],
]);

const NUMBER = "\\d+(?:\\.\\d+)?";
const RANGE = new RegExp(`^(${NUMBER})(?:\\.\\.(${NUMBER}))?([a-zA-Z]*)$`);

const DURATION = 'a length of time such as "50 ms", "1.5 s" or "1 min"';
const DURATION_RANGE = 'a length of time such as "50 ms" or "0.3..4 s"';
const SIZE = 'a size such as "512 bytes", "4 KB" or "10 MB"';

/** Takes a length of time that may be a range. */
export function takeRange(words: Words): DurationRange {
  return takeAmount(words, { units: UNITS, expected: DURATION_RANGE, isRange: true });
}

/** Takes a length of time. */
export function takeDuration(words: Words): number {
  return takeAmount(words, { units: UNITS, expected: DURATION, isRange: false }).leastMs;
}

/** Takes the unit that stands for one of it, as in "per minute". */
export function takeUnit(words: Words): number {
  const unit = UNITS.get(words.next ?? "");
  if (unit === undefined) return takeDuration(words);
  words.take("a unit");
  return unit;
}

/** Takes a number of bytes. */
export function takeSize(words: Words): number {
  return takeAmount(words, { units: SIZES, expected: SIZE, isRange: false }).leastMs;
}

/** Reads a length of time that is one word, `1.5s`; `undefined` if it is none. */
export function readDuration(text: string): number | undefined {
  return readAmount(text, UNITS);
}

/** Reads a number of bytes that is one word, `4KB`, or a bare number; `undefined` if it is none. */
export function readSize(text: string): number | undefined {
  return readAmount(/^\d+$/.test(text) ? `${text}B` : text, SIZES);
}

/** Draws from a range. */
export function drawMs({ leastMs, mostMs }: DurationRange, random: Random): number {
  return leastMs + random() * (mostMs - leastMs);
}

interface AmountRule {
  readonly units: ReadonlyMap<string, number>;
  readonly expected: string;
  readonly isRange: boolean;
}

/** A number, or two, and a unit, in one word or in two. */
function takeAmount(words: Words, { units, expected, isRange }: AmountRule): DurationRange {
  const [, least, most, unit] = RANGE.exec(words.next ?? "") ?? [];
  if (least === undefined || (most !== undefined && !isRange)) throw words.error(expected);
  if (unit !== "" && !units.has(unit ?? "")) throw words.error(expected);
  if (most !== undefined && Number(most) < Number(least)) {
    throw words.error("a range that begins with the smaller number");
  }
  words.take(expected);
  const factor = units.get(unit || (words.next ?? ""));
  if (factor === undefined) throw words.error(`a unit: one of ${[...units.keys()].join(", ")}`);
  if (unit === "") words.take("a unit");
  return { leastMs: Number(least) * factor, mostMs: Number(most ?? least) * factor };
}

function readAmount(text: string, units: ReadonlyMap<string, number>): number | undefined {
  const [, amount, most, unit = ""] = RANGE.exec(text) ?? [];
  const factor = units.get(unit);
  if (amount === undefined || most !== undefined || factor === undefined) return undefined;
  return Number(amount) * factor;
}
