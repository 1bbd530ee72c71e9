import { describe, expect, it } from "vitest";
import type { Observation, ResumeOutcome } from "../../src/doctor/observation.js";
import { find, hello, hopWith, ids, seen, stream, troubles } from "./seen.js";

describe("findings about ids", () => {
  it("tell of events without any, of some without, and of unsafe ones", () => {
    const none = ids({ withId: 0, first: undefined, previous: undefined, last: undefined });
    expect(troubles(seen({ stream: stream({ ids: none }) }))).toEqual(["problem no-ids"]);
    const one = { ...none, applicationEvents: 1 };
    expect(find(seen({ stream: stream({ ids: one }) }), "no-ids")?.text).toMatch(/^One event came/);
    const nothing = { ...none, applicationEvents: 0 };
    expect(troubles(seen({ stream: stream({ ids: nothing }) }))).toEqual([]);
    expect(troubles(seen({ stream: stream({ ids: ids({ withId: 1 }) }) }))).toEqual([
      "warning some-ids",
    ]);
    const beside = stream({ ids: ids({ withId: 1 }), hello: hello() });
    expect(find(seen({ stream: beside }), "some-ids")).toBeUndefined();
    const greeted = seen({ stream: stream({ ids: none, hello: hello() }) });
    expect(find(greeted, "no-ids")).toBeUndefined();
    expect(troubles(seen({ stream: stream({ ids: ids({ unsafe: "a b" }) }) }))).toEqual([
      "warning unsafe-ids",
    ]);
  });

  it("know cursors", () => {
    const cursors = ids({ last: "k3f9.2", areCursors: true });
    expect(find(seen({ stream: stream({ ids: cursors }) }), "ids")?.text).toContain("formed like");
    expect(find(seen({ stream: stream({ ids: cursors, hello: hello() }) }), "ids")?.text).toContain(
      "Throughline cursors as ids",
    );
  });
});

describe("findings about coming back", () => {
  const back = (header: ResumeOutcome, query: ResumeOutcome, isHub = false) => {
    const last = hopWith({ "throughline-pulse": "interval=1000, deadline=1700" });
    return seen({
      opening: { kind: "answered", hops: [], last },
      stream: stream(isHub ? { hello: hello() } : {}),
      resume: {
        shown: "1",
        byHeader: { outcome: header, status: header === "refused" ? 400 : 200 },
        byQuery: { outcome: query, status: 200 },
      },
    });
  };

  it.each<[ResumeOutcome, ResumeOutcome, boolean, readonly string[]]>([
    ["replayed", "replayed", true, []],
    ["caught-up", "gap", true, []],
    ["replayed", "ignored", false, []],
    ["replayed", "ignored", true, ["warning resume-query"]],
    ["ignored", "replayed", true, ["problem resume-header"]],
    ["ignored", "ignored", false, ["problem resume-ignored"]],
    ["refused", "refused", false, ["problem resume-refused"]],
    ["unclear", "unclear", false, ["warning resume-unclear"]],
  ])("are for %s by header and %s by query (a hub: %s): %j", (header, query, isHub, expected) => {
    expect(troubles(back(header, query, isHub))).toEqual(expected);
  });

  it("name the status of a refusal", () => {
    expect(find(back("refused", "refused"), "resume-refused")?.text).toContain(
      "no stream was answered (400)",
    );
  });
});

describe("findings about a hub", () => {
  const hub = (parts: Partial<Observation>, streamParts = {}) => {
    const last = hopWith({ "throughline-pulse": "interval=1000, deadline=1700" });
    const opening = { kind: "answered", hops: [], last } as const;
    return seen({ opening, stream: stream({ hello: hello(), ...streamParts }), ...parts });
  };
  const url = "https://app.example/leases/h/c";
  const lease = (status: number, isSound = false) =>
    hub({ lease: { kind: "answered", url, status, isSound } });

  it("judge the lease by its answer", () => {
    expect(troubles(lease(200, true))).toEqual([]);
    expect(troubles(lease(421))).toEqual([]);
    expect(troubles(lease(404))).toEqual(["problem lease"]);
    expect(troubles(lease(405))).toEqual(["warning lease"]);
    expect(troubles(hub({ lease: { kind: "no-answer", url } }))).toEqual(["warning lease"]);
    const other = hub({ lease: { kind: "other-origin", url: "(not an address)" } });
    expect(troubles(other)).toEqual(["warning lease"]);
    expect(find(other, "lease")?.text).toContain("POST (not an address)");
  });

  it("tell of gaps, and of a protocol that is not known", () => {
    expect(troubles(hub({}, { gaps: ["trimmed", "trimmed"] }))).toEqual(["warning gap"]);
    expect(troubles(hub({}, { hello: hello({ protocol: 2 }) }))).toEqual(["problem greeting"]);
  });
});

describe("findings about several streams", () => {
  const opened = (
    answered: number,
    statuses: readonly number[],
    { httpVersion = "1.1", refused = 0 } = {},
  ) => seen({ streams: { asked: 7, answered, statuses, refused, httpVersion, withinMs: 4000 } });

  it("tell a limit from workers that are busy", () => {
    expect(troubles(opened(7, []))).toEqual([]);
    expect(find(opened(7, [], { httpVersion: "2" }), "streams")?.text).toContain(
      "one HTTP/2 connection",
    );
    expect(troubles(opened(5, [429, 503]))).toEqual(["warning streams"]);
    expect(troubles(opened(1, [500]))).toEqual(["problem streams"]);
    expect(find(opened(1, []), "streams")?.text).toContain(
      "one was answered; 6 not at all within 4 s",
    );
    expect(find(opened(5, [429, 429]), "streams")?.text).toContain(
      "5 were answered; 2 were answered 429",
    );
  });

  it("tell connections that are ended from streams that HTTP/2 does not let in", () => {
    expect(troubles(opened(3, [], { refused: 4 }))).toEqual(["problem streams"]);
    const streams = opened(3, [], { refused: 4, httpVersion: "2" });
    expect(troubles(streams)).toEqual(["warning streams"]);
    expect(find(streams, "streams")?.change).toContain("http2_max_concurrent_streams");
  });
});

describe("findings about other origins", () => {
  const origin = "https://page.example";
  const allowed = {
    allowOrigin: origin,
    allowCredentials: true,
    allowHeaders: ["last-event-id"],
    allowMethods: [],
    exposeHeaders: ["throughline-pulse"],
    vary: "Origin",
  };
  const nothing = { ...allowed, allowOrigin: undefined, allowCredentials: false };
  const asked = (parts: Partial<NonNullable<Observation["cors"]>>, isHub = false) =>
    seen({
      stream: stream(isHub ? { hello: hello(), ids: ids() } : {}),
      opening: {
        kind: "answered",
        hops: [],
        last: hopWith({ "throughline-pulse": "interval=1000, deadline=1700" }),
      },
      cors: {
        origin,
        simple: allowed,
        preflight: { ...allowed, status: 204 },
        stranger: nothing,
        ...parts,
      },
    });

  it("are well where a list is kept", () => {
    expect(troubles(asked({}, true))).toEqual([]);
    expect(troubles(asked({ preflight: undefined, stranger: undefined }))).toEqual([]);
  });

  it.each<[string, Partial<NonNullable<Observation["cors"]>>, readonly string[]]>([
    ["no answer", { simple: undefined }, ["warning cors"]],
    ["no header", { simple: nothing }, ["problem cors-origin"]],
    ["the header twice", { simple: { ...allowed, allowOrigin: "*, *" } }, ["problem cors-origin"]],
    [
      "* with credentials",
      { simple: { ...allowed, allowOrigin: "*" } },
      ["problem cors-credentials"],
    ],
    ["* without", { simple: { ...allowed, allowOrigin: "*", allowCredentials: false } }, []],
    ["no Vary", { simple: { ...allowed, vary: undefined } }, ["warning cors-vary"]],
    [
      "a preflight that is refused",
      { preflight: { ...nothing, status: 401 } },
      ["warning cors-preflight"],
    ],
    [
      "a preflight without the header",
      { preflight: { ...allowed, allowHeaders: [], status: 204 } },
      ["warning cors-preflight"],
    ],
    [
      "strangers with credentials",
      { stranger: { ...allowed, allowOrigin: "https://stranger.invalid" } },
      ["problem cors-reflects"],
    ],
    [
      "strangers without",
      { stranger: { ...nothing, allowOrigin: "https://stranger.invalid" } },
      ["warning cors-reflects"],
    ],
  ])("are for %s", (_name, parts, expected) => {
    expect(troubles(asked(parts))).toEqual(expected);
  });

  it("want a hub's headers to be seen", () => {
    expect(troubles(asked({ simple: { ...allowed, exposeHeaders: [] } }, true))).toEqual([
      "warning cors-expose",
    ]);
  });
});
