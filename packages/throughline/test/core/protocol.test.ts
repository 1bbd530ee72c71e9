import { readFileSync } from "node:fs";
import {
  CURSOR_PARAMETER,
  DEFAULT_PULSE,
  encodePulseHeader,
  isReserved,
  PULSE_HEADER,
  parsePulseHeader,
  RECOVERED_PARAMETER,
  RESERVED,
  RESERVED_PREFIX,
  TELL_PARAMETER,
  TOLD_HEADER,
  TOPICS_PARAMETER,
  WAIT_PARAMETER,
} from "throughline/core";
import { describe, expect, it } from "vitest";

const protocol = readFileSync(new URL("../../../../PROTOCOL.md", import.meta.url), "utf8");

describe("PROTOCOL.md", () => {
  it.each(Object.values(RESERVED))("names the reserved event %s", (type) => {
    expect(protocol).toContain(`\`${type}\``);
  });

  it("names no reserved event that the code does not know", () => {
    const named = protocol.match(/throughline\.[a-z]+/g) ?? [];
    expect([...new Set(named)].sort()).toEqual(Object.values(RESERVED).sort());
  });

  it.each([
    PULSE_HEADER,
    CURSOR_PARAMETER,
    TOPICS_PARAMETER,
    RECOVERED_PARAMETER,
    TELL_PARAMETER,
    TOLD_HEADER,
    WAIT_PARAMETER,
    RESERVED_PREFIX,
  ])("names %s", (name) => {
    expect(protocol.toLowerCase()).toContain(name);
  });

  it("gives the pulse that is announced by default", () => {
    expect(protocol).toContain(encodePulseHeader(DEFAULT_PULSE));
  });
});

describe("the pulse header", () => {
  it("gives back what it was made of", () => {
    expect(parsePulseHeader(encodePulseHeader(DEFAULT_PULSE))).toEqual(DEFAULT_PULSE);
  });

  it.each([
    null,
    "",
    "interval=0, deadline=5",
    "interval=5",
    "interval=5, deadline=5",
    "interval=-1, deadline=9",
  ])("is not read from %j", (value) => {
    expect(parsePulseHeader(value)).toBeUndefined();
  });
});

describe("reserved event types", () => {
  it("are told from the application's by their prefix", () => {
    expect(isReserved("throughline.anything")).toBe(true);
    expect(isReserved("throughline")).toBe(false);
    expect(isReserved("message")).toBe(false);
  });
});
