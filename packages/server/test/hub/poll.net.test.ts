// Short, complete responses in place of a stream, over both adapters. PROTOCOL.md §4.

import { createServer } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { createHub } from "@throughline/server";
import { createMemoryLog } from "@throughline/server/log";
import { createParser, type ParsedEvent } from "throughline/core";
import { afterEach, describe, expect, it } from "vitest";
import { RawSocket } from "./raw-socket.js";
import { listen, type RunningHub, startNodeHub, startWebHub, stopServer } from "./running-hub.js";

let running: RunningHub;
afterEach(async () => {
  await running.stop();
  expect(running.errors).toEqual([]);
});

/** A whole response, and how long it took. */
async function poll(query: string, init?: RequestInit) {
  const askedMs = performance.now();
  const response = await running.request(`/streams/news?throughline-wait=${query}`, init);
  const text = await response.text();
  const tookMs = performance.now() - askedMs;
  const events: ParsedEvent[] = [];
  createParser(
    { onEvent: (event) => events.push(event) },
    { decoder: new TextDecoder("utf-8", { ignoreBOM: true }) },
  ).push(new TextEncoder().encode(text));
  const own = events.filter(({ type }) => !type.startsWith("throughline."));
  return {
    response,
    tookMs,
    text,
    types: events.map(({ type }) => type.replace("throughline.", "")),
    data: own.map(({ data }) => data),
    cursor: events.at(-1)?.lastEventId ?? "",
    hello: JSON.parse(events[0]?.data ?? "{}"),
  };
}

const publish = (...data: string[]) =>
  running.hub.publish(
    "news",
    data.map((each) => ({ data: each })),
  );

describe.each([
  ["node:http", startNodeHub],
  ["web-standard requests", startWebHub],
])("a poll over %s", (_name, start) => {
  it("brings all that comes after the cursor at once, and ends in good order", async () => {
    running = await start();
    await publish("1", "2", "3");
    const { response, data, types, cursor, tookMs } = await poll("20000&cursor=e1.1");
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(response.headers.get("throughline-pulse")).toBe("interval=1000, deadline=1700");
    expect([data, types]).toEqual([
      ["2", "3"],
      ["hello", "heartbeat", "message", "message"],
    ]);
    expect(cursor).toBe("e1.3");
    expect(tookMs).toBeLessThan(1000);
  });

  it("waits for the first event, and brings it without delay with what comes beside it", async () => {
    running = await start();
    const answer = poll("20000&cursor=e1.0");
    await sleep(300);
    const publishedMs = performance.now();
    void publish("1");
    void publish("2");
    expect((await answer).data).toEqual(["1", "2"]);
    expect(performance.now() - publishedMs).toBeLessThan(1000);
  });

  it("ends empty-handed when the time is over, with the cursor of where the reader is", async () => {
    running = await start();
    await publish("1");
    const { data, types, cursor, tookMs } = await poll("1200");
    expect([data, types, cursor]).toEqual([[], ["hello", "heartbeat"], "e1.1"]);
    expect(tookMs).toBeGreaterThan(1150);
    expect(tookMs).toBeLessThan(2200);
  });

  it("does not wait where no wait is wanted", async () => {
    running = await start();
    await publish("1");
    const { tookMs, cursor } = await poll("0");
    expect(cursor).toBe("e1.1");
    expect(tookMs).toBeLessThan(700);
  });

  it("holds no lease, and no place once it is over", async () => {
    running = await start();
    const { hello } = await poll("0");
    expect(hello.lease).toBeUndefined();
    const { connections } = running.hub.stats();
    expect(connections).toEqual({ replaying: 0, live: 0, draining: 0 });
  });

  it("tells a gap at once", async () => {
    running = await start();
    await publish("1");
    const { types, tookMs } = await poll("20000&cursor=other.7");
    expect(types).toEqual(["hello", "gap", "heartbeat", "message"]);
    expect(tookMs).toBeLessThan(1000);
  });

  it("brings the end of the stream with its last event, and then 204", async () => {
    running = await start();
    await publish("1");
    await running.hub.end("news");
    const last = await poll("20000&cursor=e1.0");
    expect(last.types).toEqual(["hello", "heartbeat", "message", "end"]);
    expect((await poll("20000&cursor=e1.1")).response.status).toBe(204);
  });

  it("brings a long history in pieces, each where the one before ended", async () => {
    running = await start({ cache: { events: 10, bytes: 10_000 } });
    const all = Array.from({ length: 3000 }, (_, index) => `${index}`.padEnd(1000, "."));
    for (let at = 0; at < all.length; at += 500) await publish(...all.slice(at, at + 500));
    const read: string[] = [];
    let cursor = "earliest";
    let polls = 0;
    while (read.length < all.length) {
      const piece = await poll(`20000&cursor=${cursor}`);
      expect(piece.text.length).toBeLessThan(512 * 1024);
      read.push(...piece.data);
      cursor = piece.cursor;
      polls += 1;
    }
    expect(read).toEqual(all);
    expect(polls).toBeGreaterThan(5);
  });

  it("asks who may read, at each request", async () => {
    const asked: unknown[] = [];
    running = await start({
      authorize: ({ header }) => {
        asked.push(header("authorization"));
        return header("authorization") === "yes" ? { identity: "a" } : { status: 401 };
      },
    });
    expect((await poll("20000")).response.status).toBe(401);
    const allowed = await poll("0", { headers: { authorization: "yes" } });
    expect([allowed.response.status, asked]).toEqual([200, [undefined, "yes"]]);
  });

  it("filters by topic, and does not answer what the filter hides", async () => {
    running = await start();
    await running.hub.publish("news", { data: "hidden", topic: "b" });
    const answer = poll("20000&topics=a&cursor=e1.0");
    await sleep(300);
    await running.hub.publish("news", { data: "seen", topic: "a" });
    expect((await answer).data).toEqual(["seen"]);
  });

  it.each(["", "x", "-1", "1.5", "9999999999"])("is refused with the wait %j", async (wait) => {
    running = await start();
    const { response, text } = await poll(wait);
    expect([response.status, JSON.parse(text).code]).toEqual([400, "invalid-wait"]);
  });

  it("is let go at once by a hub that shuts down", async () => {
    running = await start();
    const answer = poll("20000");
    await sleep(200);
    const closedMs = performance.now();
    await running.hub.close({ withinMs: 5000 });
    expect((await answer).types).toEqual(["hello", "heartbeat", "drain"]);
    expect(performance.now() - closedMs).toBeLessThan(1500);
  });
});

describe("a poll", () => {
  it("gives its place back when the reader leaves before the answer", async () => {
    running = await startNodeHub();
    const leaving = new AbortController();
    const answer = poll("20000", { signal: leaving.signal }).catch(() => "left");
    while (running.hub.stats().connections.live === 0) await sleep(10);
    leaving.abort();
    expect(await answer).toBe("left");
    while (running.hub.stats().connections.live > 0) await sleep(10);
  });

  it("leaves the connection usable for the next one", async () => {
    running = await startNodeHub();
    const client = await RawSocket.open(running.port);
    const ask = () => client.request("GET /streams/news?throughline-wait=0 HTTP/1.1", "Host: hub");
    ask();
    await client.until((text) => text.endsWith("\r\n0\r\n\r\n"));
    ask();
    await client.until((text) => text.split("throughline.hello").length === 3);
    await client.until((text) => text.endsWith("\r\n0\r\n\r\n"));
  });

  it("is served at an address of the application's own", async () => {
    running = await startNodeHub();
    const { hub } = running;
    const server = createServer((request, response) => {
      hub.serve(request, response, { stream: "news", fresh: { at: "earliest" } });
    });
    const port = await listen(server);
    await publish("1");
    const response = await fetch(`http://127.0.0.1:${port}/api/feed?throughline-wait=20000`);
    expect(await response.text()).toContain("data: 1");
    await stopServer(server);
  });

  it("is answered over HTTP/2", async () => {
    running = await startNodeHub();
    const hub = createHub({ log: createMemoryLog() });
    const server = createHttp2Server(hub.handleNode);
    const port = await listen(server as unknown as Parameters<typeof listen>[0]);
    await hub.publish("news", { data: "1" });
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    const path = "/streams/news?throughline-wait=20000&cursor=earliest";
    const stream = session.request({ ":path": path }).setEncoding("utf8");
    let text = "";
    for await (const chunk of stream) text += chunk;
    expect(text).toContain("data: 1");
    session.close();
    await hub.close({ withinMs: 0 });
    server.close();
  });
});
