// The watch over a hub's health, on virtual time.

import { type EventLog, parseStreamName } from "@throughline/server/log";
import type { HealthNotice } from "@throughline/server/operations";
import { describe, expect, it } from "vitest";
import { type HealthOptions, watchHealth } from "../../src/operations/health.js";
import { createDeafLog } from "../deaf-log.js";
import { Stage } from "../hub/stage.js";

const CANARIES = parseStreamName("throughline.canary");

function watch(stage: Stage, options: Partial<HealthOptions> = {}) {
  const notices: HealthNotice[] = [];
  const errors: unknown[] = [];
  const health = watchHealth(
    {
      log: stage.log,
      hub: { reopenTails: () => stage.core.feeds.reopenTails((error) => errors.push(error)) },
      observer: (notice) => notices.push(notice),
      onError: (error) => errors.push(error),
      ...options,
    },
    stage.environment,
  );
  return { health, notices, errors };
}

describe("readiness", () => {
  it("comes with the first event that went through log and tail, not before", async () => {
    const stage = new Stage();
    const { health, notices } = watch(stage);
    expect(health.ready()).toEqual({
      ok: false,
      parts: {
        append: { ok: false, reason: "no event has come through yet" },
        tail: { ok: false, reason: "no event has come through yet" },
        serving: { ok: true },
      },
    });
    await stage.environment.settle();
    expect(health.ready().ok).toBe(true);
    expect(notices.filter(({ kind }) => kind === "canary-heard")).toHaveLength(1);
  });

  it("is lost within 3 s when the tails go deaf, and says that it is the tail", async () => {
    const engine = createDeafLog();
    const stage = new Stage({ log: engine.log });
    const { health } = watch(stage);
    await stage.environment.pass(10_100);
    engine.deafen({ isLasting: true });
    await stage.environment.pass(3000);
    expect(health.ready()).toEqual({
      ok: false,
      parts: {
        append: { ok: true },
        tail: { ok: false, reason: "the tail did not hear of an event within 2000 ms" },
        serving: { ok: true },
      },
    });
  });

  it("comes back by itself, and readers have missed nothing, within 5 s of the deafness", async () => {
    const engine = createDeafLog();
    const stage = new Stage({ log: engine.log });
    const { health } = watch(stage);
    const sink = await stage.subscribe();
    await stage.environment.pass(10_100);
    engine.deafen();
    await stage.publish("1");
    await stage.publish("2");
    await stage.environment.pass(3000);
    expect(sink.data).toEqual(["1", "2"]);
    await stage.environment.pass(2000);
    expect(health.ready().ok).toBe(true);
    await stage.publish("3");
    expect(sink.data).toEqual(["1", "2", "3"]);
  });

  it("goes on repairing while the engine stays deaf, at most once every two seconds", async () => {
    const engine = createDeafLog();
    const stage = new Stage({ log: engine.log });
    const { health } = watch(stage);
    const sink = await stage.subscribe();
    await stage.environment.pass(1000);
    const before = engine.tails();
    engine.deafen({ isLasting: true });
    await stage.publish("1");
    await stage.environment.pass(60_000);
    // A tail of the canary's and one of the only feed, each time.
    expect(engine.tails() - before).toBeLessThanOrEqual(2 * 30);
    engine.heal();
    await stage.environment.pass(5000);
    expect([health.ready().ok, sink.data]).toEqual([true, ["1"]]);
  });

  it("that comes back after the log refused events finds all tails opened anew", async () => {
    const stage = new Stage();
    let reopened = 0;
    const reopenTails = () => {
      reopened += 1;
    };
    watch(stage, { hub: { reopenTails } });
    await stage.environment.pass(3500);
    const { append } = stage.log;
    stage.log.append = () => Promise.reject(new Error("failover"));
    await stage.environment.pass(3000);
    expect(reopened).toBe(0);
    stage.log.append = append;
    await stage.environment.pass(3000);
    expect(reopened).toBe(1);
  });

  it("is lost when the log refuses events, without showing what the store said", async () => {
    const stage = new Stage();
    const { health } = watch(stage);
    await stage.environment.pass(1500);
    const { append } = stage.log;
    stage.log.append = async () => {
      throw new Error("password=hunter2");
    };
    await stage.environment.pass(1000);
    expect(health.ready().parts.append).toEqual({
      ok: false,
      reason: "the log refused an event: an error of the store",
    });
    stage.log.append = append;
    await stage.environment.pass(1000);
    expect(health.ready().ok).toBe(true);
  });

  it("names the code of an error that the log's contract knows", async () => {
    const stage = new Stage();
    const { health } = watch(stage);
    await stage.environment.settle();
    await stage.log.close();
    await stage.environment.pass(1000);
    expect(health.ready().parts.append).toEqual({
      ok: false,
      reason: "the log refused an event: log-closed",
    });
  });

  it("is lost when the log does not answer, which is asked nothing more until it does", async () => {
    const stage = new Stage();
    const { health } = watch(stage);
    await stage.environment.pass(500);
    const { append } = stage.log;
    const waiting: (() => void)[] = [];
    let asked = 0;
    stage.log.append = async (...batch) => {
      asked += 1;
      await new Promise<void>((resolve) => waiting.push(resolve));
      return append.apply(stage.log, batch);
    };
    await stage.environment.pass(60_000);
    expect(health.ready().parts.append).toEqual({
      ok: false,
      reason: "the log did not answer within 2000 ms",
    });
    expect(asked).toBe(1);
    stage.log.append = append;
    for (const answer of waiting) answer();
    await stage.environment.pass(1000);
    expect(health.ready().ok).toBe(true);
  });

  it("ends when the hub begins to drain, whatever the canaries say", async () => {
    const stage = new Stage();
    const { health, notices } = watch(stage);
    await stage.environment.pass(1000);
    health.startDraining();
    await stage.environment.pass(5000);
    expect(health.ready()).toMatchObject({
      ok: false,
      parts: { append: { ok: true }, serving: { reason: "the hub is shutting down" } },
    });
    expect(notices.at(-1)?.kind).toBe("canary-heard");
    expect(notices.filter(({ kind }) => kind === "health-changed").at(-1)).toMatchObject({
      part: "serving",
    });
  });

  it("is told to the observer at every change, and only then", async () => {
    const engine = createDeafLog();
    const stage = new Stage({ log: engine.log });
    const { notices } = watch(stage);
    await stage.environment.pass(5000);
    engine.deafen();
    await stage.environment.pass(20_000);
    const changes = notices.flatMap((notice) =>
      notice.kind === "health-changed" ? [[notice.part, notice.health.ok]] : [],
    );
    expect(changes).toEqual([
      ["append", true],
      ["tail", true],
      ["tail", false],
      ["tail", true],
    ]);
  });

  it("is not proven by the canary of another hub on the same log", async () => {
    const stage = new Stage();
    const open = stage.log.tail.bind(stage.log);
    stage.log.tail = (stream, after, listener) =>
      open(stream, after, (message) => {
        const isForeign =
          message.kind === "events" && message.events.some(({ data }) => data === "other 7");
        if (isForeign) listener(message);
      });
    const { health } = watch(stage);
    for (let second = 0; second < 4; second += 1) {
      await stage.log.append(CANARIES, [{ data: "other 7" }]);
      await stage.environment.pass(1000);
    }
    expect(health.ready().parts.tail.ok).toBe(false);
  });
});

describe("canaries", () => {
  it("leave hardly anything in the log, however long they fly", async () => {
    const stage = new Stage();
    watch(stage);
    await stage.environment.pass(600_000);
    const { earliest, offset } = await stage.log.head(CANARIES);
    expect(offset).toBeGreaterThan(590);
    expect(offset - earliest).toBeLessThan(40);
  });

  it("measure the way from publishing to hearing", async () => {
    const stage = new Stage();
    const { notices } = watch(stage);
    await stage.environment.settle();
    delayAppend(stage.log, stage, 40);
    await stage.environment.pass(1100);
    expect(notices.at(-1)).toEqual({ kind: "canary-heard", lagMs: 40 });
  });

  it("stop, and leave no timer and no tail behind", async () => {
    const engine = createDeafLog();
    const stage = new Stage({ log: engine.log });
    const { health, notices } = watch(stage);
    await stage.environment.pass(3000);
    health.stop();
    const count = notices.length;
    await stage.environment.pass(10_000);
    expect([stage.environment.timers, notices.length]).toEqual([0, count]);
    expect((await stage.log.head(CANARIES)).offset).toBe(4);
  });

  it("report trimming that failed, and are not held up by it", async () => {
    const stage = new Stage();
    const { health, errors } = watch(stage);
    stage.log.trim = async () => {
      throw new Error("read-only");
    };
    await stage.environment.pass(60_000);
    expect([health.ready().ok, errors.length > 0]).toEqual([true, true]);
  });
});

describe("liveness", () => {
  it("is lost while the event loop is as late as no reader waits for, and comes back", async () => {
    const stage = new Stage();
    const { health } = watch(stage);
    await stage.environment.pass(1000);
    expect(health.live()).toEqual({ ok: true, eventLoopDelayMs: 0 });
    await stage.environment.stall(6500);
    expect(health.live()).toEqual({ ok: false, eventLoopDelayMs: 6000 });
    await stage.environment.pass(1000);
    expect(health.live().ok).toBe(true);
  });
});

describe("the options of a watch", () => {
  it.each([
    ["canaryIntervalMs", 99],
    ["canaryDeadlineMs", Number.NaN],
    ["maxEventLoopDelayMs", 0],
  ])("refuse %s = %s", (name, value) => {
    const stage = new Stage();
    expect(() => watch(stage, { [name]: value })).toThrow(`Option "${name}": expected an integer`);
  });
});

/** Lets appends take time; the event is there at their end. */
function delayAppend(log: EventLog, stage: Stage, delayMs: number): void {
  const append = log.append.bind(log);
  log.append = async (...batch) => {
    await new Promise<void>((resolve) => stage.environment.after(delayMs, resolve));
    return append(...batch);
  };
}
