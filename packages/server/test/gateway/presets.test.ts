// What each preset makes of every event that its backend sends.

import { describe, expect, it } from "vitest";
import { fits, fitsAny, valueAt } from "../../src/gateway/match.js";
import { PRESETS, type PresetName } from "../../src/gateway/presets/preset-table.js";
import type { GatewayRoute } from "../../src/gateway/route.js";
import { createRouteTable } from "../../src/gateway/route-table.js";

const NAMES = Object.keys(PRESETS) as readonly PresetName[];

function routeOf(preset: PresetName, name: string): GatewayRoute {
  const route = PRESETS[preset].routes.find((each) => each.name === name);
  if (route === undefined) throw new Error(`${preset} has no route ${name}`);
  return route;
}

/** All that the rules of a route say of a payload; what is said of none is plain history. */
function saidOf(route: GatewayRoute, payload: unknown): readonly string[] {
  const { greetings, passing, kinds, ends, refusals } = route;
  const refusal = refusals.find(({ match }) => fits(payload, match));
  return [
    ...(refusal === undefined ? [] : [`refusal ${refusal.status}`]),
    ...(fitsAny(payload, greetings) ? ["greeting"] : []),
    ...(fitsAny(payload, passing) ? ["passing"] : []),
    ...kinds.filter(({ match }) => fits(payload, match)).map(({ name }) => `kind ${name}`),
    ...ends.filter(({ match }) => fits(payload, match)).map((end) => `end ${end.means}`),
  ];
}

describe("the enhanced feed", () => {
  const feed = routeOf("strategist-enhanced", "feed");
  const envelope = { timestamp: 1764000000.25, connection_id: "Jubilee Hills_1764000000250" };
  const item = { ward: "Jubilee Hills", priority: "medium", title: "T", content: "C" };
  const intelligence = (data: object) => ({ type: "intelligence", data, ...envelope });
  const alert = { ...item, source: "database", created_at: null, category: "x" };
  const post = { ...item, source: "posts", emotion: "Joy", party: "P", created_at: "2026-01-01" };

  it.each<[string, object, readonly string[]]>([
    [
      "the greeting",
      {
        type: "connection",
        data: { status: "connected", ward: "A", priority: "all" },
        ...envelope,
      },
      ["greeting"],
    ],
    ["an alert", intelligence({ id: "alert_7", ...alert }), ["kind alert"]],
    ["a post", intelligence({ id: "post_7", ...post }), ["kind post"]],
    ["a cached item", intelligence({ id: "c", ...item, source: "cache" }), ["kind cache"]],
    [
      "a filler with an analysis",
      intelligence({ id: "strategic_1764000000", ...item, source: "system" }),
      ["passing"],
    ],
    [
      "a filler with a status",
      intelligence({ id: "fallback_1764000000", ...item, source: "system" }),
      ["passing"],
    ],
    [
      "a failing round",
      { type: "error", data: { message: "M", recoverable: true }, ...envelope },
      ["passing"],
    ],
    [
      "a fatal failure",
      { type: "error", data: { message: "M", error: "E", recoverable: false }, ...envelope },
      ["passing"],
    ],
    ["a heartbeat", { type: "heartbeat", ...envelope, ward: "A" }, ["passing"]],
    [
      "the end of a response",
      { type: "complete", data: { ward: "A", total_events: 10, reason: "feed_complete" } },
      ["end reopen"],
    ],
    ["an event that nobody knows", { type: "status", data: {} }, []],
    ["an item of a new source", intelligence({ id: "n", ...item, source: "new" }), []],
  ])("has %s for what it is", (_what, payload, said) => {
    expect(saidOf(feed, payload)).toEqual(said);
  });

  it.each([
    ["Authentication required", "refusal 401"],
    ["Ward parameter is required", "refusal 400"],
    ["Ward name too long", "refusal 400"],
    ["Invalid priority: confidence", "refusal 400"],
  ])("is refused with the status that %j should have had", (message, refusal) => {
    expect(saidOf(feed, { type: "error", message })).toEqual([refusal, "passing"]);
  });

  it("knows its items by their ids alone", () => {
    const keys = feed.kinds.map(({ key }) => valueAt(intelligence({ id: "x", ...post }), key));
    expect(keys).toEqual(["x", "x", "x"]);
  });

  it("is one stream, whatever makes no difference to the backend", () => {
    const table = createRouteTable(PRESETS["strategist-enhanced"].routes);
    const asked = [
      "/api/v1/strategist/feed?ward=Jubilee+Hills&priority=all&since=&depth=quick&context=neutral",
      "/api/v1/strategist/feed?ward=Jubilee%20Hills",
    ].map((target) => table.find("GET", target)?.upstreamTarget);
    const target = "/api/v1/strategist/feed?ward=Jubilee%20Hills&priority=all";
    expect(asked).toEqual([target, target]);
  });
});

describe("the first generation of the feed", () => {
  const feed = routeOf("strategist-first-generation", "feed");
  const timestamp = "2026-11-25T18:00:00.123456";
  const post = { id: 5, content: "C...", emotion: "Joy", drivers: [], city: "A" };
  const posts = {
    type: "intelligence",
    data: { new_posts_count: 1, summary: "S", items: [{ ...post, created_at: timestamp }] },
  };
  const alert = {
    type: "alert",
    data: { id: 7, ward: "A", description: "D", severity: "High", created_at: timestamp },
  };

  it.each<[string, object, readonly string[]]>([
    [
      "the greeting",
      { type: "connection", status: "connected", ward: "A", timestamp },
      ["greeting"],
    ],
    ["an alert", alert, ["kind alert"]],
    ["posts", posts, ["kind post"]],
    ["the end of a poll", { type: "heartbeat", timestamp, ward: "A" }, ["passing"]],
    ["a poll that failed", { type: "error", error: "E", timestamp }, ["passing"]],
    ["a fatal failure", { type: "fatal_error", error: "E" }, ["passing"]],
    ["an event that nobody knows", { type: "status" }, []],
  ])("has %s for what it is", (_what, payload, said) => {
    expect(saidOf(feed, payload)).toEqual(said);
  });

  it("knows where ids and moments stand", () => {
    const [alerts, each] = feed.kinds;
    expect(valueAt(alert, alerts?.key ?? "")).toBe(7);
    expect(valueAt(alert, alerts?.time ?? "")).toBe(timestamp);
    const [element] = valueAt(posts, each?.each ?? "") as readonly unknown[];
    expect(valueAt(element, each?.key ?? "")).toBe(5);
    expect(valueAt(element, each?.time ?? "")).toBe(timestamp);
    expect(valueAt(posts, each?.count ?? "")).toBe(1);
  });

  it("asks for what the backend takes to be missing, and never for what one reader missed", () => {
    const table = createRouteTable(PRESETS["strategist-first-generation"].routes);
    const match = table.find("GET", "/api/v1/strategist/feed?since=2026-01-01T00:00:00Z");
    expect(match?.upstreamTarget).toBe("/api/v1/strategist/feed?ward=All&priority=all");
  });
});

describe.each(NAMES)("with the preset %s", (preset) => {
  const timestamp = "2026-11-25T18:00:00.123456+00:00";
  const rows: readonly (readonly [string, object, readonly string[]])[] = [
    ["analysis", { type: "connection", status: "connected", ward: "A", timestamp }, ["greeting"]],
    ["analysis", { type: "analysis-start", ward: "A", estimated_duration: 30, timestamp }, []],
    ["analysis", { type: "analysis-progress", stage: "S", progress: 0.1, eta: 20, timestamp }, []],
    ["analysis", { type: "confidence-update", score: 0.5, trend: "stable", timestamp }, []],
    ["analysis", { type: "analysis-complete", ward: "A", analysis_result: {} }, ["end rest"]],
    ["analysis", { type: "analysis-error", error: "E", details: "D", timestamp }, ["end rest"]],
    ["analysis", { type: "heartbeat", timestamp, ward: "A", server_time: timestamp }, ["passing"]],
    ["analysis", { type: "stream-error", error: "E", details: "D", timestamp }, ["end rest"]],
    ["conversation", { type: "analysis_start", message: "M" }, []],
    ["conversation", { type: "content_chunk", content: "C", progress: 50 }, []],
    ["conversation", { type: "analysis_complete", content: "C", sources: [] }, ["end end"]],
    ["conversation", { type: "error", message: "M" }, ["end end"]],
    ["agents", { status: "starting", ward: "A", timestamp }, []],
    ["agents", { status: "analyzing", stage: "S" }, []],
    ["agents", { status: "completed", result: {} }, ["end end"]],
    ["agents", { status: "error", error: "E" }, ["end end"]],
    ["compatibility-feed", { type: "connection", status: "connected", timestamp: 1 }, ["greeting"]],
    [
      "compatibility-feed",
      { type: "intelligence", data: { id: "fallback_1", ward: "A", message: "M", timestamp: 1 } },
      ["kind item"],
    ],
    [
      "compatibility-feed",
      { type: "close", reason: "feed_complete", timestamp: 1 },
      ["end reopen"],
    ],
  ];

  it.each(rows)("the route %s has %j for what it is", (name, payload, said) => {
    expect(saidOf(routeOf(preset, name), payload)).toEqual(said);
  });

  it("a frame of the agents' stream that is no JSON is history", () => {
    expect(saidOf(routeOf(preset, "agents"), undefined)).toEqual([]);
  });

  it.each([
    ["/api/v1/strategist/feed?ward=A", "feed"],
    ["/api/v1/multimodel/strategist/stream/Jubilee%20Hills?depth=deep", "analysis"],
    ["/api/v1/strategist/conversation/stream?sessionId=1", "conversation"],
    ["/api/v1/strategist/conversation/stream", "conversation"],
    ["/api/v1/agents/stream/analysis/A", "agents"],
    ["/api/v1/strategist-compat/feed?ward=A", "compatibility-feed"],
    // A report in JSON for a ward called "stream", and other things that do not stream.
    ["/api/v1/strategist/stream?ward=A", undefined],
    ["/api/v1/strategist/A", undefined],
    ["/api/v1/strategist/health", undefined],
    ["/api/v1/status", undefined],
    ["/api/v1/login", undefined],
    ["/", undefined],
  ])("%s is for the route %s", (target, name) => {
    const table = createRouteTable(PRESETS[preset].routes);
    expect(table.find("GET", target)?.route.name).toBe(name);
  });

  it.each([
    [
      "/api/v1/agents/stream/analysis/A%20B?since=",
      "/api/v1/agents/stream/analysis/A%20B?depth=standard",
    ],
    [
      "/api/v1/multimodel/strategist/stream/A%20B?depth=quick&priority=all",
      "/api/v1/multimodel/strategist/stream/A%20B" +
        "?depth=quick&context=neutral&include_progress=true&include_confidence=true",
    ],
    [
      "/api/v1/strategist-compat/feed?ward=A+B&priority=",
      "/api/v1/strategist-compat/feed?ward=A%20B&priority=all",
    ],
  ])("for %s the backend is asked for %s", (target, asked) => {
    const table = createRouteTable(PRESETS[preset].routes);
    expect(table.find("GET", target)?.upstreamTarget).toBe(asked);
  });

  it("all that a model may have been told reaches it", () => {
    const table = createRouteTable(PRESETS[preset].routes);
    const target =
      "/api/v1/strategist/conversation/stream?sessionId=&aiCapabilities=%7B%22a%22%3A1%7D";
    expect(table.find("GET", target)?.query.toString()).toBe(
      "aiCapabilities=%7B%22a%22%3A1%7D&sessionId=",
    );
  });

  it("nobody's stream is anybody else's unless a login is all that it takes", () => {
    const shared = PRESETS[preset].routes.filter(({ identity }) => identity === "shared");
    expect(shared.map(({ name }) => name).sort()).toEqual(["agents"]);
    const open = PRESETS[preset].routes.filter(({ isChecked }) => !isChecked);
    expect(open.map(({ name }) => name)).toEqual(["agents"]);
    expect(PRESETS[preset].check.expect).toEqual({ authenticated: true });
  });
});
