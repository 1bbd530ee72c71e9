// Which route a request is for, which requests are for the same stream, and what the backend is asked.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { completeRoute, type RouteInput } from "../../src/gateway/route-defaults.js";
import { createRouteTable } from "../../src/gateway/route-table.js";

function tableOf(...routes: readonly RouteInput[]) {
  return createRouteTable(routes.map(completeRoute));
}

const query = { ward: null, priority: "all" };
const table = tableOf(
  { name: "feed", path: "/api/feed", query },
  { name: "stream", path: "/api/stream/:ward", query: {} },
  { name: "own", path: "/api/stream/own", query: {} },
  { name: "pair", path: "/pairs/:left/:right", query: {} },
  { name: "any", path: "/any" },
);

const found = (target: string, method = "GET") => table.find(method, target);
const targetOf = (target: string) => found(target)?.upstreamTarget;

describe("a request", () => {
  it.each([
    ["/api/feed", "feed"],
    ["/api/feed?x=1", "feed"],
    ["/%61pi/feed", "feed"],
    ["/api/stream/Jubilee%20Hills", "stream"],
    ["/api/stream/own", "own"],
    ["/api/stream/o%77n", "own"],
    ["/api/stream/Own", "stream"],
    ["/pairs/a/b", "pair"],
  ])("for %s is for the route %s", (target, name) => {
    expect(found(target)?.route.name).toBe(name);
  });

  it.each([
    "/api/feed/",
    "/api/feed/x",
    "/API/feed",
    "/api//feed",
    "//api/feed",
    "/api/stream",
    "/api/stream/",
    "/api/stream/..",
    "/api/stream/.",
    "/api/stream/%2e%2E",
    "/api/x/../feed",
    "/pairs/a",
    "/pairs//b",
    "/pairs/a/",
    "api/feed",
    "http://example.org/api/feed",
    "*",
    "",
    "/",
    "?ward=x",
    "/api/feed%",
    "/api/stream/%zz",
    "/api/stream/%ff",
    "/api/stream/वार्ड",
  ])("for %s is for none", (target) => {
    expect(found(target)).toBeUndefined();
  });

  it.each(["HEAD", "POST", "OPTIONS", "get", ""])("that is no GET is for none: %s", (method) => {
    expect(found("/api/feed", method)).toBeUndefined();
  });

  it.each([
    ["8 KB of slashes", "/".repeat(8192)],
    ["8 KB of steps", "/..".repeat(2730)],
    ["8 KB in a segment", `/api/stream/${"x".repeat(8192)}`],
    ["8 KB of encoded text", `/api/stream/${"%E0%A4%B5".repeat(900)}`],
    ["8 KB of parameters", `/any?${"a=1&".repeat(2048)}`],
    ["a NUL", "/api/stream/a\0b?x=\0"],
    ["an encoded NUL", "/api/stream/%00"],
    ["a badly encoded query", "/api/feed?ward=%&%zz=%ff%"],
    ["a surrogate", "/api/stream/\ud800?x=\udfff"],
    ["bytes", "/api/stream/\xff\xfe?ward=\xff"],
    ["names of every object", "/any?__proto__=1&constructor=2&toString=3"],
  ])("with %s is answered as well", (_what, target) => {
    expect(() => found(target)).not.toThrow();
  });

  it("of any text is answered", () => {
    const part = fc.oneof(fc.constantFrom("/", "?", "%", "&", "=", "..", "api"), fc.string());
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        found(`/api/stream/${parts.join("")}`);
        found(`/any?${parts.join("")}`);
        found(parts.join(""));
      }),
    );
  });
});

describe("the same stream", () => {
  const resource = (target: string) => found(target)?.resource;

  it.each([
    ["/api/feed?ward=A", "/api/feed?ward=A&priority=all"],
    ["/api/feed?ward=A", "/api/feed?priority=&ward=A"],
    ["/api/feed?ward=A", "/api/feed?since=&ward=A&depth=quick"],
    ["/api/feed?ward=A", "/api/feed?ward=A&ward=B"],
    ["/api/feed?ward=A+B", "/api/feed?ward=A%20B"],
    ["/api/feed", "/api/feed?ward="],
    ["/api/feed?ward=%e0%A4%b5", "/api/feed?ward=\xe0\xa4\xb5"],
    ["/api/stream/A%20B", "/api/stream/%41 B?cursor=x.1"],
    ["/any?b=1&a=2", "/any?a=2&b=1&cursor=x.1&topics=t&throughline-lease=5"],
    ["/any?a=1&a=2", "/any?a=1&a=2&"],
  ])("is asked for by %s and %s", (left, right) => {
    expect(resource(left)).toBeDefined();
    expect(resource(right)).toBe(resource(left));
    expect(targetOf(right)).toBe(targetOf(left));
  });

  it.each([
    ["/api/feed?ward=A", "/api/feed?ward=a"],
    ["/api/feed?ward=A", "/api/feed?ward=A&priority=high"],
    ["/api/feed", "/api/feed?ward=all"],
    ["/api/stream/a", "/api/stream/b"],
    ["/pairs/a%2Fb/c", "/pairs/a/b%2Fc"],
    ["/pairs/a%22,%22b/c", "/pairs/a/b%22,%22c"],
    ["/any?a=1&a=2", "/any?a=2&a=1"],
    ["/any?a=1%26b=2", "/any?a=1&b=2"],
    ["/any?a", "/any"],
    ["/any", "/api/feed"],
  ])("is not what %s and %s ask for", (left, right) => {
    expect(resource(left)).toBeDefined();
    expect(resource(right)).not.toBe(resource(left));
  });
});

describe("the backend", () => {
  it.each([
    ["/api/feed?ward=Jubilee+Hills", "/api/feed?ward=Jubilee%20Hills&priority=all"],
    ["/api/feed?ward=a%2Bb", "/api/feed?ward=a%2Bb&priority=all"],
    ["/api/feed?ward=%E0%A4%B5", "/api/feed?ward=%E0%A4%B5&priority=all"],
    ["/api/feed?priority=high&ward=%26%3D%23", "/api/feed?ward=%26%3D%23&priority=high"],
    ["/api/feed", "/api/feed?priority=all"],
    ["/api/stream/a%2Fb", "/api/stream/a%2Fb"],
    ["/api/stream/a+b", "/api/stream/a%2Bb"],
    ["/api/stream/a%3Fb%23", "/api/stream/a%3Fb%23"],
    ["/api/stream/%E0%A4%B5", "/api/stream/%E0%A4%B5"],
    ["/any?b=&a=x+y&cursor=1", "/any?a=x%20y&b="],
    ["/any", "/any"],
  ])("is asked for %s as %s", (target, asked) => {
    expect(targetOf(target)).toBe(asked);
  });

  it("is asked for what decodes to the same again, whatever the reader wrote", () => {
    const anyText = fc
      .string({ unit: "binary", minLength: 1 })
      .filter((text) => !/^\.\.?$/.test(text));
    fc.assert(
      fc.property(anyText, fc.string({ unit: "binary" }), (ward, value) => {
        const first = found(`/api/stream/${encodeURIComponent(ward)}`);
        expect(first?.pathParameters["ward"]).toBe(ward);
        expect(targetOf(first?.upstreamTarget ?? "")).toBe(first?.upstreamTarget);
        const second = found(`/any?${new URLSearchParams({ value })}`);
        expect(second?.query.get("value")).toBe(value);
        expect(found(second?.upstreamTarget ?? "")?.resource).toBe(second?.resource);
      }),
    );
  });

  it("is asked for nothing that a URL parser would lead elsewhere", () => {
    const target = targetOf("/pairs/..%2F..%2Fadmin/%2e%2e%5c") ?? "";
    expect(new URL(target, "http://backend").pathname).toBe("/pairs/..%2F..%2Fadmin/..%5C");
  });
});

describe("a table", () => {
  const at = (name: string, path: string): RouteInput => ({ name, path });

  it("prefers texts to parameters from the left, in whatever order routes are given", () => {
    const routes = [at("z", "/:a/b"), at("y", "/a/:b"), at("x", "/a/b"), at("w", "/:a/:b")];
    for (const order of [routes, [...routes].reverse()]) {
      const mixed = tableOf(...order);
      const names = ["/a/b", "/a/c", "/c/b", "/c/c"].map((target) => mixed.find("GET", target));
      expect(names.map((match) => match?.route.name)).toEqual(["x", "y", "z", "w"]);
    }
  });

  it.each([
    ["/a", "/a"],
    ["/a", "/%61"],
    ["/:a/b", "/:c/b"],
  ])("is refused where two routes are for the same requests: %s and %s", (left, right) => {
    expect(() => tableOf(at("one", left), at("two", right))).toThrow(/routes\.two\.path.*one/);
  });

  it("is refused where two routes have one name", () => {
    expect(() => tableOf(at("one", "/a"), at("one", "/b"))).toThrow("one twice");
  });

  it.each(["", "a", "/a//b", "//a", "/:", "/:1", "/:a-b", "/:a/:a", "/a/..", "/%zz"])(
    "is refused where a path is none: %j",
    (path) => {
      expect(() => tableOf(at("one", path))).toThrow(/routes\.one\.path/);
    },
  );

  const alert = { name: "alert", match: { type: "alert" }, key: "id" } as const;
  it.each<[Omit<RouteInput, "name" | "path">, string]>([
    [{ query: { cursor: null } }, "routes.one.query"],
    [{ query: { "throughline-x": null } }, "routes.one.query"],
    [{ heartbeatType: "a\nb" }, "routes.one.heartbeatType"],
    [{ fresh: { newest: 0 } }, "routes.one.fresh.newest"],
    [{ kinds: [{ ...alert, name: "A" }] }, "routes.one.kinds[0].name"],
    [{ kinds: [alert, alert] }, "routes.one.kinds[1].name"],
    [{ kinds: [{ ...alert, count: "n" }] }, "routes.one.kinds[0].count"],
    [{ kinds: [{ ...alert, atMost: 1.5 }] }, "routes.one.kinds[0].atMost"],
    [{ upstream: { silenceMs: 0 } }, "routes.one.upstream.silenceMs"],
    [{ upstream: { silenceMs: Number.NaN } }, "routes.one.upstream.silenceMs"],
    [{ upstream: { answerMs: Number.POSITIVE_INFINITY } }, "routes.one.upstream.answerMs"],
    [{ upstream: { lingerMs: -1 } }, "routes.one.upstream.lingerMs"],
    [{ upstream: { resume: { by: "repetition" } } }, "routes.one.upstream.resume"],
    [
      { kinds: [alert], upstream: { resume: { by: "since", parameter: "s", overlapMs: 0 } } },
      "routes.one.upstream.resume",
    ],
    [
      {
        query: { s: null },
        kinds: [{ ...alert, time: "at" }],
        upstream: { resume: { by: "since", parameter: "s", overlapMs: 0 } },
      },
      "routes.one.upstream.resume.parameter",
    ],
  ])("is refused where fields contradict each other: %j", (fields, named) => {
    expect(() => tableOf({ ...at("one", "/a"), ...fields })).toThrow(`"${named}"`);
  });

  it.each(["", "A", "a b", "x".repeat(33)])("is refused where a name is none: %j", (name) => {
    expect(() => tableOf(at(name, "/a"))).toThrow(/routes\.name/);
  });
});

describe("a route of which little is said", () => {
  it("has defaults that a table takes, and no field that is there and undefined hides one", () => {
    const sparse = completeRoute({
      name: "one",
      path: "/a",
      identity: undefined,
      upstream: { silenceMs: undefined, lingerMs: 0 },
    } as unknown as RouteInput);
    const full = completeRoute({ name: "one", path: "/a", upstream: { lingerMs: 0 } });
    expect(sparse).toEqual(full);
    expect(full).toMatchObject({ identity: "own", isChecked: true, upstream: { lingerMs: 0 } });
    expect(() => createRouteTable([full])).not.toThrow();
  });
});
