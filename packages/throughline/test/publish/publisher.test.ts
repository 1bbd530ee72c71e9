// The publisher on virtual time: what it sends, when it tries again, and when it gives up.

import { StreamError } from "throughline/core";
import { createPublisher, type PublishEvent, type PublisherOptions } from "throughline/publish";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type FakeAnswer, fakeHub, stored } from "./fake-hub.js";

const URL_OF_HUB = "http://hub.test/base/";
const TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

function setUp(answers: readonly FakeAnswer[], options: Partial<PublisherOptions> = {}) {
  const hub = fakeHub(...answers);
  const publisher = createPublisher({ url: URL_OF_HUB, fetch: hub.fetch, ...options });
  return { hub, publisher };
}

/** Lets the clock run until the promise settles; what it is rejected with is its value. */
async function settle<T>(promise: Promise<T>): Promise<T | StreamError> {
  let isSettled = false;
  const result = promise.catch((error: unknown) => {
    expect(error).toBeInstanceOf(StreamError);
    return error as StreamError;
  });
  void result.then(() => {
    isSettled = true;
  });
  while (!isSettled) await vi.advanceTimersByTimeAsync(50);
  return result;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  vi.spyOn(Math, "random").mockReturnValue(0.5);
});

afterEach(() => {
  expect(vi.getTimerCount(), "timers are left behind").toBe(0);
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("what is sent", () => {
  it("is a POST of JSON to the stream, with the headers that were given", async () => {
    const { hub, publisher } = setUp([stored()], { headers: { authorization: "Bearer a" } });
    const event = { data: { n: 1 }, type: "alert", topic: "ward/42", id: "a", traceparent: TRACE };
    await publisher.publish("feeds/ward-42", event);
    expect(hub.requests).toMatchObject([
      {
        url: "http://hub.test/base/streams/feeds/ward-42",
        method: "POST",
        headers: { authorization: "Bearer a", "content-type": "application/json" },
      },
    ]);
    expect(hub.bodies()).toEqual([[event]]);
  });

  it("asks a function for headers before each attempt", async () => {
    let token = 0;
    const headers = async () => {
      token += 1;
      return { authorization: `Bearer ${token}` };
    };
    const { hub, publisher } = setUp([{ status: 503 }, stored()], { headers });
    await settle(publisher.publish("feed", { data: "" }));
    expect(hub.requests.map((each) => each.headers["authorization"])).toEqual([
      "Bearer 1",
      "Bearer 2",
    ]);
  });

  it("gives every event an id of its own, the same at every attempt", async () => {
    const { hub, publisher } = setUp(["break", stored(2), stored(2)]);
    const events = [{ data: "1" }, { data: "2" }];
    await settle(publisher.publish("feed", events));
    await settle(publisher.publish("feed", events));
    const ids = hub.bodies().map((body) => body.map(({ id }) => id));
    expect(ids[0]).toEqual(ids[1]);
    expect(new Set([...(ids[1] ?? []), ...(ids[2] ?? [])]).size).toBe(4);
    for (const id of ids.flat()) expect(id).toMatch(/^[0-9a-f]{32}$/);
  });

  it("is what the events were at the call, whatever becomes of them", async () => {
    const { hub, publisher } = setUp(["break", stored()]);
    const event = { data: "before" };
    const sent = publisher.publish("feed", event);
    event.data = "after";
    await settle(sent);
    expect(hub.bodies().map(([first]) => first?.["data"])).toEqual(["before", "before"]);
  });
});

describe("the answer", () => {
  it("is passed on: cursors, and which events were known", async () => {
    const { publisher } = setUp([stored(2, [1])]);
    const published = await publisher.publish("feed", [{ data: "" }, { data: "" }]);
    expect(published).toEqual({ cursors: ["e.1", "e.2"], duplicates: [1] });
  });

  it.each<[string, unknown]>([
    ["a page", "<html>"],
    ["another object", {}],
    ["too few cursors", { cursors: [] }],
    ["cursors that are none", { cursors: [1] }],
    ["duplicates that are none", { cursors: ["e.1"], duplicates: ["0"] }],
    ["null", "null"],
  ])("that is %s is not taken for that of a hub", async (_, body) => {
    const { hub, publisher } = setUp([{ status: 200, body }]);
    const error = await settle(publisher.publish("feed", { data: "" }));
    expect(error).toMatchObject({ code: "http", fault: "remote", retryable: false });
    expect(hub.requests).toHaveLength(1);
  });

  it.each<[number, string | undefined, string]>([
    [400, "invalid-event", "invalid-event"],
    [400, "invalid-stream", "invalid-stream"],
    [413, "batch-too-large", "invalid-event"],
    [409, "stream-sealed", "stream-sealed"],
    [409, "producer-fenced", "producer-fenced"],
    [409, "producer-out-of-order", "producer-out-of-order"],
    [401, "unauthorized", "http"],
    [404, undefined, "http"],
    [403, "constructor", "http"],
  ])("%d %s is final, and becomes the code %s", async (status, code, expected) => {
    const { hub, publisher } = setUp([{ status, body: { code, detail: "No.", expected: "x" } }]);
    const error = await settle(publisher.publish("feed", { data: "secret" }));
    expect(error).toMatchObject({ code: expected, retryable: false });
    expect((error as StreamError).message).toBe(`The hub answered ${status}: No. Expected x.`);
    expect(hub.requests).toHaveLength(1);
  });
});

describe("another attempt", () => {
  it.each<[FakeAnswer]>([
    ["break"],
    [{ status: 408 }],
    [{ status: 425 }],
    [{ status: 429 }],
    [{ status: 500 }],
    [{ status: 502, body: "<html>" }],
    [{ status: 503 }],
    [{ status: 504 }],
  ])("follows after %j", async (answer) => {
    const { hub, publisher } = setUp([answer, stored()]);
    const published = await settle(publisher.publish("feed", { data: "" }));
    expect(published).toMatchObject({ cursors: ["e.1"] });
    expect(hub.requests).toHaveLength(2);
  });

  it("follows where no answer comes in time, and the request is given up", async () => {
    const { hub, publisher } = setUp(["hang", stored()], { attemptTimeoutMs: 3000 });
    await settle(publisher.publish("feed", { data: "" }));
    expect(hub.requests.map(({ atMs }) => atMs)).toEqual([0, 3150]);
    expect(hub.requests.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  });

  it("comes later each time, up to a limit", async () => {
    const { hub, publisher } = setUp(["break"], { deadlineMs: 60_000 });
    await settle(publisher.publish("feed", { data: "" }));
    const waits = hub.requests.slice(1).map(({ atMs }, n) => atMs - (hub.requests[n]?.atMs ?? 0));
    expect(waits.slice(0, 8)).toEqual([150, 300, 600, 1200, 2400, 4800, 7500, 7500]);
  });

  it("is spread by chance, between half of the wait and all of it", async () => {
    for (const [chance, waitMs] of [
      [0, 100],
      [0.999, 199],
    ] as const) {
      vi.spyOn(Math, "random").mockReturnValue(chance);
      const { hub, publisher } = setUp(["break", stored()]);
      await settle(publisher.publish("feed", { data: "" }));
      expect(hub.requests[1]?.atMs).toBe(waitMs);
    }
  });

  it("comes no earlier than Retry-After says, as seconds and as a date", async () => {
    vi.setSystemTime(Date.UTC(2026, 10, 25, 12, 0, 0));
    for (const value of ["7", "Wed, 25 Nov 2026 12:00:07 GMT"]) {
      vi.setSystemTime(Date.UTC(2026, 10, 25, 12, 0, 0));
      const { hub, publisher } = setUp([
        { status: 503, headers: { "retry-after": value } },
        stored(),
      ]);
      await settle(publisher.publish("feed", { data: "" }));
      expect(hub.requests[1]?.atMs).toBe(7050);
    }
  });

  it("follows also where the headers could not be made", async () => {
    let asked = 0;
    const headers = () => {
      asked += 1;
      if (asked === 1) throw new Error("no token");
      return {};
    };
    const { hub, publisher } = setUp([stored()], { headers });
    expect(await settle(publisher.publish("feed", { data: "" }))).toHaveProperty("cursors");
    expect([asked, hub.requests.length]).toEqual([2, 1]);
  });
});

describe("giving up", () => {
  it("happens at the deadline, and says what went wrong last", async () => {
    const { hub, publisher } = setUp([{ status: 503 }], { deadlineMs: 5000 });
    const error = await settle(publisher.publish("feed", { data: "" }));
    expect(error).toMatchObject({ code: "timeout", fault: "remote", retryable: true });
    expect((error as StreamError).cause).toMatchObject({ message: "The hub answered 503" });
    expect(hub.requests.at(-1)?.atMs).toBeLessThan(5000);
    expect(performance.now()).toBeLessThan(5100);
  });

  it("happens in the middle of an attempt that hangs", async () => {
    const { hub, publisher } = setUp(["hang"]);
    const started = performance.now();
    const error = await settle(publisher.publish("feed", { data: "" }, { deadlineMs: 2000 }));
    expect(error).toMatchObject({ code: "timeout" });
    expect(performance.now() - started).toBeLessThanOrEqual(2050);
    expect(hub.requests[0]?.signal.aborted).toBe(true);
  });

  it("happens at once where Retry-After lies beyond the deadline", async () => {
    const { publisher } = setUp([{ status: 429, headers: { "retry-after": "3600" } }]);
    const started = performance.now();
    const error = await settle(publisher.publish("feed", { data: "" }));
    expect(error).toMatchObject({ code: "timeout", cause: { retryable: true } });
    expect(performance.now() - started).toBeLessThanOrEqual(50);
  });

  it("happens when the caller's signal fires: in an attempt, in a wait, before the first", async () => {
    for (const [answer, requests] of [
      ["hang", 1],
      ["break", 1],
    ] as const) {
      const { hub, publisher } = setUp([answer]);
      const controller = new AbortController();
      const sent = publisher.publish("feed", { data: "" }, { signal: controller.signal });
      await vi.advanceTimersByTimeAsync(50);
      controller.abort("enough");
      expect(await settle(sent)).toMatchObject({ code: "aborted", cause: "enough" });
      expect(hub.requests).toHaveLength(requests);
    }
    const { hub, publisher } = setUp([stored()]);
    const sent = publisher.publish("feed", { data: "" }, { signal: AbortSignal.abort() });
    expect(await settle(sent)).toMatchObject({ code: "aborted" });
    expect(hub.requests).toHaveLength(0);
  });
});

describe("what cannot be sent", () => {
  it.each<[string, string, PublishEvent | PublishEvent[], string]>([
    ["an empty batch", "feed", [], "invalid-event"],
    ["data that has no JSON", "feed", { data: 1n }, "invalid-event"],
    ["no name", "", { data: "" }, "invalid-stream"],
    ["a name that leads elsewhere", "feed/../other", { data: "" }, "invalid-stream"],
    ["a name that is the folder", ".", { data: "" }, "invalid-stream"],
    ["a name with an empty part", "feed//a", { data: "" }, "invalid-stream"],
    ["a name with a query", "feed?a=b", { data: "" }, "invalid-stream"],
    ["a name that is encoded", "feed%2e", { data: "" }, "invalid-stream"],
    ["a name that is too long", "x".repeat(129), { data: "" }, "invalid-stream"],
  ])("is refused: %s", async (_, stream, events, code) => {
    const { hub, publisher } = setUp([stored()]);
    expect(await settle(publisher.publish(stream, events))).toMatchObject({ code, fault: "local" });
    expect(hub.requests).toHaveLength(0);
  });

  it("is one call more than may be under way", async () => {
    const { publisher } = setUp([{ status: 503 }, { status: 503 }, stored()], { maxPending: 2 });
    const sent = [publisher.publish("a", { data: "" }), publisher.publish("b", { data: "" })];
    const error = await settle(publisher.publish("c", { data: "" }));
    expect(error).toMatchObject({ code: "queue-full", retryable: true });
    await settle(Promise.all(sent));
    expect(await settle(publisher.publish("c", { data: "" }))).toHaveProperty("cursors");
  });
});

describe("options that make no sense", () => {
  it.each<[string, Partial<PublisherOptions>]>([
    ["url", { url: "" }],
    ["url", { url: "http://hub.test?token=secret" }],
    ["fetch", { fetch: 5 as unknown as PublisherOptions["fetch"] }],
    ["producer.id", { producer: { id: "a b" } }],
    ["producer.epoch", { producer: { id: "a", epoch: -1 } }],
    ["deadlineMs", { deadlineMs: 0 }],
    ["deadlineMs", { deadlineMs: Number.POSITIVE_INFINITY }],
    ["attemptTimeoutMs", { attemptTimeoutMs: Number.NaN }],
    ["maxPending", { maxPending: 0 }],
  ])("are refused with the name of the field: %s %j", (field, options) => {
    const create = () => createPublisher({ url: URL_OF_HUB, ...options });
    expect(create).toThrow(new RegExp(`^(?!.*secret)${field}: expected`));
    expect(create).toThrow(expect.objectContaining({ code: "invalid-option" }));
  });

  it("are refused for a single call as well", async () => {
    const { publisher } = setUp([stored()]);
    const sent = publisher.publish("feed", { data: "" }, { deadlineMs: -1 });
    expect(await settle(sent)).toMatchObject({ code: "invalid-option" });
  });
});
