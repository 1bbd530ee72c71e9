// The next connection before this one is dropped, and headers that the application computes, on virtual
// time.

import { EventSource, type EventSourceOptions, type HeadersCause } from "throughline";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bodyOf, event, type FakeServer, fakeServer, hello, refusal } from "./fake-server.js";

const DRAIN = 'event: throughline.drain\ndata: {"withinMs":1000}\n\n';
const RENEW = 'event: throughline.renew\ndata: {"expiresInMs":2000}\n\n';

/** The notice that what comes after `from` is missing, up to the offset of `id`. */
function gap(id: string, reason: string, from: number | null): string {
  const to = from === null ? null : Number(id.split(".")[1]);
  return `id: ${id}\nevent: throughline.gap\ndata: ${JSON.stringify({ from, to, reason })}\n\n`;
}

let server: FakeServer;
let source: EventSource;
let seen: string[];
let announced: string[];

function open(options: EventSourceOptions = {}): void {
  source = new EventSource("http://a.test/feed", { fetch: server.fetch, ...options });
  seen = [];
  announced = [];
  source.onmessage = ({ data, lastEventId }) => seen.push(`${data}@${lastEventId}`);
  source.onopen = () => announced.push("open");
  source.onerror = () => announced.push("error");
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const states = () => [source.connection.state, source.connection.reason];

/** Opens a stream and has it drained: request 0 is open, request 1 is the successor's. */
async function drained(options: EventSourceOptions = {}): Promise<void> {
  open(options);
  await server.answer(bodyOf(hello() + event("e.1", "a")));
  await pass(1000);
  await server.send(DRAIN);
  await pass(500);
  expect(server.requests).toHaveLength(2);
}

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

describe("a handover", () => {
  it("loses nothing, repeats nothing and announces nothing, while events come on both", async () => {
    await drained();
    await server.send(event("e.2", "b"), 0);
    await server.answer(bodyOf("", {}), 1);
    await server.send(event("e.3", "c"), 0);
    expect(server.requests[0]?.signal.aborted).toBe(false);
    await server.send(hello() + event("e.2", "b") + event("e.3", "c") + event("e.4", "d"), 1);
    expect(server.requests[0]?.signal.aborted).toBe(true);
    await server.send(event("e.5", "e"), 1);
    expect(seen).toEqual(["a@e.1", "b@e.2", "c@e.3", "d@e.4", "e@e.5"]);
    expect(server.requests[1]?.headers["last-event-id"]).toBe("e.1");
    expect(announced).toEqual(["open"]);
    expect(states()).toEqual(["live", "open"]);
    expect(source.connection.snapshot.incidents).toEqual([]);
  });

  it("repeats nothing where the successor tells a gap that the old stream has led beyond", async () => {
    await drained();
    await server.send(event("e.2", "b") + event("e.3", "c"), 0);
    await server.answer(bodyOf(hello() + gap("e.2", "trimmed", 2) + event("e.3", "c")), 1);
    await server.send(event("e.4", "d"), 1);
    expect(seen).toEqual(["a@e.1", "b@e.2", "c@e.3", "d@e.4"]);
    expect(source.connection.gap).toBeUndefined();
  });

  it("never goes back to a log that was replaced meanwhile", async () => {
    await drained();
    await server.answer(bodyOf("", {}), 1);
    await server.send(gap("f.0", "reset", null) + event("f.1", "b"), 0);
    expect(server.requests[1]?.signal.aborted).toBe(true);
    await pass(1600);
    expect(server.requests[2]?.headers["last-event-id"]).toBe("f.1");
    await server.answer(bodyOf(hello() + event("f.2", "c")), 2);
    expect([seen, announced]).toEqual([["a@e.1", "b@f.1", "c@f.2"], ["open"]]);
  });

  it("shows in the channel why it is under way", async () => {
    await drained();
    expect([states(), source.readyState]).toEqual([["live", "drained"], 1]);
  });

  it("keeps the old stream where the new server refuses, and tries again", async () => {
    await drained();
    await server.answer(refusal(503), 1);
    await server.send(event("e.2", "b"), 0);
    await pass(1600);
    expect(server.requests).toHaveLength(3);
    await server.answer(bodyOf(hello() + event("e.3", "c")), 2);
    expect([seen, announced]).toEqual([["a@e.1", "b@e.2", "c@e.3"], ["open"]]);
  });

  it("goes on with the successor where the old stream ends first", async () => {
    await drained();
    await server.end(0);
    expect(states()).toEqual(["connecting", "drained"]);
    await server.answer(bodyOf(hello() + event("e.2", "b")), 1);
    expect(seen).toEqual(["a@e.1", "b@e.2"]);
    expect([announced, server.requests.length]).toEqual([["open", "error", "open"], 2]);
  });

  it("goes on with a successor that was answered before the old stream broke", async () => {
    await drained();
    await server.answer(bodyOf(""), 1);
    await server.breakOff(0);
    expect(states()).toEqual(["live", "open"]);
    await server.send(hello() + event("e.2", "b"), 1);
    expect([seen, server.requests.length]).toEqual([["a@e.1", "b@e.2"], 2]);
  });

  it("is called off where the application closes the source", async () => {
    await drained();
    source.close();
    expect(server.requests.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    await pass(60_000);
    expect(server.requests).toHaveLength(2);
  });

  it("leaves a lease behind, and takes the new one up", async () => {
    open();
    const lease = (name: string) => ({ lease: { url: `/leases/${name}`, everyMs: 1000 } });
    await server.answer(bodyOf(hello(lease("old")) + DRAIN));
    await pass(1001);
    await server.answer(bodyOf(hello(lease("new"))), 1);
    const before = server.leases.length;
    await pass(1000);
    const later = server.leases.slice(before).map(({ url }) => url);
    expect(later).toEqual(["http://a.test/leases/new"]);
  });

  it("leaves the stream to the browser's own class where the flag says so by then", async () => {
    const made: string[] = [];
    class Native extends EventTarget {
      readonly readyState = 0;
      constructor(url: string) {
        super();
        made.push(url);
      }
      close(): void {}
    }
    vi.stubGlobal("EventSource", Native);
    let transport: "throughline" | "native" = "throughline";
    open({ transport: () => transport });
    await server.answer(bodyOf(hello() + event("e.1", "a") + DRAIN));
    transport = "native";
    await pass(1500);
    expect(made).toEqual(["http://a.test/feed?cursor=e.1"]);
    expect(server.requests.map(({ signal }) => signal.aborted)).toEqual([true]);
  });
});

describe("headers of the application", () => {
  it("go with every request, and never in place of our own", async () => {
    open({ headers: { Authorization: "Bearer 1", ACCEPT: "text/html" }, lastEventId: "e.1" });
    expect(server.requests[0]?.headers).toEqual({
      authorization: "Bearer 1",
      accept: "text/event-stream",
      "last-event-id": "e.1",
    });
  });

  it("are asked for before each attempt, with the cause", async () => {
    const causes: HeadersCause[] = [];
    open({
      headers: (cause) => {
        causes.push(cause);
        return Promise.resolve({ authorization: `Bearer ${causes.length}` });
      },
    });
    await pass(0);
    await server.answer(refusal(401));
    await pass(100);
    await server.answer(bodyOf(hello() + RENEW));
    await pass(1000);
    await server.answer(bodyOf(hello()), 2);
    await server.breakOff(2);
    await pass(300);
    expect(causes).toEqual(["connect", "unauthorized", "expiring", "connect"]);
    expect(server.requests.map(({ headers }) => headers["authorization"])).toEqual([
      "Bearer 1",
      "Bearer 2",
      "Bearer 3",
      "Bearer 4",
    ]);
    expect(announced).toEqual(["open", "error"]);
  });

  it("may come late: the server's time begins when the request leaves", async () => {
    let give: (headers: { authorization: string }) => void = () => {};
    open({
      headers: () =>
        new Promise((resolve) => {
          give = resolve;
        }),
    });
    await pass(20_000);
    expect([server.requests, states()]).toEqual([[], ["connecting", "opening"]]);
    give({ authorization: "late" });
    await pass(1600);
    expect(server.requests).toHaveLength(1);
    await server.answer(bodyOf(hello() + event("e.1", "a")));
    expect(seen).toEqual(["a@e.1"]);
  });

  it("that cannot be had are asked for again, and the failure is reported", async () => {
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    const ask = vi.fn().mockRejectedValueOnce(new Error("token service")).mockResolvedValue({});
    open({ headers: ask });
    await pass(1);
    expect(states()).toEqual(["waiting", "unauthorized"]);
    await pass(300);
    expect(server.requests).toHaveLength(1);
    expect(reported).toHaveBeenCalledWith(new Error("token service"));
  });

  it("that cannot be had for a handover leave the old stream in use", async () => {
    vi.stubGlobal("reportError", () => {});
    const ask = vi.fn((cause: HeadersCause): Record<string, string> => {
      if (cause === "expiring") throw new Error("token service");
      return {};
    });
    open({ headers: ask });
    await pass(0);
    await server.answer(bodyOf(hello() + RENEW));
    await pass(1200);
    expect(ask).toHaveBeenCalledWith("expiring");
    await server.send(event("e.1", "a"), 0);
    expect([seen, announced, server.requests.length]).toEqual([["a@e.1"], ["open"], 1]);
  });

  it("are not asked for in a loop where the server goes on refusing", async () => {
    const ask = vi.fn(() => ({}));
    open({ headers: ask });
    await pass(0);
    await server.answer(refusal(401));
    await pass(100);
    await server.answer(refusal(401));
    expect(states()).toEqual(["failed", "unauthorized"]);
    await pass(3_600_000);
    expect(ask).toHaveBeenCalledTimes(2);
    source.reconnect();
    await pass(0);
    expect(server.requests).toHaveLength(3);
  });

  it("are not waited for any more once the source is closed", async () => {
    let give: (headers: object) => void = () => {};
    open({
      headers: () =>
        new Promise((resolve) => {
          give = resolve as typeof give;
        }),
    });
    await pass(0);
    source.close();
    give({});
    await pass(1000);
    expect(server.requests).toEqual([]);
  });
});
