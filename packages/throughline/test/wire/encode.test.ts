import fc from "fast-check";
import { encodeComment, encodeEvent, encodeRetry, StreamError } from "throughline/core";
import { describe, expect, it } from "vitest";
import { cutAt, read } from "./read.js";

const singleLine = fc
  .string({ unit: "binary", maxLength: 12 })
  .map((text) => text.replace(/[\r\n\0]/g, ""));
const wellFormed = (text: string) => !/\p{Surrogate}/u.test(text);

describe("what is encoded", () => {
  it.each([
    [{ data: "a" }, "data: a\n\n"],
    [{ data: "" }, "data: \n\n"],
    [{ data: "a\nb\r\nc\rd" }, "data: a\ndata: b\ndata: c\ndata: d\n\n"],
    [{ id: "e.1", type: "alert", data: "x" }, "id: e.1\nevent: alert\ndata: x\n\n"],
    [{ type: "message", data: "x" }, "data: x\n\n"],
    [{ type: "", data: "x" }, "data: x\n\n"],
    [{ id: "", data: "x" }, "id: \ndata: x\n\n"],
    [{ data: "x", retryMs: 1500 }, "retry: 1500\ndata: x\n\n"],
    [
      { id: "e.1", traceparent: "00-a-b-01", data: "x" },
      "id: e.1\ntraceparent: 00-a-b-01\ndata: x\n\n",
    ],
  ])("%j is a whole block", (fields, text) => {
    expect(encodeEvent(fields)).toBe(text);
  });

  it("is read back as it was, whatever the fields hold, and however it is cut", () => {
    const fields = fc.record({
      id: singleLine.filter(wellFormed),
      type: singleLine.filter(wellFormed),
      data: fc.string({ unit: "binary" }).filter(wellFormed),
      traceparent: fc.option(singleLine.filter(wellFormed), { nil: undefined }),
    });
    fc.assert(
      fc.property(fields, fc.array(fc.nat(60)), ({ id, type, data, traceparent }, cuts) => {
        const block = encodeEvent({ id, type, data, traceparent });
        const { events, comments, retries } = read(cutAt(block, cuts));
        const text = data.replace(/\r\n|\r/g, "\n");
        expect(events).toEqual([{ type: type || "message", data: text, lastEventId: id, id }]);
        expect([...comments, ...retries]).toEqual([]);
      }),
    );
  });

  it("cannot leave a comment", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }).filter(wellFormed), (text) => {
        expect(read([encodeComment(text)]).events).toEqual([]);
        expect(read([`${encodeComment(text)}data: a\n\n`]).events).toHaveLength(1);
      }),
    );
    expect(encodeComment()).toBe(":\n\n");
    expect(encodeComment("a\nb")).toBe(": a\n: b\n\n");
  });

  it("sets the retry", () => {
    expect(read([encodeRetry(2500)]).retries).toEqual([2500]);
  });
});

describe("what is refused", () => {
  it.each(["\n", "\r", "\0", "a\nid: forged", "x\r\ndata: forged"])(
    "a line end or NUL in id, type and traceparent: %j",
    (text) => {
      expect(() => encodeEvent({ id: text, data: "" })).toThrow(StreamError);
      expect(() => encodeEvent({ type: text, data: "" })).toThrow(StreamError);
      expect(() => encodeEvent({ traceparent: text, data: "" })).toThrow(StreamError);
    },
  );

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("a retry of %d", (retryMs) => {
    expect(() => encodeRetry(retryMs)).toThrow("retry");
    expect(() => encodeEvent({ data: "", retryMs })).toThrow("retry");
  });

  it("what is no text", () => {
    expect(() => encodeEvent({ data: 5 as unknown as string })).toThrow("data");
    expect(() => encodeEvent({ id: 5 as unknown as string, data: "" })).toThrow("id");
    expect(() => encodeComment(5 as unknown as string)).toThrow("comment");
  });

  it("without the value in the message: it may be a secret", () => {
    expect(() => encodeEvent({ id: "secret\n", data: "" })).toThrow(/^(?!.*secret)/);
  });
});
