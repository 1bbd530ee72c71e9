// What the server says of what fills the stream.

import { EventSource } from "throughline";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bodyOf, event, type FakeServer, fakeServer, hello } from "./fake-server.js";

const STALE = 'event: throughline.source\ndata: {"state":"stale","reason":"network"}\n\n';
const LIVE = 'event: throughline.source\ndata: {"state":"live","reason":"open"}\n\n';

let server: FakeServer;
let source: EventSource;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  server = fakeServer();
  source = new EventSource("http://a.test/feed", { fetch: server.fetch });
});

afterEach(() => {
  source.close();
  vi.useRealTimers();
});

describe("the source of a stream", () => {
  it("is told in the snapshot, and to whoever watches it; the application's events are not touched", async () => {
    const seen: unknown[] = [];
    source.onmessage = ({ data }) => seen.push(data);
    source.connection.subscribe((snapshot) => seen.push(snapshot.source?.state));
    await server.answer(bodyOf(hello() + STALE + event("e.1", "a") + LIVE));
    expect(seen.filter((one) => one !== undefined)).toEqual(["stale", "a", "live"]);
    expect(source.connection.snapshot.source).toEqual({ state: "live", reason: "open" });
    expect(source.connection.state).toBe("live");
  });

  it("is not known any more after another greeting", async () => {
    await server.answer(bodyOf(hello() + STALE));
    expect(source.connection.snapshot.source?.state).toBe("stale");
    await server.breakOff();
    await vi.advanceTimersByTimeAsync(300);
    await server.answer(bodyOf(hello()));
    expect(source.connection.snapshot.source).toBeUndefined();
  });
});
