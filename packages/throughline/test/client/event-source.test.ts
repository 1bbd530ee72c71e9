// The drop-in on virtual time: what it does with a Throughline server, and what it shows.

import { EventSource, type EventSourceOptions, StreamError } from "throughline";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bodyOf, event, type FakeServer, fakeServer, hello, refusal } from "./fake-server.js";

let server: FakeServer;
let source: EventSource;
let seen: string[];

function open(options: EventSourceOptions = {}, url = "http://a.test/feed"): EventSource {
  source = new EventSource(url, { fetch: server.fetch, ...options });
  seen = [];
  source.onmessage = ({ data, lastEventId }) => seen.push(`${data}@${lastEventId}`);
  return source;
}

/** Lets time pass until the next request leaves. */
async function nextRequest(): Promise<void> {
  const before = server.requests.length;
  while (server.requests.length === before) await pass(20);
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  server = fakeServer();
});

afterEach(() => {
  source.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("exactly once", () => {
  it("drops what it has had, across two drops in a row with a replay between", async () => {
    open();
    await server.answer(bodyOf(hello() + event("e.1", "a") + event("e.2", "b")));
    await server.breakOff();
    await nextRequest();
    await server.answer(bodyOf(hello() + event("e.2", "b") + event("e.3", "c")));
    await server.breakOff();
    await nextRequest();
    await server.answer(
      bodyOf(hello() + event("e.1", "a") + event("e.3", "c") + event("e.4", "d")),
    );
    expect(seen).toEqual(["a@e.1", "b@e.2", "c@e.3", "d@e.4"]);
    expect(server.requests.map(({ headers }) => headers["last-event-id"])).toEqual([
      undefined,
      "e.2",
      "e.3",
    ]);
    expect(source.connection.statistics).toMatchObject({
      eventsDelivered: 4,
      duplicatesDropped: 3,
    });
  });

  it("tells a gap before any later event, and goes on where the server says", async () => {
    const order: string[] = [];
    open({
      lastEventId: "e.3",
      onGap: ({ from, to, reason }) => order.push(`gap ${from}-${to} ${reason}`),
    });
    source.addEventListener("message", ({ data }) => order.push(data));
    const gap = 'id: f.0\nevent: throughline.gap\ndata: {"from":4,"to":6,"reason":"reset"}\n\n';
    await server.answer(bodyOf(hello({ resume: "gap" }) + gap + event("f.1", "x")));
    expect(order).toEqual(["gap 4-6 reset", "x"]);
    expect(source.connection.gap).toMatchObject({ from: 4, to: 6, reason: "reset" });
    expect(source.lastEventId).toBe("f.1");
  });

  it("moves its cursor with heartbeats and id-only blocks, without an event", async () => {
    open();
    await server.answer(bodyOf(`${hello()}id: e.7\nevent: throughline.heartbeat\ndata: {}\n\n`));
    expect([source.lastEventId, seen]).toEqual(["e.7", []]);
    await server.send("id: e.8\n\n");
    expect(source.lastEventId).toBe("e.8");
  });

  it("hands out nothing more once a handler has closed it", async () => {
    open();
    source.addEventListener("message", () => source.close());
    await server.answer(bodyOf(hello() + event("e.1", "a") + event("e.2", "b")));
    expect(seen).toEqual(["a@e.1"]);
    expect(server.requests[0]?.signal.aborted).toBe(true);
  });

  it("starts anew, in the middle of a chunk, when a handler asks for it", async () => {
    open();
    await server.answer(bodyOf(hello()));
    await pass(1500);
    source.addEventListener("message", () => source.reconnect(), { once: true });
    await server.send(event("e.1", "a") + event("e.2", "b"));
    expect(seen).toEqual(["a@e.1"]);
    await server.answer(bodyOf(hello() + event("e.2", "b")));
    expect(seen).toEqual(["a@e.1", "b@e.2"]);
  });
});

describe("towards the server", () => {
  it("renews its lease at the interval, with its cursor, without a preflight", async () => {
    open();
    const lease = { url: "../leases/c1", everyMs: 30_000 };
    await server.answer(bodyOf(hello({ lease }) + event("e.5", "a")));
    for (let i = 0; i < 61; i++) {
      await pass(500);
      await server.send(":\n\n");
    }
    expect(server.leases).toMatchObject([
      { url: "http://a.test/leases/c1", body: "e.5", headers: {} },
    ]);
    source.close();
    await pass(60_000);
    expect(server.leases).toHaveLength(1);
  });

  it.each(["http://[", "//elsewhere.test/leases/c1", "https://a.test/leases/c1"])(
    "keeps no lease at an address that is none, or of another origin: %s",
    async (url) => {
      open();
      await server.answer(bodyOf(hello({ lease: { url, everyMs: 100 } }) + event("e.1", "a")));
      await pass(1000);
      expect([seen, server.leases]).toEqual([["a@e.1"], []]);
    },
  );

  it("connects again when the server has forgotten it, although bytes still come", async () => {
    server.leaseStatus = 404;
    open();
    await server.answer(bodyOf(hello({ lease: { url: "/l/c1", everyMs: 5000 } })));
    for (let i = 0; i < 9; i++) {
      await pass(500);
      await server.send(":\n\n");
    }
    await nextRequest();
    expect(server.requests).toHaveLength(2);
    expect(source.connection.snapshot.incidents.at(-1)?.reason).toBe("lease-lost");
  });

  it("goes on when its renewal reached another hub behind the same address", async () => {
    server.leaseStatus = 421;
    open();
    await server.answer(bodyOf(hello({ lease: { url: "/l/c1", everyMs: 5000 } })));
    for (let i = 0; i < 21; i++) {
      await pass(500);
      await server.send(":\n\n");
    }
    expect([server.leases.length, server.requests.length]).toEqual([2, 1]);
  });

  it("ends for good when the stream is complete, after its last event", async () => {
    open();
    const end = 'id: e.2\nevent: throughline.end\ndata: {"reason":"done"}\n\n';
    await server.answer(bodyOf(hello() + event("e.2", "last") + end));
    expect(seen).toEqual(["last@e.2"]);
    expect([source.readyState, source.connection.reason]).toEqual([2, "complete"]);
    await pass(60_000);
    expect(server.requests).toHaveLength(1);
  });

  it("tells how long a disruption lasted, once, with the next renewal", async () => {
    const lease = { url: "../leases/c1", everyMs: 3000 };
    open();
    await server.answer(bodyOf(hello()));
    await pass(500);
    await server.breakOff();
    await nextRequest();
    const [disruption] = source.connection.snapshot.incidents;
    await server.answer(bodyOf(hello({ lease })));
    const healedMs = Date.now();
    for (let i = 0; i < 13; i++) {
      await pass(500);
      await server.send(":\n\n");
    }
    const [first, second] = server.leases.map(({ url }) => new URL(url).searchParams);
    const toldMs = Number(first?.get("recovered"));
    expect(toldMs).toBeCloseTo(healedMs - (disruption?.lastByteAtMs ?? 0), -1);
    expect(second?.get("recovered")).toBeNull();
  });

  it("leaves within the time that drain gives", async () => {
    open();
    await server.answer(bodyOf(hello()));
    await pass(1100);
    await server.send('event: throughline.drain\ndata: {"withinMs":1000}\n\n');
    await pass(500);
    expect(server.requests).toHaveLength(2);
  });

  it("takes reconnectionTime from the server", async () => {
    open();
    expect(source.reconnectionTime).toBe(300);
    await server.answer(bodyOf("retry: 4321\n\n"));
    expect(source.reconnectionTime).toBe(4321);
  });

  it("gives a server without a pulse the idle timeout that it is told, and no other", async () => {
    const plain = {
      status: 200,
      headers: { "content-type": "text/event-stream" },
      text: "data: a\n\n",
    };
    open({ idleTimeoutMs: 4000 });
    await server.answer(plain);
    await pass(4200);
    expect(server.requests).toHaveLength(2);
    source.close();
    server = fakeServer();
    open();
    await server.answer(plain);
    await pass(3_600_000);
    expect(server.requests).toHaveLength(1);
  });
});

describe("the cursor towards another origin", () => {
  const foreign = { "throughline-pulse": "" };

  beforeEach(() =>
    vi.stubGlobal("location", { origin: "http://page.test", href: "http://page.test/" }),
  );

  it("is a parameter for a server that greeted", async () => {
    open();
    await server.answer(bodyOf(hello() + event("e.1", "a")));
    await server.breakOff();
    await nextRequest();
    expect(server.requests[1]?.url).toBe("http://a.test/feed?cursor=e.1");
    expect(server.requests[1]?.headers).not.toHaveProperty("last-event-id");
  });

  it("is left out by turns where a preflight may be what fails, and the hole is told", async () => {
    const onGap = vi.fn();
    open({ onGap });
    await server.answer(bodyOf("id: 1\ndata: a\n\n", foreign));
    await server.breakOff();
    await nextRequest();
    expect(server.requests[1]?.headers).toHaveProperty("last-event-id", "1");
    await server.breakOff();
    await nextRequest();
    expect(server.requests[2]?.headers).not.toHaveProperty("last-event-id");
    await server.answer(bodyOf("id: 9\ndata: z\n\n", foreign));
    expect(onGap).toHaveBeenCalledWith(
      expect.objectContaining({ from: null, reason: "unknown-cursor" }),
    );
    expect(seen).toEqual(["a@1", "z@9"]);
  });

  it("stays a header for a server that has answered one", async () => {
    open();
    for (const id of ["1", "2", "3"]) {
      await server.answer(bodyOf(`id: ${id}\ndata: a\n\n`, foreign));
      await server.breakOff();
      await nextRequest();
    }
    await server.breakOff();
    await nextRequest();
    expect(server.requests.slice(1).every(({ headers }) => "last-event-id" in headers)).toBe(true);
  });

  it.each(["header", "query"] as const)(
    "goes as %s where the application says so",
    async (resumeBy) => {
      open({ resumeBy, lastEventId: "earliest" });
      expect("last-event-id" in (server.requests[0]?.headers ?? {})).toBe(resumeBy === "header");
      expect(server.requests[0]?.url.includes("cursor=earliest")).toBe(resumeBy === "query");
    },
  );
});

describe("the connection channel", () => {
  it("tells every change, and gives the same snapshot until the next", async () => {
    open();
    const states: string[] = [];
    const stop = source.connection.subscribe(({ state, reason }) =>
      states.push(`${state}/${reason}`),
    );
    await server.answer(bodyOf(hello()));
    const { snapshot } = source.connection;
    await server.send(event("e.1", "a"));
    expect(source.connection.snapshot).toBe(snapshot);
    await pass(1900);
    stop();
    await server.breakOff();
    expect(states).toEqual(["live/open", "stale/silent", "waiting/silent", "connecting/silent"]);
  });

  it("keeps the history of disruptions in epoch time", async () => {
    open();
    await server.answer(bodyOf(hello()));
    const startMs = Date.now();
    await pass(500);
    await server.breakOff();
    await pass(200);
    await server.answer(bodyOf(hello()));
    const [incident] = source.connection.snapshot.incidents;
    expect(incident).toMatchObject({ reason: "network", attempts: 1 });
    expect((incident?.detectedAtMs ?? 0) - startMs).toBeCloseTo(500, -1);
    expect((incident?.healedAtMs ?? 0) - startMs).toBeGreaterThanOrEqual(640);
  });

  it("shows the same times of a disruption for ever, whatever the clocks do", async () => {
    open();
    await server.answer(bodyOf(hello()));
    await server.breakOff();
    const [before] = source.connection.snapshot.incidents;
    const epochMs = Date.now();
    vi.spyOn(Date, "now").mockImplementation(() => epochMs + 10_001.4);
    await pass(300);
    const [after] = source.connection.snapshot.incidents;
    expect(after?.begunAtMs).toBeGreaterThan(0);
    expect(after).toMatchObject({
      lastByteAtMs: before?.lastByteAtMs,
      detectedAtMs: before?.detectedAtMs,
    });
  });

  it("counts no failed attempts any more once the connection is proven", async () => {
    open();
    await server.answer(bodyOf(hello()));
    await server.breakOff();
    await nextRequest();
    await server.answer(bodyOf(hello()));
    expect(source.connection.snapshot.attempts).toBe(1);
    for (let i = 0; i < 11; i++) {
      await pass(500);
      await server.send(":\n\n");
    }
    expect(source.connection.snapshot.attempts).toBe(0);
  });

  it("shows when the next attempt is due, also when that is brought forward", async () => {
    const page = new EventTarget();
    vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
    vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
    vi.spyOn(Math, "random").mockReturnValue(0.999);
    open();
    for (let i = 0; i < 4; i++) {
      await server.breakOff();
      await nextRequest();
    }
    await server.breakOff();
    const dueInMs = () => (source.connection.snapshot.nextAttemptAtMs ?? 0) - Date.now();
    expect(dueInMs()).toBeGreaterThan(2000);
    page.dispatchEvent(new Event("online"));
    expect(dueInMs()).toBeLessThan(300);
  });

  it("survives a listener that throws", async () => {
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    open();
    const later = vi.fn();
    source.connection.subscribe(() => {
      throw new Error("mine");
    });
    source.connection.subscribe(later);
    await server.answer(bodyOf(hello()));
    expect(later).toHaveBeenCalled();
    expect(reported).toHaveBeenCalledWith(new Error("mine"));
  });
});

describe("bad input", () => {
  it.each([
    [{ connectTimeoutMs: 0 }, "connectTimeoutMs: expected a number above 0, got 0"],
    [{ retryLimit: -1 }, "retryLimit: expected a number from 0, got -1"],
    [{ refusalLimit: Number.NaN }, "refusalLimit: expected a number from 0, got NaN"],
    [{ transport: "carrier-pigeon" as "native" }, "transport: expected throughline or native"],
    [{ resumeBy: "body" as "query" }, "resumeBy: expected auto or header or query"],
  ])("is refused with the option's name: %j", (options, message) => {
    open();
    expect(() => new EventSource("http://a.test/", options)).toThrow(message);
    expect(() => new EventSource("http://a.test/", options)).toThrow(StreamError);
  });

  it("is a SyntaxError where the URL cannot be parsed, as in the standard", () => {
    open();
    expect(() => new EventSource("/relative")).toThrow(DOMException);
  });
});

describe("the retry limit", () => {
  it("ends in `failed`, and reconnect leads out of it", async () => {
    open({ retryLimit: 1 });
    await server.answer(refusal(503));
    await pass(3000);
    await server.answer(refusal(503));
    expect([source.connection.state, source.connection.reason]).toEqual(["failed", "retry-limit"]);
    await pass(60_000);
    expect(server.requests).toHaveLength(2);
    source.reconnect();
    expect(server.requests).toHaveLength(3);
  });
});

describe("in quiet mode", () => {
  const told: string[] = [];

  function openQuietly(options: EventSourceOptions = {}): void {
    open({ quiet: true, ...options });
    told.length = 0;
    for (const type of ["open", "error"]) {
      source.addEventListener(type, () => told.push(`${type} ${source.readyState}`));
    }
  }

  it("what heals by itself is not told, but for the state", async () => {
    openQuietly();
    await server.breakOff();
    await nextRequest();
    await server.answer(bodyOf(hello() + event("e.1", "a")));
    await server.breakOff();
    expect(source.readyState).toBe(EventSource.CONNECTING);
    expect(source.connection.state).toBe("waiting");
    await nextRequest();
    await server.answer(bodyOf(hello() + event("e.2", "b")));
    expect(seen).toEqual(["a@e.1", "b@e.2"]);
    expect(told).toEqual(["open 1"]);
    expect(source.connection.snapshot.incidents).toHaveLength(1);
  });

  it("the error is told that nothing comes after, and what follows from help", async () => {
    openQuietly({ refusalLimit: 1 });
    await server.answer(bodyOf(hello()));
    await server.breakOff();
    for (let time = 0; time < 2; time += 1) {
      await nextRequest();
      await server.answer(refusal(404));
    }
    expect(told).toEqual(["open 1", "error 2"]);
    source.reconnect();
    await pass(2000);
    await server.answer(bodyOf(hello()));
    expect(told).toEqual(["open 1", "error 2", "open 1"]);
  });

  it("the end of a stream that is complete is told", async () => {
    openQuietly();
    await server.answer(bodyOf(`${hello()}event: throughline.end\ndata: {}\n\n`));
    expect(told).toEqual(["open 1", "error 2"]);
  });
});
