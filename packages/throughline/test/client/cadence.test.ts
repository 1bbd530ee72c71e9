// What the drop-in makes of a server that announces no pulse, but sends a comment every so often.

import { EventSource, type EventSourceOptions } from "throughline";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type FakeServer, fakeServer } from "./fake-server.js";

const EVERY_MS = 15_000;
const PLAIN = {
  status: 200,
  headers: { "content-type": "text/event-stream" },
  text: "data: a\n\n",
};

let server: FakeServer;
let source: EventSource;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  server = fakeServer();
});

afterEach(() => {
  source.close();
  vi.useRealTimers();
});

/** Opens a source and lets it hear something several times, always after the same time. */
async function hear(text: string, times: number, options: EventSourceOptions = {}): Promise<void> {
  source = new EventSource("http://a.test/feed", { fetch: server.fetch, ...options });
  await server.answer(PLAIN);
  for (let i = 0; i < times; i++) {
    await vi.advanceTimersByTimeAsync(EVERY_MS);
    await server.send(text);
  }
  await vi.advanceTimersByTimeAsync(3 * EVERY_MS + 2500);
}

it("asks again when four comments at equal distances are followed by a long silence", async () => {
  await hear(": keep-alive\n\n", 4);
  expect(server.requests).toHaveLength(2);
  expect(source.connection.snapshot.incidents[0]?.reason).toBe("silent");
});

it("takes more of what is no comment for a rhythm", async () => {
  await hear("data: tick\n\n", 11);
  expect(server.requests).toHaveLength(1);
  source.close();
  server = fakeServer();
  await hear("data: tick\n\n", 12);
  expect(server.requests).toHaveLength(2);
});

it("learns nothing where it is told that silence means nothing", async () => {
  await hear(": keep-alive\n\n", 8, { idleTimeoutMs: Infinity });
  expect(server.requests).toHaveLength(1);
});
