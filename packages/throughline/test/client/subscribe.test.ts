// The stream as an async iterator.

import { StreamError, type StreamEvent, subscribe } from "throughline";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bodyOf, type FakeServer, fakeServer, refusal, tasks } from "./fake-server.js";

let server: FakeServer;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  server = fakeServer();
});

afterEach(() => vi.useRealTimers());

const URL_ = "http://a.test/feed";
const event = (n: number) => `id: e.${n}\ndata: ${n}\n\n`;
const end = 'event: throughline.end\ndata: {"reason":"done"}\n\n';

describe("subscribe", () => {
  it("gives events in order, and is done after the end", async () => {
    const stream = subscribe(URL_, { fetch: server.fetch });
    const seen: StreamEvent[] = [];
    const reading = (async () => {
      for await (const each of stream) seen.push(each);
    })();
    await server.answer(bodyOf(event(1) + event(2) + end));
    await reading;
    expect(seen).toEqual([
      { type: "message", data: "1", lastEventId: "e.1" },
      { type: "message", data: "2", lastEventId: "e.2" },
    ]);
  });

  it("closes the connection when the loop is left", async () => {
    const stream = subscribe(URL_, { fetch: server.fetch });
    const reading = (async () => {
      for await (const { data } of stream) if (data === "1") break;
    })();
    await server.answer(bodyOf(event(1) + event(2)));
    await reading;
    expect(server.requests[0]?.signal.aborted).toBe(true);
    expect(stream.connection.state).toBe("closed");
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it("ends on its signal, also one that was aborted before", async () => {
    const controller = new AbortController();
    const stream = subscribe(URL_, { fetch: server.fetch, signal: controller.signal });
    const next = stream.next();
    controller.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    const late = subscribe(URL_, { fetch: server.fetch, signal: controller.signal });
    expect(await late.next()).toEqual({ done: true, value: undefined });
    expect(server.requests).toHaveLength(1);
  });

  it("throws when the connection has failed for good", async () => {
    const stream = subscribe(URL_, { fetch: server.fetch });
    const next = stream.next();
    await Promise.all([expect(next).rejects.toThrow(StreamError), server.answer(refusal(404))]);
    await expect(stream.next()).rejects.toMatchObject({ code: "http" });
  });

  it("slows the server down when it is not read, without taking that for silence", async () => {
    const stream = subscribe(URL_, { fetch: server.fetch });
    await server.answer(bodyOf(""));
    for (let n = 1; n <= 70; n++) await server.send(event(n));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.requests).toHaveLength(1);
    expect(stream.connection.statistics.eventsDelivered).toBeLessThanOrEqual(65);
    for (let n = 1; n <= 70; n++) expect((await stream.next()).value?.data).toBe(String(n));
    expect(stream.connection.state).toBe("live");
    await stream.return?.();
  });

  it("still notices silence after it was held back", async () => {
    const stream = subscribe(URL_, { fetch: server.fetch });
    await server.answer(bodyOf(""));
    for (let n = 1; n <= 70; n++) await server.send(event(n));
    await vi.advanceTimersByTimeAsync(10_000);
    for (let n = 1; n <= 70; n++) await stream.next();
    await tasks();
    await vi.advanceTimersByTimeAsync(2000);
    expect(server.requests).toHaveLength(2);
    await stream.return?.();
  });

  it("tells of gaps", async () => {
    const onGap = vi.fn();
    const stream = subscribe(URL_, { fetch: server.fetch, onGap });
    const gap = 'id: e.5\nevent: throughline.gap\ndata: {"from":1,"to":5,"reason":"trimmed"}\n\n';
    await server.answer(bodyOf(gap + event(6)));
    expect((await stream.next()).value?.data).toBe("6");
    expect(onGap).toHaveBeenCalledWith(expect.objectContaining({ from: 1, to: 5 }));
    expect(stream.connection.gap).toMatchObject({ reason: "trimmed" });
    await stream.return?.();
  });
});
