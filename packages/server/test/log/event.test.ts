import { eventBytes, validateEvents } from "@throughline/server/log";
import { describe, expect, it } from "vitest";

describe("eventBytes", () => {
  it("counts the strings of an event in UTF-8, and the type also where it is the default", () => {
    expect(eventBytes({ data: "" })).toBe("message".length);
    expect(eventBytes({ type: "é", data: "→", topic: "😀", id: "ab" })).toBe(2 + 3 + 4 + 2);
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
