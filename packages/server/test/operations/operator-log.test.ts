// The lines that an operator reads.

import { parseStreamName } from "@throughline/server/log";
import { createOperatorLog, type LogLevel } from "@throughline/server/operations";
import { StreamError } from "throughline/core";
import { describe, expect, it } from "vitest";
import { LineLimit } from "../../src/operations/line-limit.js";
import { RecordingSink } from "../hub/recording-sink.js";
import { Stage } from "../hub/stage.js";

function record(level?: LogLevel) {
  const written: string[] = [];
  const log = createOperatorLog({ level, destination: { write: (line) => written.push(line) } });
  const stage = new Stage({ observer: log.observer, onError: log.onError });
  const lines = () => written.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { ...log, stage, lines, text: () => written.join("") };
}

describe("the lines about a hub", () => {
  it("are one for each connection that ends, with the ids that lead to it", async () => {
    const { stage, lines } = record();
    const headers = {
      "x-request-id": "r-1",
      traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    };
    const sink = new RecordingSink();
    (await stage.stream("/streams/news", { headers })).open(sink);
    await stage.publish("x");
    await stage.environment.pass(1200);
    sink.lose();
    expect(lines()).toEqual([
      {
        level: "info",
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        event: "connection-closed",
        connection: "connection-1",
        stream: "news",
        reason: "reader-left",
        durationMs: 1200,
        requestId: "r-1",
        traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
        msg: "connection closed",
      },
    ]);
  });

  it("are one for each refusal, with its code", async () => {
    const { stage, lines } = record();
    await stage.plain("/nowhere");
    expect(lines()).toMatchObject([
      {
        level: "warn",
        event: "request-refused",
        operation: "other",
        status: 404,
        code: "not-found",
        requestId: "request-1",
      },
    ]);
  });

  it("show no payload, no header, no query and no cursor, at any level", async () => {
    const { stage, text } = record("debug");
    const headers = {
      authorization: "Bearer secret-1",
      cookie: "session=secret-2",
      "content-type": "application/json",
    };
    const body = '[{"data":"secret-3","topic":"secret-4","id":"secret-5"}]';
    await stage.plain("/streams/news?token=secret-6", { method: "POST", headers, body });
    await stage.plain("/streams/news", { method: "POST", headers, body: "secret-7" });
    await stage.plain("/secret-8?x=secret-9", { headers });
    const sink = new RecordingSink();
    const target = "/streams/news?topics=secret-4&cursor=secret-10";
    (await stage.stream(target, { headers })).open(sink);
    await stage.publish({ data: "secret-3", topic: "secret-4" });
    await stage.plain("/leases/hub-1/connection-1?recovered=5", {
      method: "POST",
      body: "secret-11",
    });
    sink.lose();
    stage.log.append = async () => {
      throw new Error("secret-12");
    };
    await stage.plain("/streams/news", { method: "POST", headers, body });
    expect(text()).not.toContain("secret");
    expect(text().split("\n").length).toBeGreaterThan(6);
  });

  it("say of an error what it is and where it came from", async () => {
    const { stage, lines } = record();
    stage.log.head = async () => {
      throw Object.assign(new Error("secret"), { code: "EIO" });
    };
    await stage.plain("/streams/news");
    expect(lines()[0]).toMatchObject({
      level: "error",
      event: "failure",
      operation: "subscribe",
      error: { name: "Error", code: "EIO", at: expect.stringMatching(/^at /) },
    });
  });

  it("quote the errors of our own, which have no secrets", () => {
    const { onError, lines } = record();
    const error = new StreamError("The log is closed.", { code: "log-closed", fault: "local" });
    onError(error, { operation: "deliver", stream: "news", connection: "c-1" });
    expect(lines()).toMatchObject([
      {
        stream: "news",
        connection: "c-1",
        error: { code: "log-closed", message: "The log is closed." },
      },
    ]);
  });

  it("say what was acknowledged and then lost, why, and in which streams, ten at most", () => {
    const { onLost, lines } = record();
    const error = new StreamError("No room.", { code: "store-full", fault: "local" });
    const lost = Array.from({ length: 12 }, (_, index) => {
      return { stream: parseStreamName(`s${index}`), events: 2 };
    });
    onLost(error, lost);
    expect(lines()).toMatchObject([
      {
        level: "error",
        event: "events-lost",
        events: 24,
        streams: lost.slice(0, 10).map(({ stream }) => stream),
        error: { code: "store-full", message: "No room." },
      },
    ]);
  });

  it("say when a part of the hub is not well, and when it is again", () => {
    const { healthObserver, lines } = record();
    const reason = "the tail is deaf";
    healthObserver({ kind: "health-changed", part: "tail", health: { ok: false, reason } });
    healthObserver({ kind: "health-changed", part: "tail", health: { ok: true } });
    healthObserver({ kind: "canary-heard", lagMs: 1 });
    expect(lines().map(({ level, part, reason: why }) => [level, part, why])).toEqual([
      ["error", "tail", reason],
      ["info", "tail", undefined],
    ]);
  });

  it("are no more than ten of a kind in ten seconds, however often somebody knocks", async () => {
    const { stage, lines } = record();
    for (let knock = 0; knock < 500; knock += 1) await stage.plain("/nowhere");
    expect(lines()).toHaveLength(10);
  });

  it("are none where the level is above them", async () => {
    const { stage, lines } = record("error");
    await stage.plain("/nowhere");
    (await stage.subscribe()).lose();
    expect(lines()).toEqual([]);
  });

  it.each(["authorization", "cookie", "set-cookie", "token", "secret", "password"])(
    "blank a field %s that somebody passes by mistake",
    (field) => {
      const { logger, text } = record();
      logger.info({ [field]: "hunter2", headers: { [field]: "hunter2" } }, "line");
      expect(text()).not.toContain("hunter2");
      expect(text().match(/\[hidden\]/g)).toHaveLength(2);
    },
  );
});

describe("the limit of lines", () => {
  it("says how many it has left out with the first line that comes again", () => {
    let nowMs = 0;
    const limit = new LineLimit(() => nowMs);
    const taken = Array.from({ length: 25 }, () => limit.take("a"));
    expect(taken.filter((line) => line === 0)).toHaveLength(10);
    expect(limit.take("b")).toBe(0);
    nowMs = 9999;
    expect(limit.take("a")).toBeUndefined();
    nowMs = 10_000;
    expect([limit.take("a"), limit.take("a")]).toEqual([16, 0]);
  });
});
