// A publisher that is a producer: order, sequences, and what stops it.

import { createHub } from "@throughline/server";
import { createMemoryLog, parseStreamName } from "@throughline/server/log";
import fc from "fast-check";
import { StreamError } from "throughline/core";
import { createPublisher, type PublisherOptions, type PublishFetch } from "throughline/publish";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type FakeAnswer, fakeHub, stored } from "./fake-hub.js";

const STREAM = parseStreamName("feed");

function setUp(answers: readonly FakeAnswer[], options: Partial<PublisherOptions> = {}) {
  const hub = fakeHub(...answers);
  const producer = { id: "ward-clerk", epoch: 7 };
  const url = "http://hub.test";
  return { hub, publisher: createPublisher({ url, fetch: hub.fetch, producer, ...options }) };
}

/** Lets the clock run until all have settled; what they are rejected with is their value. */
async function settle(...promises: readonly Promise<unknown>[]): Promise<readonly unknown[]> {
  let isSettled = false;
  const all = Promise.all(promises.map((promise) => promise.catch((error: unknown) => error)));
  void all.then(() => {
    isSettled = true;
  });
  while (!isSettled) await vi.advanceTimersByTimeAsync(100);
  return all;
}

const sequencesOf = ({ requests }: ReturnType<typeof fakeHub>) => {
  const first = Number(requests[0]?.headers["producer-seq"]);
  return requests.map(({ headers }) => Number(headers["producer-seq"]) - first);
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("a producer", () => {
  it("stamps its batches: id, epoch, and a sequence that goes up by one", async () => {
    const { hub, publisher } = setUp([stored()]);
    for (const data of ["1", "2", "3"]) await publisher.publish("feed", { data });
    expect(hub.requests[0]?.headers).toMatchObject({
      "producer-id": "ward-clerk",
      "producer-epoch": "7",
    });
    expect(sequencesOf(hub)).toEqual([0, 1, 2]);
  });

  it("has the time of its creation as its epoch, and begins somewhere", async () => {
    vi.setSystemTime(1_800_000_000_123);
    vi.spyOn(Math, "random").mockReturnValue(0.25);
    const { hub, publisher } = setUp([stored()], { producer: { id: "a" } });
    await publisher.publish("feed", { data: "" });
    expect(hub.requests[0]?.headers).toMatchObject({
      "producer-epoch": "1800000000123",
      "producer-seq": `${2 ** 38}`,
    });
  });

  it("has one batch of a stream in flight at a time, and tries it again before the next", async () => {
    const { hub, publisher } = setUp(["break", { status: 503 }, stored(), stored()]);
    await settle(
      publisher.publish("feed", { data: "1" }),
      publisher.publish("feed", { data: "2" }),
    );
    expect(sequencesOf(hub)).toEqual([0, 0, 0, 1]);
    expect(hub.bodies().map(([event]) => event?.["data"])).toEqual(["1", "1", "1", "2"]);
  });

  it("does not make one stream wait for another", async () => {
    const { hub, publisher } = setUp(["hang", stored()]);
    const hanging = publisher.publish("slow", { data: "" }, { deadlineMs: 5000 });
    expect(await publisher.publish("fast", { data: "" })).toHaveProperty("cursors");
    await settle(hanging);
    expect(hub.requests.map(({ url }) => url.replace(/.*\//, ""))).toEqual(["slow", "fast"]);
  });

  it("gives the sequence of a batch that was refused to the next one", async () => {
    const refusal = { status: 400, body: { code: "invalid-event" } };
    const { hub, publisher } = setUp([stored(), refusal, stored()]);
    const batches = ["1", "bad", "2"].map((data) => publisher.publish("feed", { data }));
    const [, error] = await settle(...batches);
    expect(error).toMatchObject({ code: "invalid-event" });
    expect(sequencesOf(hub)).toEqual([0, 1, 1]);
  });

  it("goes on after what was never sent, or put off for certain", async () => {
    const overloaded = { status: 429, headers: { "retry-after": "100" } };
    const { hub, publisher } = setUp([stored(), overloaded, stored()]);
    const aborted = publisher.publish("feed", { data: "0" }, { signal: AbortSignal.abort() });
    const sent = ["1", "2", "3"].map((data) => publisher.publish("feed", { data }));
    expect(await settle(aborted, ...sent)).toMatchObject([
      { code: "aborted" },
      { cursors: ["e.1"] },
      { code: "timeout" },
      { cursors: ["e.1"] },
    ]);
    expect(sequencesOf(hub)).toEqual([0, 1, 1]);
  });

  it("stops where nobody knows whether a batch is stored, so that no later one overtakes it", async () => {
    const { hub, publisher } = setUp(["hang"], { deadlineMs: 3000 });
    const sent = ["1", "2"].map((data) =>
      publisher.publish("feed", { data }, { deadlineMs: data === "1" ? 3000 : 9000 }),
    );
    const outcomes = await settle(...sent, publisher.publish("other", { data: "" }));
    expect(outcomes).toMatchObject([
      { code: "timeout" },
      { code: "invalid-state", cause: { code: "timeout" } },
      { code: "timeout" },
    ]);
    expect(await settle(publisher.publish("feed", { data: "3" }))).toMatchObject([
      { code: "invalid-state" },
    ]);
    expect(hub.requests).toHaveLength(2);
  });

  it("stops where a refusal follows an attempt whose answer was lost", async () => {
    const { hub, publisher } = setUp(["break", { status: 401 }, stored()]);
    const outcomes = await settle(
      publisher.publish("feed", { data: "1" }),
      publisher.publish("feed", { data: "2" }),
    );
    expect(outcomes).toMatchObject([{ code: "http" }, { code: "invalid-state" }]);
    expect(hub.requests).toHaveLength(2);
  });

  it("lets a call go that is aborted while it waits in line", async () => {
    const { hub, publisher } = setUp(["break", "break", "break", stored()]);
    const controller = new AbortController();
    const first = publisher.publish("feed", { data: "1" });
    const waiting = publisher.publish("feed", { data: "2" }, { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "aborted" });
    await settle(first, publisher.publish("feed", { data: "3" }));
    expect(sequencesOf(hub)).toEqual([0, 0, 0, 0, 1]);
  });
});

/** What a path does with one exchange. */
type Weather = "fine" | "request lost" | "answer lost" | "request late";

describe("over a path that loses requests and answers, to a real hub", () => {
  it("a producer's events are stored exactly once, in the order of the calls", async () => {
    const weathers = fc.array(
      fc.constantFrom<Weather>("fine", "request lost", "answer lost", "request late"),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(weathers, fc.integer({ min: 1, max: 12 }), async (weather, count) => {
        const { log, fetch, tail } = hubBehind(weather);
        const publisher = createPublisher({ url: "http://hub", fetch, producer: { id: "p" } });
        const names = Array.from({ length: count }, (_, index) => `${index}`);
        const sent = names.map((data) => publisher.publish("feed", { data }, LONG));
        const outcomes = await settle(...sent);
        await settle(tail());
        expect(outcomes.filter((outcome) => outcome instanceof StreamError)).toEqual([]);
        expect(await dataIn(log)).toEqual(names);
      }),
      { numRuns: 100 },
    );
  });

  it("without a producer they are stored exactly once", async () => {
    const weathers = fc.array(
      fc.constantFrom<Weather>("fine", "request lost", "answer lost", "request late"),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(weathers, fc.integer({ min: 1, max: 12 }), async (weather, count) => {
        const { log, fetch, tail } = hubBehind(weather);
        const publisher = createPublisher({ url: "http://hub", fetch });
        const names = Array.from({ length: count }, (_, index) => `${10 + index}`);
        await settle(...names.map((data) => publisher.publish("feed", { data }, LONG)));
        await settle(tail());
        expect([...(await dataIn(log))].sort()).toEqual(names);
      }),
      { numRuns: 100 },
    );
  });

  it("a publisher that was replaced is told so, and stores nothing more", async () => {
    const { log, fetch } = hubBehind([]);
    const options = { url: "http://hub", fetch };
    const old = createPublisher({ ...options, producer: { id: "p" } });
    await settle(old.publish("feed", { data: "old" }));
    await vi.advanceTimersByTimeAsync(10);
    const successor = createPublisher({ ...options, producer: { id: "p" } });
    await settle(successor.publish("feed", { data: "new" }));
    expect(await settle(old.publish("feed", { data: "late" }))).toMatchObject([
      { code: "producer-fenced" },
    ]);
    expect(await dataIn(log)).toEqual(["old", "new"]);
  });
});

const LONG = { deadlineMs: 1_000_000 };

/** A hub, and a way to it with this weather, then fine. */
function hubBehind(weather: readonly Weather[]) {
  const log = createMemoryLog();
  const hub = createHub({ log });
  const late: Promise<unknown>[] = [];
  let exchanges = 0;
  const fetch: PublishFetch = async (url, { method, headers, body }) => {
    const request = () => hub.fetch(new Request(url, { method, headers, body }));
    const now = weather[exchanges] ?? "fine";
    exchanges += 1;
    if (now === "request lost") throw new TypeError("lost");
    if (now === "request late") {
      // It arrives when the publisher has given it up, and tried again once or more.
      late.push(new Promise((resolve) => setTimeout(resolve, 700)).then(request));
      throw new TypeError("late");
    }
    const response = await request();
    if (now === "answer lost") throw new TypeError("the answer is lost");
    return response;
  };
  return { log, fetch, tail: () => Promise.all(late) };
}

async function dataIn(log: ReturnType<typeof createMemoryLog>): Promise<readonly string[]> {
  const page = await log.read(STREAM, { after: 0, limit: 1000, maxBytes: 1e6 });
  return page.kind === "gap" ? [] : page.events.map(({ data }) => data);
}
