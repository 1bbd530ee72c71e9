import { EventSource, subscribe } from "throughline";
import type { Recorder, StreamRecord } from "throughline/devtools";
import { installDevtools } from "throughline/devtools";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createFakeFetch } from "../react/fake-fetch.js";

const FEED = "https://news.example/feed";
const WATCHER = Symbol.for("throughline.watcher");

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  Reflect.deleteProperty(globalThis, WATCHER);
  vi.useRealTimers();
});

const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

/** A recorded stream, its server, and what the application has heard. */
async function open() {
  const server = createFakeFetch();
  const recorder = installDevtools();
  const source = new EventSource(FEED, { fetch: server.fetch, resumeBy: "header" });
  const heard: string[] = [];
  source.onmessage = ({ data }) => void heard.push(data);
  await pass();
  const stream = streamOf(recorder);
  return { server, recorder, source, heard, stream, faults: stream.faults };
}

function streamOf({ streams }: Recorder): StreamRecord {
  const stream = streams.at(-1);
  if (stream === undefined) throw new Error("Nothing has been recorded.");
  return stream;
}

describe("the recorder", () => {
  test("a source without recorder is as it always was", async () => {
    const server = createFakeFetch();
    const source = new EventSource(FEED, { fetch: server.fetch });
    expect(Object.hasOwn(source, "dispatchEvent")).toBe(false);
    source.close();
  });

  test("it keeps states and events of every type, listened to or not", async () => {
    const { server, source, heard, stream } = await open();
    server.newest.send("id: 1\ndata: a\n\nevent: alert\nid: 2\ndata: b\n\n");
    await pass();
    server.newest.break();
    await pass(1000);
    source.close();
    await pass();
    expect(heard).toEqual(["a"]);
    expect(stream.events).toMatchObject([
      { number: 1, type: "message", lastEventId: "1", data: "a", length: 1 },
      { number: 2, type: "alert", lastEventId: "2", data: "b", length: 1 },
    ]);
    expect(stream.states.map(({ state, reason }) => `${state} ${reason}`)).toEqual([
      "connecting opening",
      "live open",
      "waiting network",
      "connecting network",
      "live open",
      "closed application",
    ]);
    expect(stream.isOver).toBe(true);
  });

  test("it keeps those of a subscription, which can be asked for anew and closed from outside", async () => {
    const server = createFakeFetch();
    const recorder = installDevtools();
    const reading = subscribe(FEED, { fetch: server.fetch });
    await pass();
    const { source, ...stream } = { ...streamOf(recorder), source: streamOf(recorder).source };
    server.newest.send("event: alert\nid: 2\ndata: b\n\n");
    await pass();
    expect(streamOf(recorder).events).toMatchObject([
      { type: "alert", lastEventId: "2", data: "b" },
    ]);
    expect([stream.url, source.url, source.lastEventId]).toEqual([FEED, FEED, "2"]);
    expect((await reading.next()).value).toMatchObject({ data: "b" });
    source.reconnect();
    await pass(1000);
    expect(server.requests).toHaveLength(2);
    source.close();
    await pass();
    expect(await reading.next()).toEqual({ done: true, value: undefined });
    expect(streamOf(recorder).states.at(-1)).toMatchObject({ state: "closed" });
  });

  test("a subscription whose options make no sense is not kept", async () => {
    const recorder = installDevtools();
    expect(() => subscribe(FEED, { retryLimit: -1 })).toThrow(/retryLimit/);
    await pass();
    expect(recorder.streams).toEqual([]);
  });

  test("it keeps the newest events and the beginning of long ones, and no more", async () => {
    const { server, stream } = await open();
    const many = Array.from({ length: 2000 }, (_, at) => `data: ${at}\n\n`).join("");
    server.newest.send(`${many}data: ${"x".repeat(50_000)}\n\n`);
    await pass();
    expect(stream.events.length).toBeLessThanOrEqual(625);
    expect(stream.events.length).toBeGreaterThanOrEqual(500);
    expect(stream.events.at(-1)).toMatchObject({ number: 2001, length: 50_000 });
    expect(stream.events.at(-1)?.data).toHaveLength(20_000);
    stream.forgetEvents();
    expect(stream.events).toEqual([]);
  });

  test("it keeps the newest closed streams, and forgets them on demand", async () => {
    const { recorder } = await open();
    for (let round = 0; round < 50; round += 1) {
      new EventSource(FEED, { fetch: createFakeFetch().fetch }).close();
      await pass();
    }
    expect(recorder.streams.filter(({ isOver }) => isOver).length).toBeLessThanOrEqual(21);
    recorder.forgetClosed();
    expect(recorder.streams.map(({ isOver }) => isOver)).toEqual([false]);
  });

  test("a source whose constructor throws is no stream", async () => {
    const recorder = installDevtools();
    expect(() => new EventSource("http://[")).toThrow(/no valid URL/);
    expect(() => new EventSource(FEED, { retryLimit: -1 })).toThrow(/retryLimit/);
    await pass();
    expect(recorder.streams).toEqual([]);
  });

  test("installed twice it is one and the same", () => {
    expect(installDevtools()).toBe(installDevtools());
  });

  test("it tells of every change, and not after it was left", async () => {
    const { server, recorder } = await open();
    const listener = vi.fn();
    const leave = recorder.subscribe(listener);
    server.newest.send("data: a\n\n");
    await pass();
    expect(listener).toHaveBeenCalled();
    leave();
    listener.mockClear();
    server.newest.send("data: b\n\n");
    await pass();
    expect(listener).not.toHaveBeenCalled();
  });
});

describe("faults", () => {
  test("a dropped connection heals after the last event, and nothing is lost", async () => {
    const { server, source, heard, faults } = await open();
    server.newest.send("id: 1\ndata: a\n\n");
    await pass();
    faults.drop();
    await pass();
    expect(source.connection.reason).toBe("network");
    await pass(1000);
    expect(server.requests).toHaveLength(2);
    expect(server.newest.init.headers["last-event-id"]).toBe("1");
    server.newest.send("id: 2\ndata: b\n\n");
    await pass();
    expect(heard).toEqual(["a", "b"]);
  });

  test("silence lets no byte and no answer through, and what was held comes afterwards", async () => {
    const { server, source, heard, faults } = await open();
    faults.silence(true);
    server.newest.send("id: 1\ndata: a\n\n");
    await pass(500);
    expect(heard).toEqual([]);
    faults.silence(false);
    await pass();
    expect(heard).toEqual(["a"]);
    faults.silence(true);
    faults.drop();
    await pass(1500);
    expect(server.requests.length).toBeGreaterThan(1);
    expect(source.connection.state).not.toBe("live");
    faults.clear();
    await pass(5000);
    expect(source.connection.state).toBe("live");
    expect(faults.isActive).toBe(false);
  });

  test("delayed bytes come late, in order, and do not add up", async () => {
    const { server, heard, faults } = await open();
    faults.delay(1000);
    for (const data of ["a", "b", "c", "d"]) {
      server.newest.send(`data: ${data}\n\n`);
      await pass(100);
    }
    await pass(500);
    expect(heard).toEqual([]);
    await pass(150);
    expect(heard).toEqual(["a"]);
    await pass(350);
    expect(heard).toEqual(["a", "b", "c", "d"]);
  });

  test("so many attempts are refused, and then one gets through", async () => {
    const { server, source, faults } = await open();
    faults.refuse(2);
    faults.drop();
    await pass(20_000);
    expect(faults.refusals).toBe(0);
    expect(server.requests).toHaveLength(2);
    expect(source.connection.statistics.requests).toBe(4);
    expect(source.connection.state).toBe("live");
  });

  test("so many attempts are answered 503, and then one gets through", async () => {
    const { server, source, stream, faults } = await open();
    faults.answerUnavailable(2);
    faults.drop();
    await pass(20_000);
    expect(stream.states.map(({ reason }) => reason)).toContain("unavailable");
    expect(server.requests).toHaveLength(2);
    expect(source.connection.state).toBe("live");
  });

  test("a lost lease has the connection made anew", async () => {
    const { server, stream, faults } = await open();
    const hello = {
      protocol: 1,
      connection: "c",
      pulse: { intervalMs: 20_000, deadlineMs: 60_000 },
      head: "e.0",
      resume: "caught-up",
      lease: { url: "/lease", everyMs: 5000 },
    };
    server.newest.send(`event: throughline.hello\ndata: ${JSON.stringify(hello)}\n\n`);
    await pass();
    faults.loseLease(true);
    await pass(6000);
    expect(stream.states.map(({ reason }) => reason)).toContain("lease-lost");
    expect(faults.losesLease).toBe(false);
  });

  test("they are of one stream, and leave the others alone", async () => {
    const { faults } = await open();
    const other = createFakeFetch();
    const source = new EventSource(FEED, { fetch: other.fetch });
    await pass();
    faults.silence(true);
    faults.drop();
    await pass(1000);
    expect(source.connection.state).toBe("live");
    expect(other.requests).toHaveLength(1);
  });

  test("a source that is closed meanwhile leaves nothing open", async () => {
    const { server, source, faults } = await open();
    faults.silence(true);
    source.close();
    await pass();
    expect(server.open).toHaveLength(0);
    faults.silence(false);
    await pass(60_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});
