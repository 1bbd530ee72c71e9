// The contract server against the contract: bytes, headers, statuses, and the faults on demand.

import { createConnection } from "node:net";
import { afterEach, expect, test } from "vitest";
import {
  type ContractServer,
  type ContractServerSettings,
  startContractServer,
} from "./server/contract-server.js";
import { pythonFloat, pythonJson } from "./server/python-json.js";
import { until } from "./stage.js";

const nowMs = Date.parse("2025-08-28T10:11:12.125Z");
let server: ContractServer;
afterEach(() => server.close());

async function start(settings: Partial<ContractServerSettings> = {}): Promise<void> {
  server = await startContractServer({ pace: 0.001, now: () => nowMs, ...settings });
}

/** Answers as `fetch` does, with a fresh session unless told otherwise. */
async function get(path: string, init: RequestInit & { anonymous?: boolean } = {}) {
  const { anonymous = false, ...rest } = init;
  const headers = new Headers(rest.headers);
  if (!anonymous) headers.set("cookie", await session());
  return fetch(`${server.origin}${path}`, { redirect: "manual", ...rest, headers });
}

async function session(): Promise<string> {
  const response = await logIn('{"username": "a", "password": "correct"}');
  return (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}

function logIn(body: string): Promise<Response> {
  return fetch(`${server.origin}/api/v1/login`, { method: "POST", body });
}

/** The beginning of an endless body, up to and including `last`. */
async function bodyUntil(response: Response, last: string): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes(last)) break;
  }
  return text;
}

const feed = "/api/v1/strategist/feed?ward=Jubilee%20Hills";

test("JSON is that of Python's json.dumps, to the byte", async () => {
  await start();
  const value = {
    text: 'é😀"\\/\n\u0001\u007f\u2028',
    whole: 1,
    float: pythonFloat(1),
    list: [null, true, pythonFloat(0.25), []],
    empty: {},
  };
  expect(pythonJson(value)).toBe(
    String.raw`{"text": "\u00e9\ud83d\ude00\"\\/\n\u0001\u007f\u2028", "whole": 1, "float": 1.0, ` +
      '"list": [null, true, 0.25, []], "empty": {}}',
  );
});

test("the enhanced feed of today says connection, then items and errors in turn, then complete", async () => {
  await start();
  const response = await get(feed);
  const id = `"connection_id": "Jubilee Hills_${nowMs}"`;
  const envelope = `"timestamp": 1756375872.125, ${id}`;
  const round =
    'data: {"type": "intelligence", "data": {"id": "fallback_1756375872", "ward": "Jubilee Hills",' +
    ' "priority": "low", "title": "System status", "content": "Monitoring of Jubilee Hills goes on",' +
    ` "source": "system", "category": "system_status"}, ${envelope}}\n\n` +
    'retry: 5000\ndata: {"type": "error", "data": {"message": "Temporary feed error",' +
    ` "recoverable": true}, ${envelope}}\n\n`;
  expect(await response.text()).toBe(
    'data: {"type": "connection", "data": {"status": "connected", "ward": "Jubilee Hills",' +
      ' "priority": "all", "server_time": "2025-08-28T10:11:12.125000+00:00"}, ' +
      `${envelope}}\n\n${round.repeat(10)}` +
      'data: {"type": "complete", "data": {"ward": "Jubilee Hills", "total_events": 10,' +
      ` "reason": "feed_complete"}, ${envelope}}\n\n`,
  );
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  expect(response.headers.get("cache-control")).toBe("no-cache, no-store, must-revalidate");
  expect(response.headers.get("x-accel-buffering")).toBe("no");
  expect(response.headers.get("access-control-allow-origin")).toBe("*");
});

test("the enhanced feed sends the same newest rows in every round until ten items are out", async () => {
  await start({ enhancedMode: "intended" });
  for (let id = 1; id <= 7; id++) {
    const times = { createdAtMs: nowMs + id, ward: "Jubilee Hills", id };
    const text = { title: "t", description: "d", category: "civic" };
    server.rows.alerts.push({ ...times, ...text, severity: id === 7 ? "Critical" : "Low" });
  }
  const lines = (await (await get(feed)).text()).split("\n\n").slice(1, -2);
  const items = lines.map((line) => JSON.parse(line.slice("data: ".length)).data);
  const ids = items.map(({ id }) => id);
  const newest = ["alert_7", "alert_6", "alert_5", "alert_4", "alert_3"];
  expect(ids).toEqual([...newest, ...newest]);
  expect(items[0]).toMatchObject({ priority: "high", created_at: "2025-08-28T10:11:12.132000" });
});

test("the enhanced feed ends after an error that is not recoverable", async () => {
  await start({ enhancedMode: "fatal" });
  const blocks = (await (await get(feed)).text()).split("\n\n");
  expect(blocks.at(-2)).toMatch(/^retry: 5000\ndata: \{"type": "error".*"recoverable": false\}/);
});

test.each([
  ["ward=%20", "Ward parameter is required"],
  [`ward=${"x".repeat(101)}`, "Ward name too long"],
  ["ward=a&priority=low", "Invalid priority: low"],
])(
  "bad input (%s) is a stream with status 200, one event and an end (D10)",
  async (query, message) => {
    await start();
    const response = await get(`/api/v1/strategist/feed?${query}`);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(`data: {"type": "error", "message": "${message}"}\n\n`);
  },
);

test("the first-generation feed polls at once, sends only newer rows, newest first, and beats", async () => {
  await start({ generation: "first" });
  const response = await get(`${feed}&priority=high&since=2025-08-28T10:11:00Z`);
  for (const [id, severity] of [
    [1, "High"],
    [2, "Low"],
    [3, "Critical"],
  ] as const) {
    const text = { title: "t", description: `d${id}`, category: "civic" };
    const row = { id, ward: "East Jubilee Hills", createdAtMs: nowMs + id, severity, ...text };
    server.rows.alerts.push(row);
  }
  const post = {
    emotion: "anger",
    party: "P",
    drivers: ["roads"],
    city: "H",
    ward: "Jubilee Hills",
  };
  server.rows.posts.push({ id: 9, content: "x".repeat(201), createdAtMs: nowMs + 1, ...post });
  const text = await bodyUntil(response, '"new_posts_count"');
  const beat =
    'data: {"type": "heartbeat", "timestamp": "2025-08-28T10:11:12.125000", "ward": "Jubilee Hills"}\n\n';
  expect(text.replaceAll(beat, "")).toBe(
    'data: {"type": "connection", "status": "connected", "ward": "Jubilee Hills", "timestamp": "2025-08-28T10:11:12.125000"}\n\n' +
      'data: {"type": "alert", "data": {"id": 3, "ward": "East Jubilee Hills", "description": "d3", "severity": "Critical", "created_at": "2025-08-28T10:11:12.128000"}}\n\n' +
      'data: {"type": "alert", "data": {"id": 1, "ward": "East Jubilee Hills", "description": "d1", "severity": "High", "created_at": "2025-08-28T10:11:12.126000"}}\n\n' +
      'data: {"type": "intelligence", "data": {"new_posts_count": 1, "summary": "1 new posts in Jubilee Hills", "items": [{"id": 9, "content": "' +
      `${"x".repeat(200)}...", "emotion": "anger", "drivers": ["roads"], "city": "H", "created_at": "2025-08-28T10:11:12.126000"}]}}\n\n`,
  );
});

test("the analysis stream tells its stages, its result, and then beats for ever", async () => {
  await start();
  const response = await get("/api/v1/multimodel/strategist/stream/Jubilee%20Hills?depth=quick");
  const text = await bodyUntil(response, '"heartbeat"');
  const types = text
    .split("\n\n")
    .slice(0, -1)
    .map((block) => JSON.parse(block.slice(6)).type);
  expect(types.filter((type) => type === "analysis-progress")).toHaveLength(7);
  expect(types.filter((type) => type === "confidence-update")).toHaveLength(5);
  expect(types.slice(-2)).toEqual(["analysis-complete", "heartbeat"]);
  expect(text).toContain('"progress": 1.0');
  expect(response.headers.get("x-stream-type")).toBe("strategist-analysis");
});

test("the agents stream needs no login and tears its second frame apart (D13)", async () => {
  await start();
  const path = "/api/v1/agents/stream/analysis/Jubilee%20Hills";
  const text = await (await get(path, { anonymous: true })).text();
  expect(text).toBe(
    'data: {"status": "starting", "ward": "Jubilee Hills", "timestamp": "2025-08-28T10:11:12.125000+00:00"}\n\n' +
      'data: {"status": "error", "error": "Working outside of request context.\n\n' +
      "This typically means that you attempted to use functionality that needed\n" +
      'an active HTTP request."}\n\n',
  );
});

test("paths that do not stream answer as they do today", async () => {
  await start();
  const conversation = "/api/v1/strategist/conversation/stream";
  expect((await get(conversation)).status).toBe(400);
  expect((await get(`${conversation}?sessionId=1`)).status).toBe(500);
  const report = await get("/api/v1/strategist/stream?ward=a");
  expect([report.status, report.headers.get("content-type")]).toEqual([200, "application/json"]);
  expect((await get("/api/v1/strategist-compat/feed?ward=%20")).status).toBe(400);
  expect((await get("/api/v1/status", { method: "HEAD" })).status).toBe(200);
});

test("an anonymous request is sent to a login that knows no GET, or refused, or told in a stream", async () => {
  await start();
  const redirect = await get(feed, { anonymous: true });
  expect(redirect.status).toBe(302);
  const location = redirect.headers.get("location") ?? "";
  expect(location).toBe(
    "/api/v1/login?next=%2Fapi%2Fv1%2Fstrategist%2Ffeed%3Fward%3DJubilee%2520Hills",
  );
  expect((await get(location, { anonymous: true })).status).toBe(405);
  server.settings.anonymous = "unauthorized";
  expect((await get(feed, { anonymous: true })).status).toBe(401);
  server.settings.anonymous = "in-stream";
  expect(await (await get(feed, { anonymous: true })).text()).toBe(
    'data: {"type": "error", "message": "Authentication required"}\n\n',
  );
});

test("a login is checked, its cookie is one of the session, and a session ends for all", async () => {
  await start();
  expect((await logIn("no JSON")).status).toBe(400);
  expect((await logIn('{"username": "a", "password": "wrong"}')).status).toBe(401);
  const cookie = await session();
  const status = () => get(feed, { anonymous: true, headers: { cookie } });
  expect((await status()).status).toBe(200);
  expect((await get(feed, { anonymous: true, headers: { cookie: `${cookie}0` } })).status).toBe(
    302,
  );
  server.expireSessions();
  expect((await status()).status).toBe(302);
});

test("a switched-off service answers 503 on all its routes", async () => {
  await start({ isStrategistEnabled: false });
  const response = await get(feed);
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ status: "service_unavailable" });
});

test("a preflight is allowed the short list of headers, for the origins that may ask", async () => {
  await start({ corsOrigins: ["http://app.example"] });
  const ask = (origin: string) =>
    get(feed, { method: "OPTIONS", anonymous: true, headers: { origin } });
  const allowed = await ask("http://app.example");
  expect(allowed.headers.get("access-control-allow-headers")).toBe(
    "Content-Type, Authorization, X-Requested-With",
  );
  expect(allowed.headers.get("access-control-allow-origin")).toBe("http://app.example");
  expect((await ask("http://other.example")).headers.get("access-control-allow-origin")).toBeNull();
});

test("scripted failures hit so many requests for streams, and no others", async () => {
  await start();
  server.failNext(2, 503);
  expect((await get("/api/v1/status")).status).toBe(200);
  expect([await get(feed), await get(feed), await get(feed)].map(({ status }) => status)).toEqual([
    503, 503, 200,
  ]);
  server.failNext(5, 502);
  server.heal();
  expect((await get(feed)).status).toBe(200);
  server.failNext(1, "reset");
  await expect(get(feed)).rejects.toThrow();
});

test("open streams can be reset, ended, or silenced", async () => {
  await start({ generation: "first" });
  const ends: string[] = [];
  const openRaw = async (name: string) => {
    const { port } = new URL(server.origin);
    const socket = createConnection(Number(port), "localhost");
    socket.write(`GET ${feed} HTTP/1.1\r\nHost: localhost\r\nCookie: ${await session()}\r\n\r\n`);
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
      if (text.endsWith("0\r\n\r\n")) ends.push(`${name} ended`);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => ends.push(`${name} ${error.code}`));
    await until("a heartbeat", () => text.includes("heartbeat"));
    return { socket, length: () => text.length };
  };
  await openRaw("first");
  server.resetStreams();
  await until("the reset", () => ends.includes("first ECONNRESET"));
  await openRaw("second");
  server.closeStreams();
  await until("the end", () => ends.includes("second ended"));
  const third = await openRaw("third");
  server.silenceStreams();
  const before = await new Promise<number>((resolve) =>
    setTimeout(() => resolve(third.length()), 100),
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(third.length()).toBe(before);
  expect(server.openStreams()).toBe(1);
  expect(ends).toHaveLength(2);
});
