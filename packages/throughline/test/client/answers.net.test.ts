// Scenarios 9, 10 and 11: what HTTP says instead of a stream, on the first connect and on a reconnect.

import { EventSource, type EventSourceOptions } from "throughline";
import { afterEach, describe, expect, it } from "vitest";
import {
  type Answer,
  breaking,
  ending,
  type ScriptedServer,
  startScripted,
  status,
  stream,
} from "./scripted-server.js";
import { collect, untilReason, untilState } from "./watch.js";

let server: ScriptedServer;
let source: EventSource;

afterEach(async () => {
  source.close();
  await server.close();
});

async function open(script: readonly Answer[], options?: EventSourceOptions): Promise<EventSource> {
  server = await startScripted(...script);
  source = new EventSource(server.url, options);
  return source;
}

function pauses(): number[] {
  const times = server.requests.map(({ atMs }) => atMs);
  return times.slice(1).map((at, i) => at - (times[i] ?? 0));
}

describe("a temporary refusal", () => {
  it.each([500, 502, 503, 504, 408, 425])(
    "%i on the first connect is tried again at once",
    async (code) => {
      await collect(await open([status(code), stream("data: a\n\n")]), 1);
      expect(pauses()[0]).toBeLessThan(1000);
    },
  );

  it("503 on a reconnect, in a burst, is outlasted, and the reader resumes where it was", async () => {
    const script = [
      breaking("id: 7\ndata: a\n\n"),
      status(503),
      status(503),
      status(503),
      stream("data: b\n\n"),
    ];
    expect(await collect(await open(script), 2)).toEqual(["a", "b"]);
    expect(server.requests.at(-1)?.lastEventId).toBe("7");
  });

  it.each([429, 503])("%i with Retry-After in seconds is obeyed", async (code) => {
    await collect(await open([status(code, { "retry-after": "1" }), stream("data: a\n\n")]), 1);
    expect(pauses()[0]).toBeGreaterThanOrEqual(995);
  });

  it("429 with Retry-After as a date is obeyed", async () => {
    const date = new Date(Date.now() + 2000).toUTCString();
    await collect(await open([status(429, { "retry-after": date }), stream("data: a\n\n")]), 1);
    expect(pauses()[0]).toBeGreaterThanOrEqual(900);
  });
});

describe("a lasting refusal", () => {
  it.each([400, 401, 403, 404, 405, 410])(
    "%i on the first connect is final, as in the standard",
    async (code) => {
      await open([status(code)]);
      const error = new Promise<number>((resolve) => {
        source.onerror = () => resolve(source.readyState);
      });
      expect(await error).toBe(EventSource.CLOSED);
      const reason = code === 401 ? "unauthorized" : "refused";
      expect([source.connection.state, source.connection.reason]).toEqual(["failed", reason]);
    },
  );

  it("a redirect to a login page that does not take GET is final on the first connect", async () => {
    await open([status(302, { location: "/login" }), status(405)]);
    await untilState(source, "failed");
    expect(source.connection.reason).toBe("refused");
  });

  it("200 with another content type is final on the first connect", async () => {
    await open([status(200)]);
    await untilState(source, "failed");
    expect(source.connection.reason).toBe("not-a-stream");
  });

  it.each([401, 403, 404])("%i on a reconnect is tried again: it may be a deploy", async (code) => {
    const script = [breaking("data: a\n\n"), status(code), stream("data: b\n\n")];
    expect(await collect(await open(script), 2)).toEqual(["a", "b"]);
  });

  it("on reconnects ends in a visible state, with a way back", async () => {
    const script = [breaking("data: a\n\n"), status(404), stream("data: b\n\n")];
    const both = collect(await open(script, { refusalLimit: 0 }), 2);
    await untilState(source, "failed");
    expect(source.readyState).toBe(EventSource.CLOSED);
    source.reconnect();
    expect(await both).toEqual(["a", "b"]);
  });

  it("410 on a reconnect is final", async () => {
    await open([breaking("data: a\n\n"), status(410)]);
    await untilState(source, "failed");
    expect(server.requests).toHaveLength(2);
  });

  it("204 on a reconnect means that the stream is complete", async () => {
    await open([breaking("data: a\n\n"), status(204)]);
    await untilState(source, "closed");
    expect(source.connection.reason).toBe("complete");
  });
});

describe("what could become a loop", () => {
  it.each([
    ["opens and closes at once", ending("")],
    ["sets `retry: 0` and closes", ending("retry: 0\n\n")],
    ["says an error with status 200 and closes", ending('data: {"type":"error"}\n\n')],
    ["says complete and closes", ending('data: {"type":"complete"}\n\n')],
  ])("stays slow, and says why, with a server that %s", async (_, answer) => {
    await open([answer]);
    const startMs = performance.now();
    await untilReason(source, "short-lived");
    expect(performance.now() - startMs).toBeGreaterThan(2000);
    expect(server.requests).toHaveLength(3);
  });

  it("stays away where the application reconnects from its error handler", async () => {
    await open([status(404)]);
    source.onerror = () => source.reconnect();
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(server.requests.length).toBeLessThanOrEqual(4);
  });

  it("stays out of a listener that throws on one event for ever: the stream goes on", async () => {
    const thrown: unknown[] = [];
    const listeners = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => thrown.push(error));
    try {
      await open([stream("id: 1\ndata: a\n\nid: 2\ndata: bad\n\nid: 3\ndata: c\n\n")]);
      source.addEventListener("message", ({ data }) => {
        if (data === "bad") throw new Error("cannot read that");
      });
      expect(await collect(source, 3)).toEqual(["a", "bad", "c"]);
      await new Promise((resolve) => setImmediate(resolve));
      expect(thrown).toEqual([new Error("cannot read that")]);
      expect(server.requests).toHaveLength(1);
      expect(source.lastEventId).toBe("3");
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const listener of listeners) process.on("uncaughtException", listener);
    }
  });
});
