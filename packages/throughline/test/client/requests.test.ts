// What the application says of its requests: method, body, URL, cookies, and when to stop. On virtual
// time.

import { EventSource, type EventSourceOptions, StreamError, subscribe } from "throughline";
import { rememberCursors } from "throughline/continuity";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bodyOf, event, type FakeServer, fakeServer, hello, refusal } from "./fake-server.js";

const FEED = "http://a.test/feed";

let server: FakeServer;
let source: EventSource;

function open(options: EventSourceOptions = {}): EventSource {
  source = new EventSource(FEED, { fetch: server.fetch, ...options });
  return source;
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** Has the stream answered and broken off, and waits for the reader to come back. */
async function drop(text = hello() + event("e.1", "a")): Promise<void> {
  await server.answer(bodyOf(text));
  await server.breakOff();
  await nextRequest();
}

async function nextRequest(): Promise<void> {
  const before = server.requests.length;
  while (server.requests.length === before) await pass(20);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  server = fakeServer();
});

afterEach(() => {
  source?.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("a body", () => {
  it("goes with each request, by POST, and the cursor beside it as a header", async () => {
    open({ body: '{"ask":1}', headers: { "Content-Type": "application/json" } });
    await drop();
    const [first, second] = server.requests;
    for (const request of [first, second]) {
      expect(request).toMatchObject({ method: "POST", body: '{"ask":1}' });
      expect(request?.headers).toHaveProperty("content-type", "application/json");
    }
    expect(first?.headers).not.toHaveProperty("last-event-id");
    expect(second?.headers).toHaveProperty("last-event-id", "e.1");
  });

  it("can be a function, which is asked before each", async () => {
    let count = 0;
    open({ body: async () => `question ${++count}` });
    await pass(0);
    await drop();
    expect(server.requests.map(({ body }) => body)).toEqual(["question 1", "question 2"]);
  });

  it("goes by the method that is said, and none goes without one", async () => {
    open({ body: "x", method: "PUT" });
    expect(server.requests[0]).toMatchObject({ method: "PUT", body: "x" });
    source.close();
    open({ method: "POST" });
    expect(server.requests[1]).toMatchObject({ method: "POST" });
    expect(server.requests[1]).not.toHaveProperty("body");
  });

  it.each(["GET", "head"])("is refused with %s, which would fail each time", (method) => {
    expect(() => open({ body: "x", method })).toThrow(StreamError);
    expect(() => open({ body: "x", method })).toThrow(/^method: expected .* got/);
  });
});

describe("a URL for each request", () => {
  it("is asked for with the source's own, which stays what it is called", async () => {
    let count = 0;
    const requestUrl = vi.fn(async () => `?token=${++count}`);
    open({ requestUrl });
    await pass(0);
    await drop();
    expect(server.requests.map(({ url }) => url)).toEqual([`${FEED}?token=1`, `${FEED}?token=2`]);
    expect(requestUrl).toHaveBeenCalledWith(FEED);
    expect(source.url).toBe(FEED);
  });

  it("gets the cursor where it is a parameter, and keeps its own", async () => {
    open({ requestUrl: (url) => new URL(`${url}?token=1`), resumeBy: "query" });
    await pass(0);
    await drop();
    expect(server.requests[1]?.url).toBe(`${FEED}?token=1&cursor=e.1`);
  });

  it.each([
    ["cannot be said", () => Promise.reject(new Error("no token"))],
    ["is none", () => "http://"],
  ])("that %s is reported, and asked for again", async (_, failing) => {
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    let isFailing = true;
    open({ requestUrl: (url) => (isFailing ? failing() : url) });
    await pass(0);
    expect(server.requests).toHaveLength(0);
    expect(reported).toHaveBeenCalledTimes(1);
    isFailing = false;
    await nextRequest();
    await server.answer(bodyOf(hello()));
    expect(source.readyState).toBe(EventSource.OPEN);
  });

  it("decides by itself whether it is another origin's", async () => {
    vi.stubGlobal("location", { origin: "http://a.test", href: "http://a.test/" });
    open({ requestUrl: () => "http://b.test/feed" });
    await pass(0);
    await drop();
    expect(server.requests[1]?.url).toBe("http://b.test/feed?cursor=e.1");
  });

  it("works for `subscribe`, too", async () => {
    const controller = new AbortController();
    const options = { fetch: server.fetch, signal: controller.signal };
    const events = subscribe(FEED, { ...options, requestUrl: () => "?token=1", body: "x" });
    await pass(0);
    expect(server.requests[0]).toMatchObject({ url: `${FEED}?token=1`, method: "POST" });
    controller.abort();
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });
});

describe("a 401", () => {
  it("has URL and body asked for again as well as headers, once, and goes on", async () => {
    let count = 0;
    open({
      requestUrl: () => `?token=${++count}`,
      headers: (cause) => ({ authorization: cause }),
      body: () => `body ${count}`,
    });
    await pass(0);
    await drop();
    await server.answer(refusal(401));
    await nextRequest();
    await server.answer(bodyOf(hello() + event("e.2", "b")));
    const seen = server.requests.map(({ url, headers }) => [url, headers["authorization"]]);
    expect(seen).toEqual([
      [`${FEED}?token=1`, "connect"],
      [`${FEED}?token=2`, "connect"],
      [`${FEED}?token=3`, "unauthorized"],
    ]);
    expect(source.lastEventId).toBe("e.2");
  });
});

describe("cookies", () => {
  it.each([
    { options: {}, credentials: "same-origin", withCredentials: false },
    { options: { withCredentials: true }, credentials: "include", withCredentials: true },
    { options: { credentials: "include" }, credentials: "include", withCredentials: true },
    { options: { credentials: "omit" }, credentials: "omit", withCredentials: false },
  ] as const)("go $credentials with $options, with leases too", async (row) => {
    open(row.options);
    const lease = { lease: { url: "/lease/1", everyMs: 1000 } };
    await server.answer(bodyOf(hello(lease)));
    await pass(1000);
    const requests = [...server.requests, ...server.leases];
    expect(requests.map(({ credentials }) => credentials)).toEqual([
      row.credentials,
      row.credentials,
    ]);
    expect(source.withCredentials).toBe(row.withCredentials);
  });

  it("go in no other way", () => {
    expect(() => open({ credentials: "never" as "omit" })).toThrow(/^credentials: expected/);
  });
});

describe("a signal", () => {
  it("closes the source when it is aborted, and the request with it", async () => {
    const controller = new AbortController();
    open({ signal: controller.signal });
    await server.answer(bodyOf(hello() + event("e.1", "a")));
    controller.abort();
    expect(source.readyState).toBe(EventSource.CLOSED);
    expect(server.requests[0]?.signal.aborted).toBe(true);
    await pass(60_000);
    expect(server.requests).toHaveLength(1);
  });

  it("that was aborted before leaves a source that never asks, and says nothing", async () => {
    open({ signal: AbortSignal.abort() });
    const told = vi.fn();
    source.onerror = told;
    await pass(60_000);
    expect(source.readyState).toBe(EventSource.CLOSED);
    expect(server.requests).toHaveLength(0);
    expect(told).not.toHaveBeenCalled();
  });

  it("keeps the place, as closing does", async () => {
    const continuity = rememberCursors();
    const controller = new AbortController();
    open({ continuity, signal: controller.signal });
    await server.answer(bodyOf(hello() + event("e.1", "a")));
    controller.abort();
    expect(open({ continuity }).lastEventId).toBe("e.1");
  });

  it.each([
    { how: "was closed", end: async () => source.close() },
    {
      how: "is complete",
      end: () => server.answer(bodyOf(`${hello()}event: throughline.end\ndata: {}\n\n`)),
    },
  ])("is not held by a source that $how", async ({ end }) => {
    const { signal } = new AbortController();
    const held = new Set<unknown>();
    vi.spyOn(signal, "addEventListener").mockImplementation((_, it) => void held.add(it));
    vi.spyOn(signal, "removeEventListener").mockImplementation((_, it) => void held.delete(it));
    open({ signal });
    expect(held.size).toBe(1);
    await end();
    expect(held.size).toBe(0);
  });
});

describe("the browser's cache", () => {
  it("is gone around, except towards our servers elsewhere, whose preflights it remembers", async () => {
    open();
    await drop();
    source.close();
    vi.stubGlobal("location", { origin: "http://page.test", href: "http://page.test/" });
    open({ headers: { authorization: "Bearer x" } });
    await drop(event("1", "a"));
    await drop();
    expect(server.requests.map(({ cache }) => cache)).toEqual([
      "no-store",
      "no-store",
      "no-store",
      "no-store",
      "default",
    ]);
    // A preflight is remembered for one URL.
    expect(server.requests.at(-1)).toMatchObject({
      url: FEED,
      headers: { "last-event-id": "e.1" },
    });
  });

  it("is not what keeps a reader away whose servers allow their headers, but not the place", async () => {
    vi.stubGlobal("location", { origin: "http://page.test", href: "http://page.test/" });
    open({ headers: { authorization: "Bearer x" } });
    await drop();
    await server.breakOff();
    await nextRequest();
    expect(server.requests.at(-1)?.url).toBe(`${FEED}?cursor=e.1`);
  });
});
