// Which payloads fit which rules, whatever a payload is made of.

import { describe, expect, it } from "vitest";
import { fits, fitsAny, valueAt } from "../../src/gateway/match.js";

describe("the value at a path", () => {
  it.each([
    ['{"type":"alert"}', "type", "alert"],
    ['{"data":{"id":7}}', "data.id", 7],
    ['{"data":{"id":null}}', "data.id", null],
    ['{"data":{"a":{"b":false}}}', "data.a.b", false],
    ['{"data":null}', "data.id", undefined],
    ['{"data":"text"}', "data.length", undefined],
    ['{"data":5}', "data.toFixed", undefined],
    ['{"data":{"id":7}}', "data", { id: 7 }],
    ['{"data":{"id":7}}', "id", undefined],
    ['{"data.id":7}', "data.id", undefined],
    ['{"":{"":1}}', ".", 1],
  ])("of %s at %s is that of the member", (payload, path, value) => {
    expect(valueAt(JSON.parse(payload), path)).toEqual(value);
  });

  it.each(["[1,2]", '{"data":[{"id":1}]}', "null", "7", '"text"', "true"])(
    "is missing in what is no object on the way: %s",
    (payload) => {
      for (const path of ["0", "length", "data.0", "data.0.id", "data.length", "type"]) {
        expect(valueAt(JSON.parse(payload), path)).toBeUndefined();
      }
    },
  );

  it.each([
    "__proto__",
    "__proto__.toString",
    "constructor",
    "constructor.name",
    "toString",
    "hasOwnProperty",
    "data.__proto__",
    "data.constructor.prototype",
  ])("is never one that every object inherits: %s", (path) => {
    expect(valueAt({ type: "x", data: {} }, path)).toBeUndefined();
  });

  it("is that of a member of such a name if the payload has one of its own", () => {
    const payload: unknown = JSON.parse('{"__proto__":{"id":1},"hasOwnProperty":"mine","id":2}');
    expect(valueAt(payload, "__proto__.id")).toBe(1);
    expect(valueAt(payload, "hasOwnProperty")).toBe("mine");
    expect(valueAt(payload, "id")).toBe(2);
  });

  it("is found below thousands of objects", () => {
    const depth = 5000;
    const payload: unknown = JSON.parse(`${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`);
    expect(valueAt(payload, Array(depth).fill("a").join("."))).toBe(1);
  });
});

describe("a payload", () => {
  const payload = { type: "error", data: { recoverable: true, n: 3, note: null } };

  it.each([
    [{}, true],
    [{ type: "error" }, true],
    [{ type: "alert" }, false],
    [{ type: ["alert", "error"] }, true],
    [{ type: ["alert", "post"] }, false],
    [{ type: [] }, false],
    [{ type: "error", "data.recoverable": true }, true],
    [{ type: "error", "data.recoverable": "true" }, false],
    [{ "data.n": 3 }, true],
    [{ "data.n": "3" }, false],
    [{ "data.note": null }, true],
    [{ "data.note": { present: true } }, true],
    [{ "data.other": null }, false],
    [{ "data.other": { present: false } }, true],
    [{ "data.other": { present: true } }, false],
    [{ data: { present: true } }, true],
    [{ data: { present: false } }, false],
  ])("fits if every path does: %j", (match, expected) => {
    expect(fits(payload, match)).toBe(expected);
  });

  it.each([undefined, null, 5, "text", true, [], [{ type: "error" }]])(
    "that is no JSON object fits nothing: %j",
    (value) => {
      expect(fits(value, {})).toBe(false);
      expect(fits(value, { type: { present: false } })).toBe(false);
      expect(fitsAny(value, [{}])).toBe(false);
    },
  );

  it("does not fit by what it inherits", () => {
    const inherited: unknown = Object.create({ type: "error" });
    expect(fits(inherited, { type: "error" })).toBe(false);
    expect(fits({}, { constructor: { present: true } })).toBe(false);
    expect(fits(JSON.parse('{"__proto__":{"type":"error"}}'), { type: "error" })).toBe(false);
  });

  it("fits several matches if it fits one", () => {
    expect(fitsAny(payload, [{ type: "alert" }, { type: "error" }])).toBe(true);
    expect(fitsAny(payload, [{ type: "alert" }])).toBe(false);
    expect(fitsAny(payload, [])).toBe(false);
  });
});
