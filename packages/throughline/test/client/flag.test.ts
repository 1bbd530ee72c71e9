// The flag: who keeps the connection, asked at every attempt.

import {
  defineEventSource,
  EventSource,
  installEventSource,
  type TransportName,
} from "throughline";
import { rollOut } from "throughline/roll-out";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bodyOf, event, type FakeServer, fakeServer, hello } from "./fake-server.js";
import { NativeStub } from "./native-stub.js";

let server: FakeServer;
const native = () => NativeStub.made.at(-1) as NativeStub;
const URL_ = "http://a.test/feed";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  vi.stubGlobal("EventSource", NativeStub);
  NativeStub.made.length = 0;
  server = fakeServer();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("with the flag at native", () => {
  it("the browser's class does the work, and what it says is passed on", () => {
    const source = new EventSource(URL_, { transport: "native", withCredentials: true });
    const seen: string[] = [];
    for (const type of ["open", "message", "alert", "error"]) {
      source.addEventListener(type, (event) => seen.push(`${type}:${event.data ?? ""}`));
    }
    native().open();
    native().say("message", "a", "1");
    native().say("alert", "b", "2");
    native().fail(0);
    expect(seen).toEqual(["open:", "message:a", "alert:b", "error:"]);
    expect(native().init.withCredentials).toBe(true);
    expect(source.lastEventId).toBe("2");
    expect(source.connection.snapshot).toMatchObject({ transport: "native", reason: "native" });
    source.close();
    expect([source.readyState, native().readyState]).toEqual([2, 2]);
  });

  it("heartbeats move its cursor, and gaps are told", () => {
    const onGap = vi.fn();
    const source = new EventSource(URL_, { transport: "native", onGap });
    native().open();
    native().say("throughline.heartbeat", "{}", "e.5");
    expect(source.lastEventId).toBe("e.5");
    native().say("throughline.gap", '{"from":6,"to":8,"reason":"trimmed"}', "e.8");
    expect(onGap).toHaveBeenCalledWith(expect.objectContaining({ from: 6, to: 8 }));
    expect(source.connection.gap).toMatchObject({ reason: "trimmed" });
  });

  it("its giving up is visible, and reconnect leads out of it", () => {
    const source = new EventSource(URL_, { transport: "native" });
    native().fail(2);
    expect(source.connection.state).toBe("failed");
    source.reconnect();
    expect(NativeStub.made).toHaveLength(2);
    expect(source.connection.state).toBe("connecting");
  });
});

describe("a flag that is a function", () => {
  it("is asked before every attempt, and flips to native with the cursor kept", async () => {
    let flag: TransportName = "throughline";
    const source = new EventSource(URL_, { transport: () => flag, fetch: server.fetch });
    await server.answer(bodyOf("id: e.4\ndata: a\n\n"));
    expect(source.connection.snapshot.transport).toBe("throughline");
    flag = "native";
    await server.breakOff();
    await vi.advanceTimersByTimeAsync(2000);
    expect(native().url).toBe(`${URL_}?cursor=e.4`);
    expect(server.requests).toHaveLength(1);
    expect(source.connection.snapshot.transport).toBe("native");
  });

  it("flips back when the native source is about to try again", async () => {
    let flag: TransportName = "native";
    const source = new EventSource(URL_, { transport: () => flag, fetch: server.fetch });
    source.addEventListener("message", () => {});
    native().open();
    native().say("message", "a", "e.4");
    flag = "throughline";
    native().fail(0);
    expect(native().readyState).toBe(2);
    expect(server.requests[0]?.headers["last-event-id"]).toBe("e.4");
    await server.answer(bodyOf(""));
    expect(source.readyState).toBe(EventSource.OPEN);
    flag = "native";
    await server.breakOff();
    await vi.advanceTimersByTimeAsync(2000);
    flag = "throughline";
    native().fail(0);
    expect(server.requests).toHaveLength(2);
  });

  it("takes along what the native source has learned of the server: its cursors cost no preflight", async () => {
    vi.stubGlobal("location", { origin: "http://page.test", href: "http://page.test/" });
    let flag: TransportName = "native";
    const onGap = vi.fn();
    const source = new EventSource(URL_, { transport: () => flag, fetch: server.fetch, onGap });
    native().open();
    native().say("throughline.hello", "{}");
    native().say("throughline.heartbeat", "{}", "e.4");
    flag = "throughline";
    native().fail(0);
    expect(server.requests[0]?.url).toBe(`${URL_}?cursor=e.4`);
    expect(server.requests[0]?.headers).not.toHaveProperty("last-event-id");
    await server.answer(bodyOf("id: e.5\ndata: a\n\n"));
    expect(onGap).not.toHaveBeenCalled();
    source.close();
  });

  it.each([
    { what: "a body", options: { body: "q" } },
    { what: "another method", options: { method: "POST" } },
  ])(
    "is not asked for requests with $what, which the browser's class cannot make",
    ({ options }) => {
      const transport = vi.fn(() => "native" as const);
      const source = new EventSource(URL_, { transport, fetch: server.fetch, ...options });
      expect([transport.mock.calls, NativeStub.made, source.connection.snapshot.transport]).toEqual(
        [[], [], "throughline"],
      );
      expect(server.requests[0]?.method).toBe("POST");
      source.close();
    },
  );

  it.each(["get", "GET"])("is asked where the method is said to be %s", (method) => {
    const source = new EventSource(URL_, { transport: "native", fetch: server.fetch, method });
    expect([NativeStub.made.length, server.requests.length]).toEqual([1, 0]);
    source.close();
  });

  it("changes over at once where it says so, in both directions, with the cursor kept", async () => {
    const flag = rollOut({ key: "a", percent: 100 });
    const source = new EventSource(URL_, { transport: flag, fetch: server.fetch });
    const seen: string[] = [];
    source.onmessage = ({ data }) => seen.push(data);
    const errors = vi.fn();
    source.onerror = errors;
    await server.answer(bodyOf(hello() + event("e.4", "a")));
    flag.set(50, { atOnce: true });
    flag.set(100, { atOnce: true });
    expect([server.requests.length, NativeStub.made.length]).toEqual([1, 0]);
    flag.set(0, { atOnce: true });
    expect(server.requests[0]?.signal.aborted).toBe(true);
    expect(native().url).toBe(`${URL_}?cursor=e.4`);
    native().open();
    native().say("message", "b", "e.5");
    flag.set(100, { atOnce: true });
    expect(native().readyState).toBe(2);
    expect(server.requests[1]?.headers["last-event-id"]).toBe("e.5");
    await server.answer(bodyOf(hello() + event("e.6", "c")));
    expect(seen).toEqual(["a", "b", "c"]);
    expect(errors).not.toHaveBeenCalled();
    source.close();
    flag.set(0, { atOnce: true });
    expect(NativeStub.made).toHaveLength(1);
  });

  it("has no effect where there is no native class", () => {
    vi.stubGlobal("EventSource", undefined);
    const source = new EventSource(URL_, { transport: "native", fetch: server.fetch });
    expect(server.requests).toHaveLength(1);
    source.close();
  });
});

describe("installEventSource", () => {
  it("replaces the global class, and puts it back", () => {
    const uninstall = installEventSource({ fetch: server.fetch });
    const source = new globalThis.EventSource(URL_);
    expect(source).toBeInstanceOf(EventSource);
    expect(server.requests).toHaveLength(1);
    source.close();
    uninstall();
    expect(globalThis.EventSource).toBe(NativeStub);
  });

  it("leaves the browser's own class alone with the flag at native", () => {
    const uninstall = installEventSource({ transport: "native" });
    expect(globalThis.EventSource).toBe(NativeStub);
    uninstall();
    expect(globalThis.EventSource).toBe(NativeStub);
  });

  it("still finds the browser's class for a flag that flips", () => {
    const uninstall = installEventSource({ transport: () => "native" });
    const source = new globalThis.EventSource(URL_);
    expect(NativeStub.made).toHaveLength(1);
    source.close();
    uninstall();
  });

  it("works where there was none", () => {
    vi.stubGlobal("EventSource", undefined);
    Reflect.deleteProperty(globalThis, "EventSource");
    const uninstall = installEventSource({ fetch: server.fetch });
    expect(globalThis.EventSource.name).toBe("EventSource");
    uninstall();
    expect("EventSource" in globalThis).toBe(false);
  });
});

describe("defineEventSource", () => {
  it("keeps its default where an option is given as undefined", () => {
    const Defined = defineEventSource({ fetch: server.fetch, withCredentials: true });
    const source = new Defined(URL_, { withCredentials: undefined });
    expect(source.withCredentials).toBe(true);
    source.close();
  });

  it("gives instances its defaults, which their own options override", () => {
    const Defined = defineEventSource({ fetch: server.fetch, withCredentials: true });
    const plain = new Defined(URL_);
    const own = new Defined(URL_, { withCredentials: false });
    expect([plain.withCredentials, own.withCredentials]).toEqual([true, false]);
    plain.close();
    own.close();
  });
});
