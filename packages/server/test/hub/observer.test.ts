// What a hub tells its observer, on virtual time.

import type { HubNotice, HubOptions } from "@throughline/server/hub";
import { describe, expect, it } from "vitest";
import { RecordingSink } from "./recording-sink.js";
import { NEWS, numbers, Stage } from "./stage.js";

/** A stage that is watched. */
class WatchedStage extends Stage {
  readonly notices: HubNotice[];

  constructor(options: Partial<HubOptions> = {}) {
    const notices: HubNotice[] = [];
    super({ observer: (notice) => notices.push(notice), ...options });
    this.notices = notices;
  }

  /** All notices of one kind so far. */
  of<Kind extends HubNotice["kind"]>(kind: Kind): Extract<HubNotice, { kind: Kind }>[] {
    return this.notices.filter(
      (notice): notice is Extract<HubNotice, { kind: Kind }> => notice.kind === kind,
    );
  }
}

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

describe("an observer", () => {
  it("is told of every connection, with the request that it came with, and of its end", async () => {
    const stage = new WatchedStage();
    const headers = { "x-request-id": "abc-1", traceparent: `00-${TRACE}-00f067aa0ba902b7-01` };
    const sink = new RecordingSink();
    (await stage.stream("/streams/news", { headers })).open(sink);
    await stage.environment.pass(1500);
    sink.lose();
    const request = { requestId: "abc-1", traceId: TRACE };
    const facts = { connection: "connection-1", stream: "news", request };
    expect(stage.notices).toEqual([
      { kind: "connection-opened", ...facts, resume: "caught-up" },
      {
        kind: "connection-closed",
        ...facts,
        reason: "reader-left",
        durationMs: 1500,
      },
    ]);
  });

  it("learns that a lease has expired, not only that the connection was cut", async () => {
    const stage = new WatchedStage();
    await stage.subscribe();
    await stage.plain("/leases/connection-1", { method: "POST" });
    await stage.environment.pass(91_000);
    expect(stage.of("connection-closed")).toMatchObject([{ reason: "lease-expired" }]);
  });

  it("learns that a connection ended because of a bug, exactly once", async () => {
    const stage = new WatchedStage();
    const sink = await stage.subscribe();
    sink.write = () => {
      throw new Error("a bug");
    };
    await stage.publish("x");
    sink.lose();
    expect(stage.of("connection-closed")).toMatchObject([{ reason: "internal-error" }]);
  });

  it("is told of deliveries once per write, however many readers there are", async () => {
    const stage = new WatchedStage();
    for (const _ of numbers(1, 5)) await stage.subscribe();
    for (const _ of numbers(1, 2)) await stage.subscribe("?topics=ward/*");
    await stage.publish(
      { data: "a", topic: "ward/1" },
      { data: "b" },
      { data: "c", topic: "ward/2" },
    );
    expect(stage.of("events-delivered")).toEqual([
      { kind: "events-delivered", stream: "news", events: 3, deliveries: 3 * 5 + 2 * 2 },
    ]);
  });

  it("is told nothing of events that nobody reads", async () => {
    const stage = new WatchedStage();
    (await stage.subscribe()).lose();
    await stage.publish("x");
    expect(stage.of("events-delivered")).toEqual([]);
  });

  it("is told how large a replay was, and of none where nothing was missed", async () => {
    const stage = new WatchedStage();
    await stage.append("1", "2", "3");
    const late = await stage.subscribe("?cursor=e1.1");
    await stage.subscribe("?cursor=e1.3");
    const bytes = (late.writes[1]?.byteLength ?? 0) + (late.writes[2]?.byteLength ?? 0);
    expect(stage.of("replay-finished")).toEqual([
      {
        kind: "replay-finished",
        connection: "connection-1",
        stream: "news",
        bytes,
        pages: 1,
        durationMs: 0,
      },
    ]);
    expect(bytes).toBeGreaterThan(0);
  });

  it("is told of a reader that fell back, and of the replay that brought it up again", async () => {
    const stage = new WatchedStage();
    const sink = await stage.subscribe();
    sink.room = 1;
    await stage.publish("1");
    await stage.publish("2");
    expect(stage.of("reader-fell-back")).toEqual([
      { kind: "reader-fell-back", connection: "connection-1", stream: "news" },
    ]);
    await stage.environment.pass(700);
    sink.makeRoom();
    await stage.environment.settle();
    expect(stage.of("replay-finished")).toMatchObject([{ pages: 1, durationMs: 700 }]);
  });

  it("is told of a gap at the beginning, in the middle of a replay and to live readers", async () => {
    const stage = new WatchedStage();
    await stage.append("1", "2");
    await stage.subscribe("?cursor=nonsense");
    const slow = await stage.stream("/streams/news?cursor=e1.0");
    await stage.log.trim(NEWS, 1);
    slow.open(new RecordingSink());
    await stage.environment.settle();
    await stage.log.remove(NEWS);
    await stage.publish("new");
    expect(stage.of("gap-told").map(({ reason, readers }) => [reason, readers])).toEqual([
      ["unknown-cursor", 1],
      ["trimmed", 1],
      ["reset", 2],
    ]);
  });

  it("is told what was published, by request or by the program, and how long the log took", async () => {
    const stage = new WatchedStage();
    const { append } = stage.log;
    stage.log.append = async (...batch) => {
      await stage.environment.pass(25);
      return append.apply(stage.log, batch);
    };
    const headers = { "content-type": "application/json" };
    const body = '[{"data":"four"},{"data":"ö"}]';
    await stage.plain("/streams/news", { method: "POST", headers, body });
    const bytes = "messagefour".length + "message".length + 2;
    expect(stage.of("events-published")).toEqual([
      {
        kind: "events-published",
        stream: "news",
        events: 2,
        duplicates: 0,
        bytes,
        durationMs: 25,
      },
    ]);
  });

  it("is told apart what was stored and what was there before", async () => {
    const stage = new WatchedStage();
    const headers = { "content-type": "application/json" };
    for (const body of ['{"data":"a","id":"1"}', '[{"data":"a","id":"1"},{"data":"b","id":"2"}]']) {
      await stage.plain("/streams/news", { method: "POST", headers, body });
    }
    expect(stage.of("events-published")).toMatchObject([
      { events: 1, duplicates: 0 },
      { events: 1, duplicates: 1, bytes: "messageb2".length },
    ]);
  });

  it.each([
    ["/streams/..", "GET", "subscribe", 400, "invalid-stream"],
    ["/streams/throughline.canary", "GET", "subscribe", 400, "invalid-stream"],
    ["/streams/news", "POST", "publish", 415, "unsupported-media-type"],
    ["/leases/none", "POST", "lease", 404, "unknown-connection"],
    ["/nowhere?token=secret", "GET", "other", 404, "not-found"],
  ])("is told why %s was refused", async (target, method, operation, status, code) => {
    const stage = new WatchedStage();
    await stage.plain(target, { method });
    const request = { requestId: "request-1" };
    expect(stage.notices).toEqual([{ kind: "request-refused", operation, status, code, request }]);
  });

  it("is told how long a client took to recover, if that can be meant", async () => {
    const stage = new WatchedStage();
    await stage.subscribe();
    const said = [
      "1234",
      "0",
      "604800000",
      "604800001",
      "-1",
      "1.5",
      "1e3",
      "",
      "x",
      "9".repeat(40),
    ];
    for (const ms of said) {
      const answer = await stage.plain(`/leases/connection-1?recovered=${ms}`, { method: "POST" });
      expect(answer.status).toBe(200);
    }
    expect(stage.of("reader-recovered").map(({ recoveredMs }) => recoveredMs)).toEqual([
      1234, 0, 604_800_000,
    ]);
  });

  it("that throws costs nobody anything, and is reported", async () => {
    const observer = () => {
      throw new Error("no");
    };
    const stage = new Stage({ observer });
    const sink = await stage.subscribe();
    await stage.publish("x");
    expect([sink.data, sink.isDestroyed, stage.errors.length]).toEqual([["x"], false, 2]);
  });
});

describe("a request's id", () => {
  it.each(["abc", "0b8f:1/2=+@~._-", "x".repeat(128)])("is kept: %s", async (id) => {
    const stage = new Stage();
    const answer = await stage.request("/streams/news", { headers: { "x-request-id": id } });
    expect(answer.headers["x-request-id"]).toBe(id);
  });

  it.each(["", "a b", '"}', "ü", "x".repeat(129)])(
    "is made anew where the request's own cannot be shown: %j",
    async (id) => {
      const stage = new Stage();
      const answer = await stage.plain("/nowhere", { headers: { "x-request-id": id } });
      expect(answer.headers["x-request-id"]).toBe("request-1");
    },
  );

  it.each([
    "",
    TRACE,
    `ff-${TRACE}-00f067aa0ba902b7-01`,
    `00-${"0".repeat(32)}-00f067aa0ba902b7-01`,
    `00-${TRACE.toUpperCase()}-00f067aa0ba902b7-01`,
    `00-${TRACE}-${"0".repeat(16)}-01`,
  ])("has no trace beside it where the header is not valid: %j", async (traceparent) => {
    const stage = new WatchedStage();
    await stage.plain("/nowhere", { headers: { traceparent } });
    expect(stage.of("request-refused")[0]?.request).toEqual({ requestId: "request-1" });
  });
});
