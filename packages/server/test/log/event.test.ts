import { eventBytes, isTraceparent, validateEvents } from "@throughline/server/log";
import { describe, expect, it } from "vitest";

const TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

describe("eventBytes", () => {
  it("counts the strings of an event in UTF-8, and the type also where it is the default", () => {
    expect(eventBytes({ data: "" })).toBe("message".length);
    expect(eventBytes({ type: "é", data: "→", topic: "😀", id: "ab" })).toBe(2 + 3 + 4 + 2);
    expect(eventBytes({ data: "", traceparent: TRACE })).toBe("message".length + 55);
  });
});

describe("validateEvents", () => {
  it("names the event and the field, and keeps the payload to itself", () => {
    const bad = { data: "secret", topic: "secret\n" };
    expect(() => validateEvents([{ data: "" }, bad])).toThrow(/^(?!.*secret).*events\[1\]\.topic/);
  });

  it("takes what is unusual but can be stored", () => {
    const control = { type: "a\tb\u0001", data: "\r\n\0", topic: " ", id: "\u2028" };
    expect(() => validateEvents([control, { data: "" }])).not.toThrow();
  });

  it("refuses a hole in the batch", () => {
    // The compiler lets a sparse array pass, a parser of somebody's JSON may too.
    const sparse = new Array<{ data: string }>(2).fill({ data: "" }, 1);
    expect(() => validateEvents(sparse)).toThrow(/events\[0\]\.data must be a string/);
  });
});

describe("isTraceparent", () => {
  it("takes what the standard gives as examples, and versions to come of the same length", () => {
    for (const text of [TRACE, TRACE.replace(/1$/, "0"), TRACE.replace(/^00/, "cc")]) {
      expect(isTraceparent(text), text).toBe(true);
    }
  });

  it.each([
    ["nothing", ""],
    ["upper case", TRACE.toUpperCase()],
    ["version ff", TRACE.replace(/^00/, "ff")],
    ["a trace id of zeros", TRACE.replace(/4bf9\w+/, "0".repeat(32))],
    ["a parent id of zeros", TRACE.replace(/00f0\w+/, "0".repeat(16))],
    ["something behind", `${TRACE}-00`],
    ["a line behind", `${TRACE}\n`],
    ["a space before", ` ${TRACE}`],
    ["a short trace id", TRACE.replace("4bf9", "4bf")],
  ])("refuses %s", (_, text) => {
    expect(isTraceparent(text)).toBe(false);
  });
});
