// Publishing that is repeated: by event id, by Idempotency-Key, by producer.

import { readFileSync } from "node:fs";
import { createHub } from "@throughline/server";
import { createMemoryLog } from "@throughline/server/log";
import { describe, expect, it } from "vitest";
import { NEWS, Stage } from "./stage.js";

type Headers = Readonly<Record<string, string>>;

async function post(stage: Stage, body: unknown, headers: Headers = {}) {
  const answer = await stage.plain("/streams/news", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: JSON.parse(answer.body) as Record<string, unknown> };
}

async function stored(stage: Stage) {
  const page = await stage.log.read(NEWS, { after: 0, limit: 100, maxBytes: 1e6 });
  return page.kind === "gap" ? [] : page.events.map(({ id, data }) => `${id ?? "-"}: ${data}`);
}

const producer = (id: string, epoch: number, sequence: number): Headers => ({
  "producer-id": id,
  "producer-epoch": `${epoch}`,
  "producer-seq": `${sequence}`,
});

describe("an event with an id, published again", () => {
  it("is answered 200 with the cursor of the first time, and not stored", async () => {
    const stage = new Stage();
    expect(await post(stage, { id: "a", data: "1" })).toMatchObject({ status: 201 });
    expect(await post(stage, { id: "a", data: "again" })).toEqual({
      status: 200,
      body: { cursors: ["e1.1"], duplicates: [0] },
    });
    expect(await stored(stage)).toEqual(["a: 1"]);
  });

  it("is told from what is new in its batch, which makes the answer 201", async () => {
    const stage = new Stage();
    await post(stage, { id: "a", data: "1" });
    const batch = [{ id: "b", data: "2" }, { id: "a", data: "1" }, { data: "3" }];
    expect(await post(stage, batch)).toEqual({
      status: 201,
      body: { cursors: ["e1.2", "e1.1", "e1.3"], duplicates: [1] },
    });
  });

  it("is answered also when the stream is complete, while news is refused", async () => {
    const stage = new Stage();
    await post(stage, { id: "a", data: "1" });
    await stage.log.seal(NEWS);
    expect(await post(stage, { id: "a", data: "1" })).toMatchObject({ status: 200 });
    expect(await post(stage, { id: "b", data: "2" })).toMatchObject({ status: 409 });
  });
});

describe("Idempotency-Key", () => {
  it("is the id of the one event in the body", async () => {
    const stage = new Stage();
    const key = { "idempotency-key": "order 17" };
    expect(await post(stage, { data: "1" }, key)).toMatchObject({ status: 201 });
    expect(await post(stage, [{ data: "1" }], key)).toMatchObject({ status: 200 });
    expect(await post(stage, { id: "order 17", data: "1" })).toMatchObject({ status: 200 });
    expect(await stored(stage)).toEqual(["order 17: 1"]);
  });

  it("may be quoted, as the draft of the standard has it", async () => {
    const stage = new Stage();
    await post(stage, { data: "1" }, { "idempotency-key": '"a \\"b\\" \\\\ c"' });
    expect(await stored(stage)).toEqual(['a "b" \\ c: 1']);
  });

  it("may stand beside an id that is the same, and beside no other", async () => {
    const stage = new Stage();
    const key = { "idempotency-key": "a" };
    expect(await post(stage, { id: "a", data: "1" }, key)).toMatchObject({ status: 201 });
    expect(await post(stage, { id: "b", data: "1" }, key)).toMatchObject({
      status: 400,
      body: { code: "invalid-header" },
    });
  });

  it.each<[string, unknown, string]>([
    ["for a batch", [{ data: "1" }, { data: "2" }], "a"],
    ["that is empty", { data: "1" }, ""],
    ["that is not ASCII", { data: "1" }, "é"],
    ["that is too long", { data: "1" }, "x".repeat(513)],
  ])("is refused %s, and nothing is stored", async (_, body, key) => {
    const stage = new Stage();
    const answer = await post(stage, body, { "idempotency-key": key });
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid-header" } });
    expect(await stored(stage)).toEqual([]);
  });
});

describe("a producer", () => {
  it("sends batches again, and is answered as the first time", async () => {
    const stage = new Stage();
    const batch = [{ data: "1" }, { data: "2" }];
    expect(await post(stage, batch, producer("p", 0, 0))).toMatchObject({
      status: 201,
      body: { cursors: ["e1.1", "e1.2"], duplicates: [] },
    });
    expect(await post(stage, batch, producer("p", 0, 0))).toEqual({
      status: 200,
      body: { cursors: ["e1.1", "e1.2"], duplicates: [0, 1] },
    });
    expect(await stored(stage)).toEqual(["-: 1", "-: 2"]);
  });

  it("is fenced by its successor: 409 and a code of its own", async () => {
    const stage = new Stage();
    await post(stage, { data: "1" }, producer("p", 1, 0));
    await post(stage, { data: "2" }, producer("p", 2, 0));
    expect(await post(stage, { data: "3" }, producer("p", 1, 1))).toMatchObject({
      status: 409,
      body: { code: "producer-fenced" },
    });
    expect(await stored(stage)).toEqual(["-: 1", "-: 2"]);
  });

  it("is told the sequence that was expected where it left one out", async () => {
    const stage = new Stage();
    await post(stage, { data: "1" }, producer("p", 0, 6));
    expect(await post(stage, { data: "2" }, producer("p", 0, 9))).toMatchObject({
      status: 409,
      body: { code: "producer-out-of-order", expected: "Producer-Seq: 7" },
    });
  });

  it.each<[string, Headers]>([
    ["without an epoch", { "producer-id": "p", "producer-seq": "0" }],
    ["without an id", { "producer-epoch": "0", "producer-seq": "0" }],
    ["without a sequence", { "producer-id": "p", "producer-epoch": "0" }],
    ["with an id that has a space", producer("p q", 0, 0)],
    ["with a negative epoch", producer("p", -1, 0)],
    ["with a sequence that is no integer", producer("p", 0, 0.5)],
    ["with a sequence past 2^53", { ...producer("p", 0, 0), "producer-seq": "9007199254740993" }],
    ["with an epoch in hexadecimal", { ...producer("p", 0, 0), "producer-epoch": "0x1" }],
  ])("is refused %s", async (_, headers) => {
    const stage = new Stage();
    const answer = await post(stage, { data: "1" }, headers);
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid-header" } });
    expect(await stored(stage)).toEqual([]);
  });
});

describe("publishing again from the program", () => {
  it("is answered in the same way", async () => {
    const hub = createHub({ log: createMemoryLog() });
    const { cursors } = await hub.publish("a", { id: "x", data: "" });
    expect(await hub.publish("a", { id: "x", data: "" })).toEqual({ cursors, duplicates: [0] });
    const stamp = { producer: { id: "p", epoch: 3, sequence: 0 } };
    const sent = await hub.publish("a", [{ data: "1" }], stamp);
    expect(sent.duplicates).toEqual([]);
    expect(await hub.publish("a", [{ data: "1" }], stamp)).toEqual({ ...sent, duplicates: [0] });
    const older = { producer: { id: "p", epoch: 2, sequence: 0 } };
    await expect(hub.publish("a", { data: "" }, older)).rejects.toMatchObject({
      code: "producer-fenced",
    });
  });
});

describe("PROTOCOL.md", () => {
  const protocol = readFileSync(new URL("../../../../PROTOCOL.md", import.meta.url), "utf8");

  it.each([
    "producer-fenced",
    "producer-out-of-order",
    "invalid-header",
    "Idempotency-Key",
    "Producer-Id",
    "Producer-Epoch",
    "Producer-Seq",
    "application/x-ndjson",
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
  ])("names %s", (name) => {
    expect(protocol).toContain(`\`${name}\``);
  });
});
