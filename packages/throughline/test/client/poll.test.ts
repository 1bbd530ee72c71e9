// A stream that is held back on the way, read in short responses, on virtual time.

import { EventSource, type EventSourceOptions } from "throughline";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bodyOf, event, type FakeServer, fakeServer, hello, refusal } from "./fake-server.js";

let server: FakeServer;
let source: EventSource;
let seen: string[];
let announced: string[];

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const waits = () =>
  server.requests.map(({ url }) => new URL(url).searchParams.get("throughline-wait"));
const shown = () => {
  const { state, reason, isDegraded } = source.connection.snapshot;
  return [state, reason, isDegraded, source.readyState];
};
const beat = (id: string) => `id: ${id}\nevent: throughline.heartbeat\ndata: {}\n\n`;

/** Answers a request whole, as a short response. */
async function answerWhole(text: string, request?: number): Promise<void> {
  const number = request ?? server.requests.length - 1;
  await server.answer(bodyOf(hello() + text), number);
  await server.end(number);
}

function open(options: EventSourceOptions = {}): void {
  source = new EventSource("http://a.test/feed?ward=1", { fetch: server.fetch, ...options });
  seen = [];
  announced = [];
  source.onmessage = ({ data, lastEventId }) => seen.push(`${data}@${lastEventId}`);
  source.onopen = () => announced.push("open");
  source.onerror = () => announced.push("error");
}

/** Two responses of headers alone, and the request for a short one, which is number 2. */
async function heldBack(options: EventSourceOptions = {}): Promise<void> {
  open(options);
  for (let response = 0; response < 2; response++) {
    await server.answer(bodyOf(""));
    await pass(1800);
  }
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
});

describe("a stream that is held back", () => {
  it("is asked for in short responses within 4 s, over the same URL with the same cursor", async () => {
    await heldBack({ lastEventId: "e.7" });
    expect(waits()).toEqual([null, null, "0"]);
    const { url, headers } = server.requests[2] ?? {};
    expect(url).toBe("http://a.test/feed?ward=1&throughline-wait=0");
    expect(headers?.["last-event-id"]).toBe("e.7");
  });

  it("is one stream to the application, once and in order, and nothing is announced on the way", async () => {
    await heldBack();
    await answerWhole(beat("e.0") + event("e.1", "a"));
    announced = [];
    await pass(250);
    await answerWhole(event("e.1", "a") + event("e.2", "b"));
    await pass(250);
    await answerWhole(event("e.3", "c"));
    expect(seen).toEqual(["a@e.1", "b@e.2", "c@e.3"]);
    expect(announced).toEqual([]);
    expect(waits().slice(2)).toEqual(["0", "3000", "3000"]);
    expect(server.requests[4]?.headers["last-event-id"]).toBe("e.2");
  });

  it("is shown as live, and as degraded", async () => {
    await heldBack();
    await answerWhole(beat("e.0"));
    expect(shown()).toEqual(["live", "buffered", true, 1]);
    await pass(250);
    expect(shown()).toEqual(["live", "buffered", true, 1]);
  });

  it("counts as healed by the first short response", async () => {
    await heldBack();
    await answerWhole(beat("e.0"));
    expect(source.connection.snapshot.incidents).toMatchObject([
      { reason: "silent", healedAtMs: Date.now() },
    ]);
  });

  it("goes back to a stream that brings bytes in time, and drops what comes on both ways", async () => {
    await heldBack();
    await answerWhole(event("e.1", "a"));
    announced = [];
    await pass(1000);
    const probe = server.requests.findIndex((_request, at) => at > 2 && waits()[at] === null);
    const poll = server.requests.length - (probe === server.requests.length - 1 ? 2 : 1);
    await server.answer(bodyOf(hello() + event("e.2", "b")), poll);
    await server.answer(bodyOf(hello() + event("e.2", "b") + event("e.3", "c")), probe);
    expect(seen).toEqual(["a@e.1", "b@e.2", "c@e.3"]);
    expect([shown(), announced]).toEqual([["live", "open", false, 1], []]);
    expect(server.requests[poll]?.signal.aborted).toBe(true);
    expect(server.requests[probe]?.signal.aborted).toBe(false);
  });

  it("stays in short responses where the stream beside them brings nothing", async () => {
    await heldBack();
    await answerWhole(event("e.1", "a"));
    await pass(1000);
    const probe = waits().lastIndexOf(null);
    await server.answer(bodyOf(""), probe);
    await pass(1700);
    expect(server.requests[probe]?.signal.aborted).toBe(true);
    expect(shown()).toEqual(["live", "buffered", true, 1]);
  });

  it("asks the application for headers before each poll", async () => {
    const headers = vi.fn(async () => ({ authorization: "Bearer t" }));
    open({ headers });
    await pass(0);
    for (let response = 0; response < 2; response++) {
      await server.answer(bodyOf(""));
      await pass(1800);
    }
    await answerWhole(event("e.1", "a"));
    await pass(250);
    expect(headers).toHaveBeenCalledTimes(4);
    expect(server.requests[3]?.headers["authorization"]).toBe("Bearer t");
  });

  it("is complete when a short response says so", async () => {
    await heldBack();
    await answerWhole(event("e.1", "a"));
    await pass(250);
    const end = 'event: throughline.end\ndata: {"reason":"over"}\n\n';
    await server.answer(bodyOf(hello() + event("e.2", "b") + end));
    expect([seen, source.connection.reason]).toEqual([["a@e.1", "b@e.2"], "complete"]);
  });

  it("leaves nothing running when it is closed in between", async () => {
    await heldBack();
    await answerWhole(event("e.1", "a"));
    source.close();
    await pass(60_000);
    expect(server.requests).toHaveLength(3);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a server that never answers", () => {
  it("is asked for a short response by every third request", async () => {
    open();
    await pass(20_000);
    expect(waits().slice(0, 6)).toEqual([null, null, "0", null, null, "0"]);
  });

  it("is read as it is where it turns out to be somebody else's", async () => {
    open();
    await pass(4000);
    await server.answer({
      status: 200,
      headers: { "content-type": "text/event-stream" },
      text: event("1", "a"),
    });
    expect([seen, shown()]).toEqual([["a@1"], ["live", "open", false, 1]]);
  });

  it("is asked as before where it refuses the parameter", async () => {
    open();
    await pass(4000);
    await server.answer(refusal(400));
    expect(source.readyState).toBe(0);
    await pass(12_000);
    expect(
      waits()
        .slice(3)
        .every((wait) => wait === null),
    ).toBe(true);
  });
});

describe("a lease", () => {
  const LEASE = { lease: { url: "/leases/h/c1", everyMs: 30_000 } };

  /** An open stream at `e.1` that pulses until its lease has been answered. */
  async function renewed(leaseText: string): Promise<void> {
    server.leaseText = leaseText;
    open();
    await server.answer(bodyOf(hello(LEASE) + event("e.1", "a")));
    for (let second = 0; second < 30; second++) {
      await pass(1000);
      await server.send(":\n\n");
    }
    expect(server.leases).toHaveLength(1);
  }

  it("whose answer names what does not come leads to a short response", async () => {
    await renewed('{"head":"e.5","sent":"e.5"}');
    await pass(900);
    await server.send(":\n\n");
    await pass(150);
    expect([source.connection.state, source.connection.reason]).toEqual(["waiting", "buffered"]);
    await pass(100);
    expect(waits()).toEqual([null, "0"]);
  });

  it("is content where what was written comes within a second", async () => {
    await renewed('{"head":"e.5","sent":"e.5"}');
    await pass(500);
    await server.send(event("e.2", "b"));
    await pass(1000);
    expect(shown()).toEqual(["live", "open", false, 1]);
  });

  it.each([
    ["the cursor of the reader", '{"head":"e.9","sent":"e.1"}'],
    ["another epoch", '{"head":"f.9","sent":"f.9"}'],
    ["no cursor", '{"sent":7}'],
    ["nothing readable", "<html>"],
    ["no object", "null"],
  ])("is content with an answer that names %s", async (_what, text) => {
    await renewed(text);
    await pass(900);
    await server.send(":\n\n");
    await pass(500);
    expect(shown()).toEqual(["live", "open", false, 1]);
  });
});
