// What a hub does, over a socket and by a function call alike.

import { setTimeout as sleep } from "node:timers/promises";
import { DEFAULT_PULSE, encodePulseHeader, type Hello } from "throughline/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EventReader } from "./event-reader.js";
import { type RunningHub, startNodeHub, startWebHub } from "./running-hub.js";
import { NEWS, numbers } from "./stage.js";

const JSON_TYPE = { "content-type": "application/json" };

async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5);
}

describe.each([
  ["node:http", startNodeHub],
  ["web-standard requests", startWebHub],
])("behind %s, a hub", (_, start) => {
  let running: RunningHub;
  beforeEach(async () => {
    running = await start({ maxBodyBytes: 2000, maxConnections: 3 });
  });
  afterEach(async () => {
    await running.stop();
    expect(running.errors).toEqual([]);
  });

  async function subscribe(query = "", init?: RequestInit): Promise<EventReader> {
    const response = await running.request(`/streams/news${query}`, init);
    expect(response.status).toBe(200);
    return new EventReader(response.body);
  }

  const post = (target: string, body: string, headers: Record<string, string> = JSON_TYPE) =>
    running.request(target, { method: "POST", body, headers });

  const open = () => {
    const { live, replaying, draining } = running.hub.stats().connections;
    return live + replaying + draining;
  };

  it("greets at once, with the headers of an event stream", async () => {
    const response = await running.request("/streams/news");
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/event-stream",
      "cache-control": "no-store, no-cache, no-transform",
      "x-accel-buffering": "no",
      "throughline-pulse": encodePulseHeader(DEFAULT_PULSE),
    });
    const reader = new EventReader(response.body);
    const hello = (await reader.payload("throughline.hello")) as Hello;
    expect(hello).toMatchObject({ protocol: 1, head: "e1.0", resume: "caught-up" });
    await reader.cancel();
  });

  it("delivers what is published over HTTP", async () => {
    const reader = await subscribe();
    await reader.payload("throughline.hello");
    const answer = await post("/streams/news", '[{"data":"1"},{"data":{"two":2},"type":"x"}]');
    expect([answer.status, await answer.json()]).toEqual([
      201,
      { cursors: ["e1.1", "e1.2"], duplicates: [] },
    ]);
    await reader.until(({ data }) => data.length === 2);
    expect(reader.events.slice(-2).map(({ type, data, id }) => [type, data, id])).toEqual([
      ["message", "1", "e1.1"],
      ["x", '{"two":2}', "e1.2"],
    ]);
    await reader.cancel();
  });

  it("resumes by header and by query, and filters", async () => {
    await running.hub.publish("news", [
      { data: "1", topic: "a" },
      { data: "2", topic: "b" },
      { data: "3", topic: "a" },
    ]);
    const byHeader = await subscribe("", { headers: { "last-event-id": "e1.1" } });
    const byQuery = await subscribe("?cursor=e1.0&topics=a");
    await byHeader.until(({ data }) => data.join() === "2,3");
    await byQuery.until(({ data }) => data.join() === "1,3");
    await Promise.all([byHeader.cancel(), byQuery.cancel()]);
  });

  it("resumes among 10,001 stored events from the newest, at once and with nothing else", async () => {
    for (let batch = 0; batch < 10; batch += 1) {
      await running.hub.publish(
        "news",
        numbers(batch * 1000 + 1, batch * 1000 + 1000).map((data) => ({ data })),
      );
    }
    await running.hub.publish("news", { data: "10001" });
    const caughtUp = await subscribe("?cursor=e1.10001");
    const oneBehind = await subscribe("?cursor=e1.10000");
    await oneBehind.until(({ data }) => data.length > 0);
    await running.hub.publish("news", { data: "10002" });
    await caughtUp.until(({ data }) => data.length > 0);
    await oneBehind.until(({ data }) => data.length > 1);
    expect([caughtUp.data, oneBehind.data]).toEqual([["10002"], ["10001", "10002"]]);
    await Promise.all([caughtUp.cancel(), oneBehind.cancel()]);
  });

  it("replays 5,000 events on one connection, in order, while more are published", async () => {
    const publish = async (from: number, to: number) => {
      for (let first = from; first <= to; first += 500) {
        const batch = numbers(first, first + 499).map((data) => ({ data }));
        await running.hub.publish("news", batch);
        await sleep(1);
      }
    };
    await publish(1, 5000);
    const reader = await subscribe("?cursor=earliest");
    await publish(5001, 8000);
    await reader.until(({ data }) => data.length >= 8000);
    expect(reader.data).toEqual(numbers(1, 8000));
    await reader.cancel();
  });

  it("says what is missing", async () => {
    await running.hub.publish(
      "news",
      numbers(1, 5).map((data) => ({ data })),
    );
    await running.log.trim(NEWS, 3);
    const reader = await subscribe("?cursor=e1.1");
    expect(await reader.payload("throughline.gap")).toEqual({ from: 2, to: 3, reason: "trimmed" });
    await reader.until(({ data }) => data.join() === "4,5");
    await reader.cancel();
  });

  it("ends a stream with its last event, then its end, and 204 for whoever comes later", async () => {
    const reader = await subscribe();
    await reader.payload("throughline.hello");
    await running.hub.publish("news", { data: "last" });
    await running.hub.end("news", "over");
    await reader.end();
    expect(reader.error).toBeUndefined();
    expect(reader.types.slice(-2)).toEqual(["message", "throughline.end"]);
    const late = await running.request("/streams/news?cursor=e1.1");
    expect([late.status, await late.text()]).toEqual([204, ""]);
    const older = await (await subscribe("?cursor=e1.0")).end();
    expect(older.data).toEqual(["last"]);
    await eventually(() => open() === 0);
  });

  it("notices that a reader has left, also in the middle of a replay", async () => {
    const data = "x".repeat(10_000);
    await running.hub.publish("news", Array(900).fill({ data }));
    const live = await subscribe();
    const replaying = await subscribe("?cursor=earliest");
    await eventually(() => open() === 2);
    await live.cancel();
    await replaying.cancel();
    await eventually(() => open() === 0);
  });

  it("notices that a request was aborted", async () => {
    const abort = new AbortController();
    const response = await running.request("/streams/news", { signal: abort.signal });
    const reader = new EventReader(response.body);
    await reader.payload("throughline.hello");
    abort.abort();
    await eventually(() => open() === 0);
  });

  it("answers HEAD as it would GET, without serving anything", async () => {
    const response = await running.request("/streams/news", { method: "HEAD" });
    expect([response.status, response.headers.get("content-type")]).toEqual([
      200,
      "text/event-stream",
    ]);
    expect(await response.text()).toBe("");
    expect(running.hub.stats().acceptedTotal).toBe(0);
  });

  it("renews leases with a plain request", async () => {
    const reader = await subscribe();
    const { lease } = (await reader.payload("throughline.hello")) as Hello;
    const target = new URL(lease?.url ?? "", "http://x/streams/news").pathname;
    const answer = await post(target, "e1.0", { "content-type": "text/plain" });
    expect([answer.status, await answer.json()]).toEqual([200, { head: "e1.0", sent: "e1.0" }]);
    await reader.cancel();
  });

  it.each<[string, string, RequestInit, number, string]>([
    ["a bad name", "/streams/a%20b", {}, 400, "invalid-stream"],
    ["another address", "/nothing", {}, 404, "not-found"],
    ["another method", "/streams/news", { method: "PUT" }, 405, "method-not-allowed"],
    [
      "a body too large",
      "/streams/news",
      { method: "POST", headers: JSON_TYPE, body: JSON.stringify({ data: "x".repeat(5000) }) },
      413,
      "body-too-large",
    ],
    [
      "bytes that are no text",
      "/streams/news",
      { method: "POST", headers: JSON_TYPE, body: new Uint8Array([0x22, 0xff, 0x22]) },
      400,
      "invalid-body",
    ],
    ["a form", "/streams/news", { method: "POST", body: "data=x" }, 415, "unsupported-media-type"],
  ])("refuses %s in JSON that says why", async (_, target, init, status, code) => {
    const response = await running.request(target, init);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect([response.status, await response.json()]).toMatchObject([status, { status, code }]);
  });

  it("refuses a large body that does not say how large it is", async () => {
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1000).fill(0x20)),
    });
    const init = { method: "POST", headers: JSON_TYPE, body, duplex: "half" };
    const response = await running.request("/streams/news", init as RequestInit);
    expect(response.status).toBe(413);
  });

  it("turns away whom it has no room for", async () => {
    const readers = [await subscribe(), await subscribe(), await subscribe()];
    const response = await running.request("/streams/news");
    expect([response.status, Number(response.headers.get("retry-after")) > 0]).toEqual([503, true]);
    for (const reader of readers) await reader.cancel();
    await eventually(() => open() === 0);
  });

  it("shuts down in good order: told, ended cleanly, and closed to what is new", async () => {
    const reader = await subscribe();
    await reader.payload("throughline.hello");
    const closing = running.hub.close({ withinMs: 300 });
    const { withinMs } = (await reader.payload("throughline.drain")) as { withinMs: number };
    expect(withinMs).toBeGreaterThanOrEqual(150);
    expect(withinMs).toBeLessThanOrEqual(300);
    const refused = await running.request("/streams/news");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
    await running.hub.publish("news", { data: "still" });
    await reader.end();
    expect([reader.error, reader.data]).toEqual([undefined, ["still"]]);
    await closing;
    expect(running.hub.stats()).toMatchObject({ feeds: 0 });
  });
});
