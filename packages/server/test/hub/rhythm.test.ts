// Pulse, heartbeat and lease, on virtual time.

import { describe, expect, it } from "vitest";
import { WHEEL_SLOTS } from "../../src/hub/wheel.js";
import { RecordingSink } from "./recording-sink.js";
import { numbers, Stage } from "./stage.js";

const HEARTBEAT = "throughline.heartbeat";

/** A sink that notes when it was written to. */
class TimedSink extends RecordingSink {
  readonly writtenMs: number[] = [];
  readonly heartbeatMs: number[] = [];
  readonly #stage: Stage;

  constructor(stage: Stage) {
    super();
    this.#stage = stage;
  }

  override write(...frame: Parameters<RecordingSink["write"]>): boolean {
    const nowMs = this.#stage.environment.nowMs();
    this.writtenMs.push(nowMs);
    const count = this.events.length;
    const hasRoom = super.write(...frame);
    if (this.types.slice(count).includes(HEARTBEAT)) this.heartbeatMs.push(nowMs);
    return hasRoom;
  }

  get silencesMs(): number[] {
    return distances(this.writtenMs);
  }
}

function distances(moments: readonly number[]): number[] {
  return moments.slice(1).map((ms, index) => ms - (moments[index] ?? 0));
}

describe("the pulse", () => {
  it("keeps every idle connection from being silent for longer than was announced", async () => {
    const stage = new Stage();
    const sinks = numbers(1, 25).map(() => new TimedSink(stage));
    for (const sink of sinks) {
      await stage.subscribe("", sink);
      await stage.environment.pass(37);
    }
    await stage.environment.pass(60_000);
    for (const sink of sinks) expect(Math.max(...sink.silencesMs)).toBeLessThanOrEqual(1000);
  });

  it("comes hardly more often than needed, and as the shortest comment", async () => {
    const stage = new Stage();
    const sink = await stage.subscribe();
    await stage.environment.pass(20_000);
    expect(sink.comments.length).toBeGreaterThanOrEqual(20);
    expect(sink.comments.length).toBeLessThanOrEqual(23);
    expect(Buffer.from(sink.writes.at(-1) ?? []).toString()).toBe(":\n\n");
  });

  it("is left out while events flow, which count as well", async () => {
    const stage = new Stage();
    const sink = new TimedSink(stage);
    await stage.subscribe("", sink);
    for (let round = 0; round < 50; round += 1) {
      await stage.environment.pass(400);
      await stage.publish("x");
    }
    expect(sink.comments).toEqual([]);
    expect(Math.max(...sink.silencesMs)).toBeLessThanOrEqual(1000);
  });

  it("fills the pauses of a stream that is quiet at times, in whatever rhythm", async () => {
    const stage = new Stage();
    const sink = new TimedSink(stage);
    await stage.subscribe("", sink);
    for (let pauseMs = 100; pauseMs < 3000; pauseMs += 170) {
      await stage.environment.pass(pauseMs);
      await stage.publish("x");
    }
    expect(Math.max(...sink.silencesMs)).toBeLessThanOrEqual(1000);
  });

  it("has the interval that was chosen", async () => {
    const stage = new Stage({ pulse: { intervalMs: 200, deadlineMs: 500 } });
    const sink = new TimedSink(stage);
    await stage.subscribe("", sink);
    await stage.environment.pass(5000);
    expect(Math.max(...sink.silencesMs)).toBeLessThanOrEqual(200);
    expect(sink.comments.length).toBeLessThanOrEqual(29);
  });

  it("is spread over the round: a crowd is served a tenth, at most two, at a time", async () => {
    const stage = new Stage();
    const sinks = numbers(1, 100).map(() => new TimedSink(stage));
    await Promise.all(sinks.map((sink) => stage.subscribe("", sink)));
    await stage.environment.pass(10_000);
    const perMoment = new Map<number, number>();
    for (const ms of sinks.flatMap(({ writtenMs }) => writtenMs.slice(1))) {
      perMoment.set(ms, (perMoment.get(ms) ?? 0) + 1);
    }
    expect(Math.max(...perMoment.values())).toBeLessThanOrEqual(200 / WHEEL_SLOTS);
  });

  it("does not burst after the process stood still, but all are served soon", async () => {
    const stage = new Stage();
    const sinks = numbers(1, 100).map(() => new TimedSink(stage));
    await Promise.all(sinks.map((sink) => stage.subscribe("", sink)));
    await stage.environment.pass(5000);
    const before = sinks.map(({ writes }) => writes.length);
    const served = () => sinks.filter(({ writes }, i) => writes.length > (before[i] ?? 0)).length;
    await stage.environment.stall(5000);
    expect(served()).toBe(20);
    await stage.environment.pass(500);
    expect(served()).toBe(100);
    const pulses = sinks.map(({ writes }, i) => writes.length - (before[i] ?? 0));
    expect(Math.max(...pulses)).toBe(1);
  });

  it("is not written to a reader that is full", async () => {
    const stage = new Stage();
    const sink = await stage.subscribe();
    sink.room = 1;
    await stage.publish("x");
    const writes = sink.writes.length;
    await stage.environment.pass(120_000);
    expect(sink.writes).toHaveLength(writes);
  });

  it("goes on while a reader waits for the log", async () => {
    const stage = new Stage();
    await stage.append("1");
    let answer = () => {};
    const { read } = stage.log;
    const subscription = await stage.stream("/streams/news?cursor=e1.0");
    stage.log.read = async (...options) => {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return read.apply(stage.log, options);
    };
    const sink = new RecordingSink();
    subscription.open(sink);
    await stage.environment.pass(5000);
    expect([sink.comments.length > 3, sink.data]).toEqual([true, []]);
    answer();
    await stage.environment.settle();
    expect(sink.data).toEqual(["1"]);
  });

  it("costs one timer however many there are, and none where nobody is", async () => {
    const stage = new Stage();
    const sinks = await Promise.all(numbers(1, 50).map(() => stage.subscribe()));
    expect(stage.environment.timers).toBe(1);
    for (const sink of sinks) sink.lose();
    await stage.environment.pass(30_000);
    expect(stage.environment.timers).toBe(0);
    const again = await stage.subscribe();
    expect(again.types.filter((type) => type === HEARTBEAT)).toHaveLength(1);
    await stage.environment.pass(999);
    expect([again.comments.length, again.types.length]).toEqual([1, 2]);
  });
});

describe("the heartbeat", () => {
  it("comes at least every 30 s, idle or not, with the cursor", async () => {
    const stage = new Stage();
    const idle = new TimedSink(stage);
    const busy = new TimedSink(stage);
    await stage.subscribe("?topics=none", idle);
    await stage.subscribe("", busy);
    for (let second = 1; second <= 121; second += 1) {
      await stage.publish(String(second));
      await stage.environment.pass(1000);
    }
    for (const { heartbeatMs } of [idle, busy]) {
      expect(heartbeatMs).toHaveLength(5);
      expect(Math.max(...distances(heartbeatMs))).toBeLessThanOrEqual(30_000);
    }
    const last = idle.events.filter(({ type }) => type === HEARTBEAT).at(-1);
    expect([last?.id, last?.data]).toEqual(["e1.119", "{}"]);
  });

  it("of a replaying reader has the reader's own cursor, not the stream's", async () => {
    const stage = new Stage();
    await stage.append("1", "2");
    const subscription = await stage.stream("/streams/news?cursor=e1.1");
    stage.log.read = () => new Promise(() => {});
    const sink = new RecordingSink();
    subscription.open(sink);
    await stage.environment.pass(31_000);
    const ids = sink.events.filter(({ type }) => type === HEARTBEAT).map(({ id }) => id);
    expect(ids).toEqual(["e1.1", "e1.1"]);
  });
});

describe("the lease", () => {
  const renew = (stage: Stage, connection: string, body = "") =>
    stage.plain(`/leases/hub-1/${connection}`, { method: "POST", body });

  it("frees a connection that has asked for one and stopped, after three times its length", async () => {
    const stage = new Stage();
    const sink = await stage.subscribe();
    expect((await renew(stage, "connection-1")).status).toBe(200);
    await stage.environment.pass(89_000);
    expect(sink.types).not.toContain("throughline.drain");
    await stage.environment.pass(2_000);
    expect(sink.types.at(-1)).toBe("throughline.drain");
    await stage.environment.pass(5_000);
    expect(sink.isEnded).toBe(true);
    sink.flush();
    expect(stage.core.connections.all()).toEqual([]);
  });

  it("that runs out while the reader takes nothing ends the connection at once", async () => {
    const stage = new Stage();
    const sink = await stage.subscribe();
    await renew(stage, "connection-1");
    sink.isFull = true;
    await stage.environment.pass(91_000);
    expect([sink.isDestroyed, stage.core.connections.all()]).toEqual([true, []]);
  });

  it("of a connection at another hub is none of its business, which is not the same as unknown", async () => {
    const stage = new Stage();
    await stage.subscribe();
    const answer = await stage.plain("/leases/hub-2/connection-1", { method: "POST" });
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([421, "other-hub"]);
    expect((await renew(stage, "connection-9")).status).toBe(404);
  });

  it("lasts as long as it is renewed", async () => {
    const stage = new Stage();
    const sink = await stage.subscribe();
    for (let renewal = 0; renewal < 10; renewal += 1) {
      await renew(stage, "connection-1", "e1.0");
      await stage.environment.pass(60_000);
    }
    expect(sink.isDestroyed).toBe(false);
  });

  it("is not held against readers that never asked for one", async () => {
    const stage = new Stage();
    const sink = await stage.subscribe();
    await stage.environment.pass(1_000_000);
    expect(sink.isDestroyed).toBe(false);
  });

  it("frees also a reader whose sink has been full for all that time", async () => {
    const stage = new Stage();
    const sink = await stage.subscribe();
    await renew(stage, "connection-1");
    sink.room = 1;
    await stage.publish("x");
    await stage.environment.pass(91_000);
    expect(sink.isDestroyed).toBe(true);
  });

  it("tells how far the stream is, and how far this connection was served", async () => {
    const stage = new Stage();
    const sink = await stage.subscribe();
    sink.room = 1;
    await stage.publish("1");
    await stage.publish("2");
    const answer = await renew(stage, "connection-1", "e1.1");
    expect(JSON.parse(answer.body)).toEqual({ head: "e1.2", sent: "e1.1" });
    sink.makeRoom();
    await stage.environment.settle();
    const later = await renew(stage, "connection-1");
    expect(JSON.parse(later.body)).toEqual({ head: "e1.2", sent: "e1.2" });
  });

  it("is answered in the stream as well, by a heartbeat with the cursor, also past what the filter hides", async () => {
    const stage = new Stage();
    const sink = await stage.subscribe("?topics=a");
    await stage.publish({ data: "1", topic: "b" });
    expect(sink.events.at(-1)?.id).toBe("e1.0");
    const answer = await renew(stage, "connection-1", "e1.0");
    expect(JSON.parse(answer.body).sent).toBe("e1.1");
    expect(sink.events.at(-1)).toMatchObject({ type: HEARTBEAT, id: "e1.1" });
  });

  it("of a connection that is gone is answered 404", async () => {
    const stage = new Stage();
    (await stage.subscribe()).lose();
    const answer = await renew(stage, "connection-1");
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([
      404,
      { code: "unknown-connection" },
    ]);
  });

  it.each(["nonsense", "e1.1\n", "x".repeat(200)])("refuses %j as a cursor", async (body) => {
    const stage = new Stage();
    await stage.subscribe();
    const answer = await renew(stage, "connection-1", body);
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([
      400,
      { code: "invalid-cursor" },
    ]);
  });
});
