// Publishing: what is taken, and every way to be refused.

import { createHub } from "@throughline/server";
import { createMemoryLog } from "@throughline/server/log";
import { StreamError } from "throughline/core";
import { describe, expect, it } from "vitest";
import { NEWS, Stage } from "./stage.js";

const JSON_TYPE = { "content-type": "application/json" };

function post(stage: Stage, body: unknown, headers: Record<string, string> = JSON_TYPE) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return stage.plain("/streams/news", { method: "POST", headers, body: text });
}

async function stored(stage: Stage) {
  const page = await stage.log.read(NEWS, { after: 0, limit: 100, maxBytes: 1e6 });
  if (page.kind === "gap") throw new Error("a gap");
  return page.events.map(({ type, data, topic, id }) => ({ type, data, topic, id }));
}

/** An event with arrays and objects in turn, as deep as that. */
function nested(levels: number): string {
  const pairs = Math.floor(levels / 2);
  const middle = levels % 2 === 1 ? "[]" : "0";
  return `{"data":${'[{"a":'.repeat(pairs)}${middle}${"}]".repeat(pairs)}}`;
}

const plain = { type: "message", topic: undefined, id: undefined };

describe("publishing over HTTP", () => {
  it("takes one event, and answers with its cursor", async () => {
    const stage = new Stage();
    const event = { type: "alert", data: "text", topic: "ward/42", id: "a-1" };
    const answer = await post(stage, event);
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      201,
      { cursors: ["e1.1"], duplicates: [] },
    ]);
    expect(await stored(stage)).toEqual([event]);
  });

  it("takes a batch in order, and answers with the cursor of each", async () => {
    const stage = new Stage();
    const answer = await post(stage, [{ data: "1" }, { data: "2" }, { data: "3" }]);
    expect(JSON.parse(answer.body)).toMatchObject({ cursors: ["e1.1", "e1.2", "e1.3"] });
    expect((await stored(stage)).map(({ data }) => data)).toEqual(["1", "2", "3"]);
  });

  it.each([
    ['"text"', "text"],
    ['""', ""],
    ['{"a":[1,2]}', '{"a":[1,2]}'],
    ["[]", "[]"],
    ["null", "null"],
    ["false", "false"],
    ["3.0", "3"],
  ])("publishes data %s as %j", async (json, expected) => {
    const stage = new Stage();
    await post(stage, `{"data":${json}}`);
    expect(await stored(stage)).toEqual([{ ...plain, data: expected }]);
  });

  it.each(["application/json", "Application/JSON", 'application/json; charset="utf-8"'])(
    "takes %s",
    async (type) => {
      expect((await post(new Stage(), { data: "" }, { "content-type": type })).status).toBe(201);
    },
  );

  it.each<[string, unknown, number, string, RegExp]>([
    ["no JSON", "{data: 1}", 400, "invalid-body", /not JSON/],
    ["nothing", "", 400, "invalid-body", /not JSON/],
    ["a text", '"text"', 400, "invalid-event", /not an object/],
    ["null", "null", 400, "invalid-event", /not an object/],
    ["an empty batch", [], 400, "invalid-event", /batch is empty/],
    ["no data", { type: "a" }, 400, "invalid-event", /no data/],
    ["an unknown field", { data: "", topics: "a" }, 400, "invalid-event", /"topics"/],
    ["a forged prototype", '{"data":"","__proto__":{}}', 400, "invalid-event", /"__proto__"/],
    ["a type that is a number", { data: "", type: 1 }, 400, "invalid-event", /type .*a number/],
    ["an empty type", { data: "", type: "" }, 400, "invalid-event", /an empty string/],
    ["a null topic", { data: "", topic: null }, 400, "invalid-event", /topic .*null/],
    ["a type with a line break", { data: "", type: "a\nb" }, 400, "invalid-event", /type/],
    ["a type with NUL", { data: "", type: "a\0" }, 400, "invalid-event", /type/],
    ["a type of the protocol", { data: "", type: "throughline.end" }, 400, "invalid-event", /type/],
    ["a topic with a comma", { data: "", topic: "a,b" }, 400, "invalid-event", /topic/],
    ["a topic with a wildcard", { data: "", topic: "a/*" }, 400, "invalid-event", /topic/],
    ["a nested batch", [[{ data: "" }]], 400, "invalid-event", /events\[0\].*an array/],
    ["one bad event of two", [{ data: "" }, {}], 400, "invalid-event", /events\[1\]/],
    ["data of 501 levels", nested(501), 400, "invalid-event", /data is nested .*at most 500/],
    ["an event too large", { data: "x".repeat(101) }, 413, "event-too-large", /at most 100 bytes/],
    ["too many events", Array(4).fill({ data: "" }), 413, "batch-too-large", /at most 3 events/],
    ["a body too large", { data: "x".repeat(4000) }, 413, "body-too-large", /at most 4000 bytes/],
  ])("refuses %s, and stores nothing", async (_, body, status, code, words) => {
    const stage = new Stage({ maxEventBytes: 100, maxBatchEvents: 3, maxBodyBytes: 4000 });
    const answer = await post(stage, body);
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([status, { status, code }]);
    const { detail, expected, got } = JSON.parse(answer.body) as Record<string, string>;
    expect(`${detail} ${expected} ${got}`).toMatch(words);
    expect((await stage.log.head(NEWS)).offset).toBe(0);
    expect(stage.errors).toEqual([]);
  });

  it.each(["application/json", "application/x-ndjson", "application/cloudevents+json"])(
    "refuses data in %s that no stack would be deep enough for",
    async (type) => {
      const stage = new Stage();
      const event = { specversion: "1.0", id: "1", source: "/a", type: "t", data: 0 };
      const data = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
      const text = type.includes("cloudevents")
        ? JSON.stringify(event).replace('"data":0', `"data":${data}`)
        : `{"data":${data}}`;
      const answer = await post(stage, text, { "content-type": type });
      expect([answer.status, JSON.parse(answer.body)]).toMatchObject([
        400,
        { code: "invalid-event", detail: expect.stringContaining("nested too deeply") },
      ]);
      expect(stage.errors).toEqual([]);
    },
  );

  it("takes data of 500 levels", async () => {
    const stage = new Stage();
    expect((await post(stage, nested(500))).status).toBe(201);
  });

  it("counts the bytes of an event, not its characters", async () => {
    const stage = new Stage({ maxEventBytes: "message".length + 4 });
    expect((await post(stage, { data: "üü" })).status).toBe(201);
    expect((await post(stage, { data: "üüü" })).status).toBe(413);
  });

  it.each<[string, Record<string, string>]>([
    ["no type", {}],
    ["another type", { "content-type": "text/plain" }],
    ["a name that objects have", { "content-type": "constructor" }],
    ["a form", { "content-type": "application/x-www-form-urlencoded" }],
    ["another charset", { "content-type": "application/json; charset=latin1" }],
    ["a compressed body", { ...JSON_TYPE, "content-encoding": "gzip" }],
  ])("refuses %s", async (_, headers) => {
    const answer = await post(new Stage(), { data: "" }, headers);
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([
      415,
      { code: "unsupported-media-type" },
    ]);
  });

  it("refuses events for a complete stream", async () => {
    const stage = new Stage();
    await stage.log.seal(NEWS);
    const answer = await post(stage, { data: "" });
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([
      409,
      { code: "stream-sealed" },
    ]);
  });

  it("never repeats a payload in a refusal", async () => {
    const stage = new Stage();
    for (const body of ['{"data": secret}', [{ data: "secret", type: "secret\n" }], ["secret"]]) {
      expect((await post(stage, body)).body).not.toContain("secret");
    }
  });

  it("says to come back where the log cannot take a new stream", async () => {
    const log = createMemoryLog({ maxStreams: 1 });
    await log.append(NEWS, [{ data: "" }]);
    const stage = new Stage({ log });
    const answer = await stage.plain("/streams/other", {
      method: "POST",
      headers: JSON_TYPE,
      body: '{"data":""}',
    });
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([
      503,
      { code: "too-many-streams" },
    ]);
    expect(answer.headers["retry-after"]).toBe("1");
  });

  it.each(["store-full", "store-unavailable"] as const)(
    "says to come back where the log answers %s, and tells the operator why",
    async (code) => {
      const stage = new Stage();
      const error = new StreamError("/a/path: no room", { code, fault: "local", retryable: true });
      stage.log.append = () => Promise.reject(error);
      const answer = await post(stage, { data: "" });
      expect([answer.status, JSON.parse(answer.body)]).toMatchObject([
        503,
        { code: "log-unavailable" },
      ]);
      expect(answer.headers["retry-after"]).toBe("1");
      expect(answer.body).not.toContain("/a/path");
      expect(stage.errors).toEqual([error]);
    },
  );
});

describe("publishing from the program", () => {
  const hub = createHub({ log: createMemoryLog(), maxEventBytes: 100, maxBatchEvents: 2 });

  it("takes one event or several", async () => {
    expect((await hub.publish("a", { data: "1" })).cursors).toHaveLength(1);
    expect((await hub.publish("a", [{ data: "2" }, { data: "3" }])).cursors).toHaveLength(2);
  });

  it.each<[string, string, Parameters<typeof hub.publish>[1], string]>([
    ["a name that is none", "a b", { data: "" }, "invalid-stream"],
    ["a type of the protocol", "a", { data: "", type: "throughline.gap" }, "invalid-event"],
    ["a topic that is none", "a", { data: "", topic: "a,b" }, "invalid-event"],
    ["an event too large", "a", { data: "x".repeat(200) }, "invalid-event"],
    ["a batch too large", "a", [{ data: "" }, { data: "" }, { data: "" }], "invalid-event"],
    ["an empty batch", "a", [], "invalid-event"],
    ["a line break in a type", "a", { data: "", type: "a\n" }, "invalid-event"],
  ])("refuses %s", async (_, stream, events, code) => {
    await expect(hub.publish(stream, events)).rejects.toMatchObject({ code, fault: "local" });
  });

  it("says what was expected and what came", async () => {
    await expect(hub.publish("a", { data: "x".repeat(200) })).rejects.toThrow(
      /events\[0\] is too large.* Expected at most 100 bytes; got 207 bytes\./,
    );
  });

  it("ends a stream, once and for all", async () => {
    await hub.end("over", "done");
    await hub.end("over", "done again");
    await expect(hub.publish("over", { data: "" })).rejects.toMatchObject({
      code: "stream-sealed",
    });
    await expect(hub.end("a b")).rejects.toMatchObject({ code: "invalid-stream" });
  });
});
