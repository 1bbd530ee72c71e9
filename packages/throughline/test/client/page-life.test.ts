// What the page goes through, and what comes of it for an open stream, on virtual time.

import { EventSource, type EventSourceOptions, subscribe } from "throughline";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bodyOf, event, type FakeServer, fakeServer, hello, tasks } from "./fake-server.js";

const LEASE = { lease: { url: "http://a.test/lease", everyMs: 30_000 } };
const PULSE = ":\n\n";

let server: FakeServer;
let source: EventSource;
let seen: string[];
let announced: string[];
let page: EventTarget;
let network: EventTarget;

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A stream that has lasted for a second. */
async function open(options: EventSourceOptions = {}): Promise<void> {
  source = new EventSource("http://a.test/feed", { fetch: server.fetch, ...options });
  seen = [];
  announced = [];
  source.onmessage = ({ data, lastEventId }) => seen.push(`${data}@${lastEventId}`);
  source.onerror = () => announced.push("error");
  await server.answer(bodyOf(hello(LEASE) + event("e.1", "a")));
  await pass(1000);
  await server.send(PULSE);
}

async function happens(type: string, target: EventTarget = page): Promise<void> {
  target.dispatchEvent(new Event(type));
  await tasks();
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  page = new EventTarget();
  network = new EventTarget();
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
  vi.stubGlobal("navigator", { connection: network });
  server = fakeServer();
});

afterEach(() => {
  source.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("a network that is back, or another one", () => {
  it.each([
    ["online", () => page],
    ["change", () => network],
  ])("has the lease renewed and the silence watched: %s", async (type, target) => {
    await open();
    await happens(type, target());
    expect(server.leases).toHaveLength(1);
    await pass(1000);
    await server.send(PULSE);
    await pass(1000);
    expect(server.requests).toHaveLength(1);
  });

  it("has a dead stream replaced before it is given up, and nothing is announced", async () => {
    await open();
    await happens("online");
    await pass(1300);
    expect(server.requests).toHaveLength(2);
    await server.answer(bodyOf(hello(LEASE) + event("e.2", "b")), 1);
    expect(server.requests[0]?.signal.aborted).toBe(true);
    expect([seen, announced]).toEqual([["a@e.1", "b@e.2"], []]);
  });

  it("has the successor dropped where the old stream was merely slow", async () => {
    await open();
    await happens("online");
    await pass(1300);
    await server.send(event("e.2", "b"), 0);
    expect(server.requests.map(({ signal }) => signal.aborted)).toEqual([false, true]);
    await server.send(event("e.3", "c"), 0);
    expect([seen, announced]).toEqual([["a@e.1", "b@e.2", "c@e.3"], []]);
  });

  it("has the lease renewed once a second at most, however often it is said", async () => {
    await open();
    for (let i = 0; i < 20; i++) {
      await happens("change", network);
      await pass(50);
    }
    expect(server.leases).toHaveLength(1);
    await happens("change", network);
    expect(server.leases).toHaveLength(2);
  });

  it("is of no interest any more once the source is closed", async () => {
    await open();
    source.close();
    await happens("change", network);
    await happens("online");
    expect(server.leases).toHaveLength(0);
  });
});

describe("a network that is said to be gone", () => {
  it("changes nothing", async () => {
    await open();
    await happens("offline");
    await pass(900);
    await server.send(event("e.2", "b"));
    expect([seen, source.readyState, server.requests.length]).toEqual([["a@e.1", "b@e.2"], 1, 1]);
  });
});

describe("a machine that slept, and whose connection did not survive it", () => {
  /** Timers do not run while it sleeps. */
  const sleep = (ms: number) => vi.setSystemTime(Date.now() + ms);

  it("is healed within 5 s of waking, where the clock stood still", async () => {
    await open();
    sleep(3_600_000);
    await pass(1800);
    expect(server.requests).toHaveLength(2);
    await server.answer(bodyOf(hello(LEASE) + event("e.2", "b")));
    expect(seen).toEqual(["a@e.1", "b@e.2"]);
  });

  it("is healed within 5 s of waking, where the clock went on", async () => {
    await open();
    const now = performance.now.bind(performance);
    vi.spyOn(performance, "now").mockImplementation(() => now() + 3_600_000);
    await pass(1800);
    expect(server.requests).toHaveLength(2);
    await server.answer(bodyOf(hello(LEASE) + event("e.2", "b")));
    expect(seen).toEqual(["a@e.1", "b@e.2"]);
  });
});

describe("a stream that its own reader holds back", () => {
  it("is no suspect", async () => {
    await open();
    source.close();
    const many = Array.from({ length: 80 }, (_, i) => event(`e.${i + 1}`, "x")).join("");
    const controller = new AbortController();
    const { signal } = controller;
    const slow = subscribe("http://a.test/feed", { fetch: server.fetch, signal });
    await server.answer(bodyOf(hello(LEASE) + many));
    await pass(10_000);
    const before = server.requests.length;
    await happens("online");
    await pass(10_000);
    expect(server.requests).toHaveLength(before);
    expect(slow.connection.state).toBe("live");
    controller.abort();
  });
});
