import { crc32 } from "node:zlib";
import { eventBytes, type NewEvent } from "@throughline/server/log";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeEvent,
  decodeHead,
  decodeId,
  encodeEvent,
  placeEvent,
  storedBytes,
} from "../../../src/log/embedded/event-codec.js";

const HEAD = { timeMs: 1_767_225_600_123, bytesBefore: 2 ** 40 + 1 };
const label = fc.option(fc.string({ minLength: 1, unit: "binary" }), { nil: undefined });
const newEvent = fc.record({
  type: label,
  topic: label,
  id: label,
  traceparent: label,
  data: fc.string({ unit: "binary" }),
});

function written(event: NewEvent, offset = 7): Buffer {
  const encoded = encodeEvent(event);
  placeEvent(encoded, offset, HEAD);
  return encoded.value;
}

describe("an event that was written down", () => {
  it("is read as it was, whatever it holds", () => {
    fc.assert(
      fc.property(newEvent, fc.integer({ min: 1, max: 2 ** 53 - 1 }), (event, offset) => {
        const value = written(event, offset);
        const { type = "message", ...rest } = event;
        expect(decodeEvent(value, offset)).toEqual({ offset, timeMs: HEAD.timeMs, type, ...rest });
        expect(decodeHead(value)).toEqual(HEAD);
        expect(decodeId(value)).toBe(event.id);
        expect(storedBytes(value, value.length)).toBe(eventBytes(event));
      }),
    );
  });

  it("is not read where any of its bytes has changed, or is missing", () => {
    const value = written({ id: "a", type: "alert", data: "something" });
    for (let at = 0; at < value.length; at += 1) {
      const damaged = Buffer.from(value);
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      expect(decodeEvent(damaged, 7)).toBeUndefined();
      expect(decodeEvent(value.subarray(0, at), 7)).toBeUndefined();
    }
  });

  it("is read from the beginning of a buffer that holds other things as well", () => {
    const value = written({ id: "a", data: "something" });
    const buffer = Buffer.concat([value, Buffer.from("of another")]);
    expect(decodeEvent(buffer, 7, value.length)).toEqual(decodeEvent(value, 7));
    expect(decodeEvent(buffer, 7, value.length + 1)).toBeUndefined();
  });

  it("is written as it always was: stores outlive versions", () => {
    const value = written({ type: "alert", id: "a", data: "déjà" }, 2 ** 32 + 5);
    expect(value.toString("hex")).toBe(
      "05019b76daa87b4270000000001000793b786e00000005616c657274000000016164c3a96ac3a0",
    );
    // The offset begins the sum, which itself is left out of it.
    const head = crc32(value.subarray(0, 15), 5);
    expect(value.readUInt32BE(15)).toBe(crc32(value.subarray(19), head));
  });

  it("is not read at another offset", () => {
    expect(decodeEvent(written({ data: "" }), 8)).toBeUndefined();
  });
});
