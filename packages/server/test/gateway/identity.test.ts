import { assert, constantFrom, dictionary, property, string, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type HeaderReader,
  identityHeaders,
  identityKey,
  MAX_IDENTITY_VALUE,
} from "../../src/gateway/identity.js";

const RULES = { cookies: ["session", "csrf"], headers: ["Authorization", "X-Tenant"] };

function request(headers: Readonly<Record<string, string>>): HeaderReader {
  return { header: (name) => headers[name] };
}

const key = (headers: Readonly<Record<string, string>>) => identityKey(request(headers), RULES);
const shown = (headers: Readonly<Record<string, string>>) =>
  identityHeaders(request(headers), RULES);

describe("what is shown of a request", () => {
  it("is the named cookies and headers, and nothing else", () => {
    const all = {
      cookie: "theme=dark; session=abc=; csrf=1",
      authorization: "Bearer x",
      "x-tenant": "t",
      "x-secret": "no",
    };
    expect(shown(all)).toEqual({
      cookie: "csrf=1; session=abc=",
      authorization: "Bearer x",
      "x-tenant": "t",
    });
  });

  it("is nothing where there is nothing", () => {
    expect(shown({ cookie: "theme=dark" })).toEqual({});
  });

  it("is the first of several cookies of one name, as werkzeug takes it", () => {
    expect(shown({ cookie: "session=first; session=second" })).toEqual({ cookie: "session=first" });
  });

  it("keeps values as they stand, quotes among them", () => {
    expect(shown({ cookie: ' session = "a b" ;csrf' })).toEqual({
      cookie: 'csrf=; session="a b"',
    });
  });

  it("leaves out what is too long for any backend, and takes it as not there", () => {
    const long = "x".repeat(MAX_IDENTITY_VALUE + 1);
    expect(shown({ cookie: `session=${long}; csrf=1`, authorization: long })).toEqual({
      cookie: "csrf=1",
    });
    expect(key({ cookie: `session=${long}; csrf=1` })).toBe(key({ cookie: "csrf=1" }));
  });
});

describe("the key of an identity", () => {
  it("is the same whatever else a request has, and in whatever order", () => {
    expect(key({ cookie: "a=1; session=s; csrf=c", accept: "x" })).toBe(
      key({ cookie: "csrf=c; b=2; session=s" }),
    );
  });

  it("does not depend on the order or the case in which the rules are written", () => {
    const headers = { cookie: "session=s; csrf=c", authorization: "a" };
    const other = { cookies: ["csrf", "session"], headers: ["x-tenant", "authorization"] };
    expect(identityKey(request(headers), other)).toBe(key(headers));
  });

  it("tells nothing from empty, and a cookie from a header", () => {
    const rules = { cookies: ["a"], headers: ["a"] };
    const keys = [{}, { cookie: "a=" }, { a: "" }, { cookie: "a=1" }, { a: "1" }].map((headers) =>
      identityKey(request(headers), rules),
    );
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("tells the case of a cookie's name", () => {
    expect(key({ cookie: "Session=s" })).toBe(key({}));
  });

  it("is 22 characters that fit the name of a stream", () => {
    expect(key({ cookie: "session=s" })).toMatch(/^[A-Za-z0-9_-]{22}$/);
  });

  it("does not change from one version to the next, for streams are named after it", () => {
    expect(key({ cookie: "session=s", authorization: "a" })).toMatchInlineSnapshot(
      `"lddIbb0KzLdVyvLAHmzVkw"`,
    );
  });

  it("differs exactly where what is shown differs", () => {
    const value = string({
      unit: constantFrom('"', ",", ":", "a", "[", "\\", "=", " "),
      maxLength: 4,
    });
    const headers = dictionary(constantFrom("authorization", "x-tenant"), value);
    assert(
      property(tuple(headers, headers), ([one, other]) => {
        const isSame = JSON.stringify(sortedShown(one)) === JSON.stringify(sortedShown(other));
        expect(key(one) === key(other)).toBe(isSame);
      }),
    );
  });
});

function sortedShown(headers: Readonly<Record<string, string>>) {
  return Object.entries(shown(headers)).sort(([a], [b]) => (a < b ? -1 : 1));
}
