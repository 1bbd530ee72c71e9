import fc from "fast-check";
import { parseRetryAfter as parse } from "throughline/core";
import { describe, expect, it } from "vitest";

const parseRetryAfter = (value: string | null, nowMs: number) => parse(value, nowMs, Date.parse);

const NOW = Date.UTC(2026, 10, 23, 12, 0, 0);

describe("Retry-After", () => {
  it.each([
    ["0", 0],
    ["5", 5000],
    [" 120 ", 120_000],
    ["999999999999", 3_600_000],
    ["Mon, 23 Nov 2026 12:00:07 GMT", 7000],
    ["Mon, 23 Nov 2026 11:59:00 GMT", 0],
    ["Sat, 01 Jan 2050 00:00:00 GMT", 3_600_000],
  ])("of %j is %i ms", (value, expected) => {
    expect(parseRetryAfter(value, NOW)).toBe(expected);
  });

  it.each([
    null,
    "",
    "soon",
    "-1",
    "1.5",
    "Mon, 23 Nov 2026",
    "Mon, 23 anN 2026 12:00:07 GMT",
    "Mon, 23 Foo 2026 12:00:07 GMT",
  ])("of %j is none", (value) => {
    expect(parseRetryAfter(value, NOW)).toBeUndefined();
  });

  it("reads every date as the platform does", () => {
    const range = { min: new Date(0), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true };
    fc.assert(
      fc.property(fc.date(range), fc.nat(3_500), (date, seconds) => {
        const nowMs = Math.floor(date.getTime() / 1000) * 1000 - seconds * 1000;
        expect(parseRetryAfter(date.toUTCString(), nowMs)).toBe(seconds * 1000);
      }),
    );
  });
});
