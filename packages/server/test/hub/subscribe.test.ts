// How a subscription is answered: the greeting, the start, and refusals.

import { DEFAULT_PULSE, encodePulseHeader, type Gap, type Hello } from "throughline/core";
import { describe, expect, it } from "vitest";
import { RecordingSink } from "./recording-sink.js";
import { NEWS, numbers, Stage } from "./stage.js";

const HELLO = "throughline.hello";
const HEARTBEAT = "throughline.heartbeat";
const GAP = "throughline.gap";

async function stageWith(count: number): Promise<Stage> {
  const stage = new Stage();
  if (count > 0) await stage.publish(...numbers(1, count));
  return stage;
}

const hello = (sink: RecordingSink) => sink.payloads(HELLO)[0] as Hello;

describe("the greeting", () => {
  it("comes in one write: retry, hello without an id, heartbeat with the cursor", async () => {
    const stage = await stageWith(2);
    const sink = await stage.subscribe();
    expect(sink.writes).toHaveLength(1);
    expect(sink.retryMs).toBe(850);
    expect(sink.events.map(({ type, id }) => [type, id])).toEqual([
      [HELLO, undefined],
      [HEARTBEAT, "e1.2"],
    ]);
  });

  it("says everything that a reader has to know", async () => {
    const stage = await stageWith(2);
    expect(hello(await stage.subscribe())).toEqual({
      protocol: 1,
      connection: "connection-1",
      pulse: DEFAULT_PULSE,
      head: "e1.2",
      resume: "caught-up",
      lease: { url: "../leases/hub-1/connection-1", everyMs: 30_000 },
    });
  });

  it("gives the lease's address relative to the stream's, however long its name", async () => {
    const stage = new Stage();
    const sink = new RecordingSink();
    (await stage.stream("/streams/ward/42/alerts")).open(sink);
    const { url } = hello(sink).lease ?? { url: "" };
    const resolved = new URL(url, "http://x/proxy/streams/ward/42/alerts?topics=a").pathname;
    expect(resolved).toBe("/proxy/leases/hub-1/connection-1");
  });

  it("is announced in the head of the response", async () => {
    const { headers } = await (await stageWith(0)).stream("/streams/news");
    expect(headers).toEqual({
      "content-type": "text/event-stream",
      "cache-control": "no-store, no-cache, no-transform",
      "x-accel-buffering": "no",
      "x-request-id": "request-1",
      "throughline-pulse": encodePulseHeader(DEFAULT_PULSE),
      "access-control-expose-headers": "throughline-pulse, throughline-told",
    });
  });

  it("has the name that was chosen for heartbeats too, without an id to be dropped by", async () => {
    const stage = new Stage({ heartbeatType: "ping" });
    const { events } = await stage.subscribe();
    expect(events.map(({ type, id }) => [type, id])).toEqual([
      [HELLO, undefined],
      [HEARTBEAT, "e1.0"],
      ["ping", undefined],
    ]);
  });
});

describe("a subscription without a cursor", () => {
  it("begins with what comes next", async () => {
    const stage = await stageWith(2);
    const sink = await stage.subscribe();
    await stage.publish("3");
    expect(sink.data).toEqual(["3"]);
  });

  it("is the same with an empty one, and with the word for it", async () => {
    const stage = await stageWith(2);
    for (const query of ["?cursor=", "?cursor=latest"]) {
      expect(hello(await stage.subscribe(query)).resume).toBe("caught-up");
    }
  });
});

describe("a subscription with a cursor", () => {
  it("at the head is caught up", async () => {
    const stage = await stageWith(3);
    const sink = await stage.subscribe("?cursor=e1.3");
    expect([hello(sink).resume, sink.data]).toEqual(["caught-up", []]);
  });

  it("before the head gets what it missed, before anything new", async () => {
    const stage = await stageWith(3);
    const sink = await stage.subscribe("?cursor=e1.1");
    await stage.publish("4");
    expect(hello(sink).resume).toBe("replay");
    expect(sink.data).toEqual(["2", "3", "4"]);
    expect(sink.events.map(({ id }) => id)).toEqual([undefined, "e1.1", "e1.2", "e1.3", "e1.4"]);
  });

  it("before all gets everything that is stored", async () => {
    const stage = await stageWith(3);
    const sink = await stage.subscribe("?cursor=earliest");
    expect([hello(sink).resume, sink.data]).toEqual(["replay", ["1", "2", "3"]]);
  });

  it("before all gets no gap where the oldest were trimmed: it asked for what there is", async () => {
    const stage = await stageWith(3);
    await stage.log.trim(NEWS, 2);
    const sink = await stage.subscribe("?cursor=earliest");
    expect([sink.types.includes(GAP), sink.data]).toEqual([false, ["3"]]);
  });

  it("takes the header before the query: it is what the reader knows now", async () => {
    const stage = await stageWith(3);
    const sink = new RecordingSink();
    const headers = { "last-event-id": "e1.2" };
    (await stage.stream("/streams/news?cursor=e1.0", { headers })).open(sink);
    await stage.environment.settle();
    expect(sink.data).toEqual(["3"]);
  });
});

describe("a gap", () => {
  const gaps = (sink: RecordingSink) => sink.payloads(GAP) as Gap[];

  it("has the exact range that was trimmed, and comes before any cursor beyond it", async () => {
    const stage = await stageWith(5);
    await stage.log.trim(NEWS, 3);
    const sink = await stage.subscribe("?cursor=e1.1");
    expect(hello(sink).resume).toBe("gap");
    expect(gaps(sink)).toEqual([{ from: 2, to: 3, reason: "trimmed" }]);
    expect(sink.events.map(({ type, id }) => [type, id])).toEqual([
      [HELLO, undefined],
      [GAP, "e1.3"],
      [HEARTBEAT, "e1.3"],
      ["message", "e1.4"],
      ["message", "e1.5"],
    ]);
  });

  it("is none for a reader that had everything, however much was trimmed", async () => {
    const stage = await stageWith(5);
    await stage.log.trim(NEWS, 5);
    expect(hello(await stage.subscribe("?cursor=e1.5")).resume).toBe("caught-up");
  });

  it("says that the log was replaced, and is followed by all that it has", async () => {
    const stage = await stageWith(5);
    await stage.log.remove(NEWS);
    await stage.publish("a", "b");
    const sink = await stage.subscribe("?cursor=e1.2");
    expect(gaps(sink)).toEqual([{ from: null, to: null, reason: "reset" }]);
    expect(sink.data).toEqual(["a", "b"]);
  });

  it("is told to a reader that is ahead of the log, which then goes on from its head", async () => {
    const stage = await stageWith(5);
    const sink = await stage.subscribe("?cursor=e1.9");
    await stage.publish("6");
    expect(gaps(sink)).toEqual([{ from: null, to: null, reason: "reset" }]);
    expect(sink.data).toEqual(["6"]);
  });

  it.each(["17", "e1.01", "e1", "E1.1", "e1.1 ", `e1.${"1".repeat(130)}`, "%00"])(
    "answers %j, which is no cursor, with everything",
    async (text) => {
      const stage = await stageWith(2);
      const sink = await stage.subscribe(`?cursor=${text}`);
      expect(gaps(sink)).toEqual([{ from: null, to: null, reason: "unknown-cursor" }]);
      expect(sink.data).toEqual(["1", "2"]);
    },
  );
});

describe("a complete stream", () => {
  async function sealedStage(): Promise<Stage> {
    const stage = await stageWith(2);
    await stage.log.seal(NEWS, "election over");
    return stage;
  }

  it("is answered 204 where nothing is left", async () => {
    const stage = await sealedStage();
    for (const query of ["", "?cursor=e1.2"]) {
      const answer = await stage.plain(`/streams/news${query}`);
      expect([answer.status, answer.body]).toEqual([204, ""]);
    }
    expect(stage.core.connections.all()).toEqual([]);
  });

  it("is replayed to its end, and the reason comes last", async () => {
    const stage = await sealedStage();
    const sink = await stage.subscribe("?cursor=e1.1");
    expect(sink.types.slice(-2)).toEqual(["message", "throughline.end"]);
    expect(sink.payloads("throughline.end")).toEqual([{ reason: "election over" }]);
    expect(sink.isEnded).toBe(true);
  });

  it("says what is missing before it says that it is over", async () => {
    const stage = await sealedStage();
    const sink = await stage.subscribe("?cursor=other.9");
    expect(sink.types).toEqual([HELLO, GAP, HEARTBEAT, "message", "message", "throughline.end"]);
  });

  it("that was removed and begun anew is open again, also to readers who came at once", async () => {
    const stage = await sealedStage();
    await stage.subscribe("?cursor=e1.1");
    await stage.log.remove(NEWS);
    const sink = await stage.subscribe();
    await stage.publish("new");
    expect(sink.data).toEqual(["new"]);
  });
});

describe("a refusal", () => {
  const codeOf = (body: string) => (JSON.parse(body) as { code: string }).code;

  it.each([
    ["/streams/news?topics=", 400, "invalid-topics"],
    ["/streams/news?topics=a,,b", 400, "invalid-topics"],
    ["/streams/news?topics=**/a", 400, "invalid-topics"],
    [`/streams/news?topics=${Array(101).fill("a").join(",")}`, 400, "invalid-topics"],
    ["/streams/a/../b", 400, "invalid-stream"],
    ["/streams/a%20b", 400, "invalid-stream"],
    ["/streams/%", 400, "invalid-stream"],
    [`/streams/${"a".repeat(129)}`, 400, "invalid-stream"],
    [`/streams/news?x=${"a".repeat(8192)}`, 414, "target-too-long"],
    ["/streams", 404, "not-found"],
    ["/streams/", 404, "not-found"],
    ["/stream/news", 404, "not-found"],
    ["/", 404, "not-found"],
  ])("of GET %s is %i %s", async (target, status, code) => {
    const stage = new Stage();
    const answer = await stage.plain(target);
    expect([answer.status, codeOf(answer.body)]).toEqual([status, code]);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(stage.errors).toEqual([]);
  });

  it("names the methods that are allowed", async () => {
    const stage = new Stage();
    const answer = await stage.plain("/streams/news", { method: "DELETE" });
    expect([answer.status, answer.headers["allow"]]).toEqual([405, "GET, HEAD, POST"]);
    const lease = await stage.plain("/leases/hub-1/x");
    expect([lease.status, lease.headers["allow"]]).toEqual([405, "POST"]);
  });

  it("comes with Retry-After where the hub is full, until somebody leaves", async () => {
    const stage = new Stage({ maxConnections: 1 });
    const sink = await stage.subscribe();
    const answer = await stage.plain("/streams/news");
    expect([answer.status, codeOf(answer.body)]).toEqual([503, "too-many-connections"]);
    expect(answer.headers["retry-after"]).toBe("5");
    expect(stage.core.connections.refusedTotal).toBe(1);
    sink.lose();
    expect((await stage.subscribe()).types).toContain(HELLO);
  });

  it("does not take a place, nor does a HEAD, nor a reader that left before the answer", async () => {
    const stage = new Stage({ maxConnections: 1 });
    await stage.plain("/streams/a%20b");
    await stage.plain("/streams/news?topics=");
    expect((await stage.plain("/streams/news", { method: "HEAD" })).status).toBe(200);
    (await stage.stream("/streams/news")).abandon();
    expect((await stage.subscribe()).types).toContain(HELLO);
  });

  it("says to come back where the log cannot be read, and tells the operator", async () => {
    const stage = new Stage();
    await stage.log.close();
    const answer = await stage.plain("/streams/news");
    expect([answer.status, codeOf(answer.body)]).toEqual([503, "log-unavailable"]);
    expect(answer.headers["retry-after"]).toBe("1");
    expect(stage.errors).toMatchObject([{ code: "log-closed" }]);
  });

  it("of what is a bug says nothing about it, and tells the operator", async () => {
    const stage = new Stage();
    stage.log.head = () => Promise.reject(new TypeError("secret"));
    const answer = await stage.plain("/streams/news");
    expect([answer.status, codeOf(answer.body)]).toEqual([500, "internal-error"]);
    expect(answer.body).not.toContain("secret");
    expect(stage.errors).toMatchObject([{ message: "secret" }]);
  });
});

describe("a base path", () => {
  it("comes before everything", async () => {
    const stage = new Stage({ basePath: "/api/events" });
    expect((await stage.stream("/api/events/streams/news")).kind).toBe("stream");
    for (const target of ["/streams/news", "/api/eventsX/streams/news", "/api/events"]) {
      expect((await stage.plain(target)).status).toBe(404);
    }
  });
});
