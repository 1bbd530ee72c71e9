// Subscriptions that go on where the one before was left: after the last event that its loop was handed.

import { subscribe } from "throughline";
import { type CursorStorage, rememberCursors } from "throughline/continuity";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bodyOf, event, type FakeServer, fakeServer, hello } from "../client/fake-server.js";

const URL_ = "http://a.test/feed";
const END = 'id: e.3\nevent: throughline.end\ndata: {"reason":"done"}\n\n';
const events = [1, 2, 3].map((id) => event(`e.${id}`, String(id))).join("");

let server: FakeServer;
let continuity: ReturnType<typeof rememberCursors>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  server = fakeServer();
  continuity = rememberCursors();
});
afterEach(() => vi.useRealTimers());

const open = (options = {}) => subscribe(URL_, { fetch: server.fetch, continuity, ...options });

/** The cursor that the next subscription shows. */
async function shownNext(): Promise<string | undefined> {
  const next = open();
  const request = server.requests.at(-1);
  await next.return?.();
  return request?.headers["last-event-id"];
}

describe("the next subscription for a URL", () => {
  it("goes on after the event in whose turn the loop was left, whatever has come already", async () => {
    const stream = open();
    const reading = (async () => {
      for await (const { data } of stream) if (data === "2") break;
    })();
    await server.answer(bodyOf(hello() + events));
    await reading;
    expect(await shownNext()).toBe("e.2");
  });

  it("goes on where the signal has ended the one before", async () => {
    const controller = new AbortController();
    const stream = open({ signal: controller.signal });
    const first = stream.next();
    await server.answer(bodyOf(hello() + events));
    expect((await first).value).toMatchObject({ data: "1" });
    controller.abort();
    expect(await shownNext()).toBe("e.1");
  });

  it("goes on from the beginning of one that was handed nothing", async () => {
    const stream = open({ lastEventId: "e.0" });
    await server.answer(bodyOf(hello() + events));
    await stream.return?.();
    expect(await shownNext()).toBe("e.0");
  });

  it("goes on from a heartbeat where everything was handed out", async () => {
    const stream = open();
    const first = stream.next();
    await server.answer(
      bodyOf(`${hello()}${event("e.1", "1")}id: e.9\nevent: throughline.heartbeat\ndata: {}\n\n`),
    );
    await first;
    await stream.return?.();
    expect(await shownNext()).toBe("e.9");
  });

  it("begins anew after a stream that was complete, and read to its end", async () => {
    const stream = open();
    const reading = (async () => {
      for await (const _ of stream);
    })();
    await server.answer(bodyOf(hello() + events + END));
    await reading;
    expect(await shownNext()).toBeUndefined();
  });

  it("goes on in a stream that was complete, but not read to its end", async () => {
    const stream = open();
    const first = stream.next();
    await server.answer(bodyOf(hello() + events + END));
    await first;
    await stream.return?.();
    expect(await shownNext()).toBe("e.1");
  });

  it("finds the place in a storage while the one before is still open", async () => {
    const items = new Map<string, string>();
    const storage: CursorStorage = {
      getItem: (name) => items.get(name) ?? null,
      setItem: (name, value) => void items.set(name, value),
    };
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
    continuity = rememberCursors({ storage });
    const stream = open();
    const first = stream.next();
    await server.answer(bodyOf(hello() + events));
    await first;
    await vi.advanceTimersByTimeAsync(1000);
    continuity = rememberCursors({ storage });
    expect(await shownNext()).toBe("e.1");
    await stream.return?.();
  });
});
