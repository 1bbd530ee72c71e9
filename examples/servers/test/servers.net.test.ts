// Every example does what the hub promises, on real sockets.

import { setTimeout as sleep } from "node:timers/promises";
import { createHub, createMemoryLog, type Hub } from "@throughline/server";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { serveExpress } from "../src/express.js";
import { serveFastify } from "../src/fastify.js";
import { serveHono } from "../src/hono.js";
import { type Certificate, serveHttp2 } from "../src/http2.js";
import { serveNodeHttp } from "../src/node-http.js";
import type { ServeOptions, Serving } from "../src/serving.js";
import { makeCertificate } from "./certificate.js";
import { createHttp1Client, createHttp2Client, type HttpClient } from "./http-client.js";

let certificate: Certificate;
beforeAll(async () => {
  certificate = await makeCertificate();
});

interface Example {
  readonly serve: (options: ServeOptions) => Promise<Serving>;
  readonly client: (origin: string) => HttpClient;
  /** What the hub is to be told of the path that it is mounted at. */
  readonly basePath: string;
}

const serveOverTls = (options: ServeOptions) => serveHttp2({ ...options, certificate });

const examples: readonly (readonly [string, Example])[] = [
  ["node:http", { serve: serveNodeHttp, client: createHttp1Client, basePath: "/live" }],
  ["Express", { serve: serveExpress, client: createHttp1Client, basePath: "" }],
  ["Fastify", { serve: serveFastify, client: createHttp1Client, basePath: "/live" }],
  ["Hono", { serve: serveHono, client: createHttp1Client, basePath: "/live" }],
  ["HTTP/2", { serve: serveOverTls, client: createHttp2Client, basePath: "/live" }],
  [
    "HTTP/1.1 on the same TLS",
    { serve: serveOverTls, client: createHttp1Client, basePath: "/live" },
  ],
];

const JSON_TYPE = { "content-type": "application/json" };
const NEWS = "/live/streams/news";
/** Bytes that are there when a client asks compressed ones of a compressing server. */
const ACCEPT_ALL = { "accept-encoding": "gzip, deflate, br" };

async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5);
}

describe.each(examples)("the hub in %s", (_, { serve, client: createClient, basePath }) => {
  let hub: Hub;
  let serving: Serving;
  let client: HttpClient;
  let errors: unknown[];

  beforeEach(async () => {
    errors = [];
    hub = createHub({
      log: createMemoryLog(),
      basePath,
      maxBodyBytes: 2000,
      onError: (error) => errors.push(error),
    });
    serving = await serve({ hub, port: 0, host: "127.0.0.1" });
    client = createClient(serving.url);
  });

  afterEach(async () => {
    const closed = hub.close({ withinMs: 0 });
    client.close();
    await serving.close();
    await closed;
    expect(errors).toEqual([]);
  });

  const subscribe = (query = "", headers: Record<string, string> = {}) =>
    client.ask(`${NEWS}${query}`, { headers: { ...ACCEPT_ALL, ...headers } });

  const post = (body: string, headers: Record<string, string> = JSON_TYPE) =>
    client.ask(NEWS, { method: "POST", body, headers });

  const open = () => {
    const { live, replaying, draining } = hub.stats().connections;
    return live + replaying + draining;
  };

  it("delivers what is published over HTTP, uncompressed, each event when it is there", async () => {
    const reader = await subscribe();
    expect([reader.status, reader.headers["content-type"]]).toEqual([200, "text/event-stream"]);
    expect(reader.headers["content-encoding"]).toBeUndefined();
    await reader.until(({ text }) => text.includes("throughline.heartbeat"));
    for (const data of ["one", "zwei ü", "three"]) {
      const answer = await post(JSON.stringify({ data }));
      expect(answer.status).toBe(201);
      // The next is published only when this one has come: whoever holds bytes back hangs here.
      await reader.until((seen) => seen.data.includes(data));
    }
    expect(reader.data).toEqual(["one", "zwei ü", "three"]);
  });

  it("writes pulses that nobody in between holds back", async () => {
    const reader = await subscribe();
    await reader.until(({ text }) => /\n\n:[^\n]*\n[\s\S]*\n:[^\n]*\n/.test(text));
  });

  it("notices a drop, and goes on after the last event that the reader had", async () => {
    const first = await subscribe();
    await first.until(({ text }) => text.includes("throughline.heartbeat"));
    await hub.publish("news", [{ data: "1" }, { data: "2" }]);
    await first.until(({ data }) => data.length === 2);
    first.break();
    await eventually(() => open() === 0);
    await hub.publish("news", [{ data: "3" }, { data: "4" }]);
    const second = await subscribe("", { "last-event-id": first.lastId });
    await second.until(({ data }) => data.length === 2);
    expect(second.data).toEqual(["3", "4"]);
  });

  it("notices a drop in the middle of a replay", async () => {
    await hub.publish("news", Array(900).fill({ data: "x".repeat(10_000) }));
    const reader = await subscribe("?cursor=earliest");
    reader.break();
    await eventually(() => open() === 0);
  });

  it("answers HEAD, and leaves the rest of the application alone", async () => {
    const head = await client.ask(NEWS, { method: "HEAD" });
    expect([head.status, head.headers["content-type"]]).toEqual([200, "text/event-stream"]);
    await head.ended();
    const other = await (await client.ask("/")).ended();
    expect([other.status, other.text]).toEqual([200, "This is the rest of the application.\n"]);
    expect(hub.stats().acceptedTotal).toBe(0);
  });

  it("renews a lease at the address that the greeting names", async () => {
    const reader = await subscribe();
    const isHello = ({ type }: { type: string }) => type === "throughline.hello";
    await reader.until(({ events }) => events.some(isHello));
    const { lease } = JSON.parse(reader.events.find(isHello)?.data ?? "{}");
    const { pathname } = new URL(lease.url, `${serving.url}${NEWS}`);
    const headers = { "content-type": "text/plain" };
    const answer = await client.ask(pathname, { method: "POST", body: reader.lastId, headers });
    expect(answer.status).toBe(200);
  });

  it.each<readonly [string, number, string, { method?: string; path?: string }]>([
    ["a stream of no name", 404, "not-found", { path: "/live/streams/" }],
    ["a name that is none", 400, "invalid-stream", { path: "/live/streams/a%20b" }],
    ["a method that is not for it", 405, "method-not-allowed", { method: "DELETE" }],
  ])("refuses %s and says why", async (_name, status, code, { path = NEWS, method = "GET" }) => {
    const answer = await (await client.ask(path, { method })).ended();
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([status, code]);
  });

  it("refuses bodies that are too large, no JSON, or no event", async () => {
    expect((await post(JSON.stringify({ data: "x".repeat(5000) }))).status).toBe(413);
    expect((await post("{")).status).toBe(400);
    expect((await post('{"date":1}')).status).toBe(400);
    expect((await post("data=x", { "content-type": "text/csv" })).status).toBe(415);
    expect((await hub.publish("news", { data: "first" })).cursors[0]).toMatch(/\.1$/);
  });

  it("closes in good order: readers are told, served to the end, and ended whole", async () => {
    const reader = await subscribe();
    await reader.until(({ text }) => text.includes("throughline.heartbeat"));
    // The first to close says how long it may take.
    void hub.close({ withinMs: 300 });
    const closed = serving.close();
    await reader.until(({ events }) => events.some(({ type }) => type === "throughline.drain"));
    await hub.publish("news", { data: "still" });
    await reader.ended();
    expect([reader.end, reader.data]).toEqual(["whole", ["still"]]);
    client.close();
    await closed;
    await expect(client.ask(NEWS)).rejects.toThrow();
  });
});
