// The formats beside JSON in which events are published: NDJSON, CloudEvents; and traces.

import { describe, expect, it } from "vitest";
import { NEWS, Stage } from "./stage.js";

type Headers = Readonly<Record<string, string>>;

const TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const OTHER_TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

async function post(stage: Stage, type: string, body: string, headers: Headers = {}) {
  const options = { method: "POST", headers: { "content-type": type, ...headers }, body };
  const answer = await stage.plain("/streams/news", options);
  return { status: answer.status, ...(JSON.parse(answer.body) as Record<string, unknown>) };
}

async function stored(stage: Stage) {
  const page = await stage.log.read(NEWS, { after: 0, limit: 100, maxBytes: 1e6 });
  if (page.kind === "gap") throw new Error("a gap");
  return page.events.map(({ type, data, topic, id }) => ({ type, data, topic, id }));
}

describe("NDJSON", () => {
  const ndjson = (stage: Stage, body: string) => post(stage, "application/x-ndjson", body);

  it("is one event in each line, stored as one batch", async () => {
    const stage = new Stage();
    const body = '{"data":"1","id":"a"}\n{"data":{"n":2},"type":"t"}\r\n\n{"data":"3"}\n';
    expect(await ndjson(stage, body)).toMatchObject({ status: 201, cursors: { length: 3 } });
    expect((await stored(stage)).map(({ data }) => data)).toEqual(["1", '{"n":2}', "3"]);
  });

  it.each<[string, string, string, RegExp]>([
    ["a line that is not JSON", '{"data":"1"}\n\n{data\n', "invalid-body", /Line 3 is not JSON/],
    ["an unknown field", '{"data":"1"}\n{"data":"","x":1}', "invalid-event", /Line 2 .*unknown/],
    ["an array", '[{"data":"1"}]', "invalid-event", /Line 1 is not an object/],
    ["a reserved type", '\n{"data":"","type":"throughline.gap"}', "invalid-event", /Line 2\.type/],
    [
      "a line break in an id",
      '{"data":""}\n{"data":"","id":"a\\n"}',
      "invalid-event",
      /Line 2\.id/,
    ],
    ["half a character", '{"data":"\\ud800"}', "invalid-event", /Line 1\.data/],
    ["nothing", "\n\n", "invalid-event", /empty/],
  ])("is refused for %s, naming the line, and nothing is stored", async (_, body, code, words) => {
    const stage = new Stage();
    const answer = await ndjson(stage, body);
    expect(answer).toMatchObject({ status: 400, code });
    expect(answer).toHaveProperty("detail", expect.stringMatching(words));
    expect(await stored(stage)).toEqual([]);
  });
});

const CLOUD_EVENT = {
  specversion: "1.0",
  id: "17",
  source: "/wards/42",
  type: "org.example.alert",
  subject: "ward/42",
  time: "2026-11-25T10:00:00Z",
  datacontenttype: "application/json",
  dataschema: "https://example.org/alert",
  anextension: 5,
  data: { level: "high" },
};
const AS_STORED = {
  type: "org.example.alert",
  data: '{"level":"high"}',
  topic: "ward/42",
  id: "/wards/42 17",
};

describe("a CloudEvent in structured mode", () => {
  const structured = (stage: Stage, event: unknown) =>
    post(stage, "application/cloudevents+json; charset=utf-8", JSON.stringify(event));

  it("becomes an event: type, subject as topic, source and id as id, data", async () => {
    const stage = new Stage();
    expect(await structured(stage, CLOUD_EVENT)).toMatchObject({ status: 201 });
    expect(await stored(stage)).toEqual([AS_STORED]);
  });

  it("is a duplicate where source and id are the same, whatever else is not", async () => {
    const stage = new Stage();
    await structured(stage, CLOUD_EVENT);
    expect(await structured(stage, { ...CLOUD_EVENT, type: "t" })).toMatchObject({ status: 200 });
    expect(await structured(stage, { ...CLOUD_EVENT, source: "/a" })).toMatchObject({
      status: 201,
    });
    expect(await structured(stage, { ...CLOUD_EVENT, id: "18" })).toMatchObject({ status: 201 });
  });

  it.each<[string, object, string]>([
    ["a text", { data: "as it is" }, "as it is"],
    ["nothing", { data: undefined }, ""],
    ["null", { data: null }, "null"],
    ["bytes, which stay base64", { data: undefined, data_base64: "AAH/" }, "AAH/"],
  ])("may carry %s", async (_, fields, data) => {
    const stage = new Stage();
    expect(await structured(stage, { ...CLOUD_EVENT, ...fields })).toMatchObject({ status: 201 });
    expect(await stored(stage)).toEqual([{ ...AS_STORED, data }]);
  });

  it.each<[string, object | string, RegExp]>([
    ["no specversion", { specversion: undefined }, /"specversion"/],
    ["an older specversion", { specversion: "0.3" }, /"specversion"/],
    ["no id", { id: undefined }, /"id"/],
    ["an id that is a number", { id: 17 }, /"id"/],
    ["an empty source", { source: "" }, /"source"/],
    ["a source with a space", { source: "a b" }, /source/],
    ["no type", { type: null }, /"type"/],
    ["an empty subject", { subject: "" }, /"subject"/],
    ["a subject that is no topic", { subject: "a,b" }, /subject/],
    ["a trace that is a number", { traceparent: 1 }, /"traceparent"/],
    ["data twice", { data_base64: "AA==" }, /both data and data_base64/],
    ["base64 that is none", { data: undefined, data_base64: "A" }, /data_base64/],
    ["base64 that is a number", { data: undefined, data_base64: 1 }, /data_base64/],
    ["an identity too long", { id: "x".repeat(600) }, /source and id are too long/],
    ["a text", "text", /not an object/],
  ])("is refused for %s, naming the attribute", async (_, fields, words) => {
    const stage = new Stage();
    const event = typeof fields === "string" ? fields : { ...CLOUD_EVENT, ...fields };
    const answer = await structured(stage, event);
    expect(answer).toMatchObject({ status: 400, code: "invalid-event" });
    expect(answer).toHaveProperty("detail", expect.stringMatching(words));
    expect(await stored(stage)).toEqual([]);
  });
});

describe("CloudEvents in other modes", () => {
  it("come as a batch, which is stored whole or not at all", async () => {
    const stage = new Stage();
    const batch = (...events: readonly unknown[]) =>
      post(stage, "application/cloudevents-batch+json", JSON.stringify(events));
    expect(await batch(CLOUD_EVENT, { ...CLOUD_EVENT, id: "" })).toMatchObject({
      status: 400,
      detail: expect.stringContaining('events[1] has no usable CloudEvents attribute "id"'),
    });
    expect(await batch(CLOUD_EVENT, { ...CLOUD_EVENT, id: "18" })).toMatchObject({
      cursors: ["e1.1", "e1.2"],
    });
  });

  it("come with their attributes as headers, and the data as the body", async () => {
    const stage = new Stage();
    const headers = {
      "ce-specversion": "1.0",
      "ce-id": "17",
      "ce-source": "/wards/42",
      "ce-type": "org.example.alert",
      "ce-subject": "Bezirk%20S%C3%BCd",
      "ce-traceparent": TRACE,
    };
    for (const type of ["application/json", "text/plain; charset=utf-8"]) {
      const event = { ...headers, "ce-id": type };
      expect(await post(stage, type, '{ "level": 1 }', event)).toMatchObject({ status: 201 });
    }
    const [first] = await stored(stage);
    expect(first).toEqual({
      type: "org.example.alert",
      data: '{ "level": 1 }',
      topic: "Bezirk Süd",
      id: "/wards/42 application/json",
    });
    const answer = await post(stage, "application/json", "{}", { "ce-specversion": "1.0" });
    expect(answer).toMatchObject({ status: 400, detail: expect.stringContaining('"id"') });
  });
});

describe("a trace", () => {
  async function delivered(body: unknown, headers: Headers, type = "application/json") {
    const stage = new Stage();
    const sink = await stage.subscribe();
    const answer = await post(stage, type, JSON.stringify(body), headers);
    expect(answer).toMatchObject({ status: 201 });
    await stage.environment.settle();
    return (
      Buffer.concat(sink.writes)
        .toString()
        .match(/^(?:traceparent|id: forged).*$/gm) ?? []
    );
  }

  it("goes from the header of the request to the events that have none of their own", async () => {
    const batch = [{ data: "1" }, { data: "2", traceparent: OTHER_TRACE }];
    expect(await delivered(batch, { traceparent: TRACE })).toEqual([
      `traceparent: ${TRACE}`,
      `traceparent: ${OTHER_TRACE}`,
    ]);
  });

  it("goes from the extension of a CloudEvent", async () => {
    const event = { ...CLOUD_EVENT, traceparent: TRACE };
    const type = "application/cloudevents+json";
    expect(await delivered(event, {}, type)).toEqual([`traceparent: ${TRACE}`]);
  });

  it("that is malformed is left out, and the event is published all the same", async () => {
    expect(await delivered({ data: "1" }, { traceparent: "00-zz" })).toEqual([]);
    expect(await delivered({ data: "1", traceparent: `${TRACE}\nid: forged` }, {})).toEqual([]);
  });
});
