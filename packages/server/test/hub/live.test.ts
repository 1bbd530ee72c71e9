// What live subscribers are sent, and in how many writes.

import { afterEach, describe, expect, it, vi } from "vitest";
import { TopicIndex } from "../../src/hub/topic-index.js";
import { RecordingSink } from "./recording-sink.js";
import { NEWS, numbers, Stage } from "./stage.js";

const HEARTBEAT = "throughline.heartbeat";
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();

afterEach(() => void vi.restoreAllMocks());

describe("live subscribers", () => {
  it("are sent the very same bytes, once encoded", async () => {
    const stage = new Stage();
    const sinks = [await stage.subscribe(), await stage.subscribe()];
    await stage.publish("x");
    const [first, second] = sinks.map((sink) => sink.writes.at(-1));
    expect(text(first)).toBe("id: e1.1\ndata: x\n\n");
    expect(second?.buffer).toBe(first?.buffer);
    expect(second?.byteOffset).toBe(first?.byteOffset);
  });

  it("are sent in one write what comes in one turn", async () => {
    const stage = new Stage();
    const sink = await stage.subscribe();
    await stage.append("1");
    await stage.append("2", "3");
    expect(sink.writes).toHaveLength(1);
    await stage.environment.settle();
    expect(sink.data).toEqual(["1", "2", "3"]);
    expect(sink.writes).toHaveLength(2);
  });

  it("are sent a large batch in writes of bounded size", async () => {
    const stage = new Stage();
    const sink = await stage.subscribe();
    const large = "x".repeat(20_000);
    await stage.publish(...Array<string>(10).fill(large));
    expect(sink.data).toHaveLength(10);
    const sizes = sink.writes.slice(1).map(({ byteLength }) => byteLength);
    expect(sizes).toHaveLength(4);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(64 * 1024);
  });

  it("are sent an event that is larger than any bound alone", async () => {
    const stage = new Stage();
    const sink = await stage.subscribe();
    await stage.publish("1", "x".repeat(100_000), "3");
    expect(sink.data.map(({ length }) => length)).toEqual([1, 100_000, 1]);
    expect(sink.writes).toHaveLength(4);
  });

  it("get nothing any more once they have left", async () => {
    const stage = new Stage();
    const [gone, there] = [await stage.subscribe(), await stage.subscribe()];
    gone.lose();
    await stage.publish("x");
    expect([gone.data, there.data]).toEqual([[], ["x"]]);
  });

  it("keep their type, their line breaks and their order", async () => {
    const stage = new Stage();
    const sink = await stage.subscribe();
    await stage.publish({ type: "alert", data: "a\nb" }, { data: "" });
    const received = sink.events.slice(2).map(({ type, data, id }) => [type, data, id]);
    expect(received).toEqual([
      ["alert", "a\nb", "e1.1"],
      ["message", "", "e1.2"],
    ]);
  });
});

describe("topics", () => {
  const events = [
    { data: "1", topic: "ward/1" },
    { data: "2", topic: "ward/2" },
    { data: "3" },
    { data: "4", topic: "city" },
    { data: "5", topic: "ward/1/alerts" },
  ];

  it.each([
    ["", "12345"],
    ["?topics=ward/1", "1"],
    ["?topics=ward/*", "12"],
    ["?topics=ward/**", "125"],
    ["?topics=ward/1,city", "14"],
    ["?topics=ward/1&topics=city", "14"],
    ["?topics=**", "1245"],
    ["?topics=none", ""],
  ])("%s lets through %j, live and from history", async (query, expected) => {
    const stage = new Stage();
    const live = await stage.subscribe(query);
    await stage.publish(...events);
    const from = query === "" ? "?cursor=e1.0" : `${query}&cursor=e1.0`;
    const fromCache = await stage.subscribe(from);
    const cold = new Stage({ log: stage.log });
    const fromLog = await cold.subscribe(from);
    expect([live, fromCache, fromLog].map(({ data }) => data.join(""))).toEqual(
      Array(3).fill(expected),
    );
  });

  it("share the bytes among those who want the same", async () => {
    const stage = new Stage();
    const sinks = [
      await stage.subscribe("?topics=city,ward/1"),
      await stage.subscribe("?topics=ward/1,city"),
    ];
    await stage.publish(...events);
    const [first, second] = sinks.map((sink) => sink.writes.at(-1));
    expect(second?.buffer).toBe(first?.buffer);
  });

  it("are forgotten with the last who wanted them", async () => {
    const remove = vi.spyOn(TopicIndex.prototype, "remove");
    const stage = new Stage();
    const sinks = [await stage.subscribe("?topics=a"), await stage.subscribe("?topics=a")];
    sinks[0]?.lose();
    expect(remove).not.toHaveBeenCalled();
    sinks[1]?.lose();
    expect(remove).toHaveBeenCalledOnce();
    const again = await stage.subscribe("?topics=a");
    await stage.publish({ data: "x", topic: "a" });
    expect(again.data).toEqual(["x"]);
  });
});

describe("a reader from whom much is hidden", () => {
  const hidden = (count: number) => numbers(1, count).map((data) => ({ data, topic: "other" }));
  const lastCursor = (sink: RecordingSink) => Number(sink.events.at(-1)?.id?.split(".")[1]);

  it("is sent a cursor at the latest after 256 hidden events", async () => {
    const stage = new Stage();
    const sink = await stage.subscribe("?topics=mine");
    for (const event of hidden(1000)) {
      await stage.publish(event);
      const { offset } = await stage.log.head(NEWS);
      expect(offset - lastCursor(sink)).toBeLessThan(256);
    }
    expect(sink.types.filter((type) => type === HEARTBEAT).length).toBeLessThan(10);
  });

  it("is sent none where its own events carry one often enough", async () => {
    const stage = new Stage();
    const sink = await stage.subscribe("?topics=mine");
    for (let round = 0; round < 20; round += 1) {
      await stage.publish(...hidden(60), { data: "x", topic: "mine" });
    }
    expect(sink.types.filter((type) => type === HEARTBEAT)).toHaveLength(1);
    expect(sink.data).toHaveLength(20);
  });

  it.each(["cache", "log"])("is sent one in a replay from the %s", async (source) => {
    const stage = new Stage();
    if (source === "cache") await stage.subscribe();
    await stage.publish(...hidden(400));
    const sink = await stage.subscribe("?topics=mine&cursor=e1.0");
    expect(sink.data).toEqual([]);
    expect(lastCursor(sink)).toBe(400);
  });

  it("resumes from there without a gap after all that was hidden is trimmed", async () => {
    const stage = new Stage();
    const sink = await stage.subscribe("?topics=mine");
    await stage.publish(...hidden(300));
    sink.lose();
    await stage.log.trim(NEWS, lastCursor(sink));
    const again = await stage.subscribe(`?topics=mine&cursor=e1.${lastCursor(sink)}`);
    expect(again.types).not.toContain("throughline.gap");
  });
});

describe("feeds", () => {
  it("outlive their last reader by half a minute, so that who comes back needs no log", async () => {
    const stage = new Stage();
    const sink = await stage.subscribe();
    sink.lose();
    await stage.publish(...numbers(1, 10));
    stage.log.read = () => Promise.reject(new Error("not needed"));
    expect((await stage.subscribe("?cursor=e1.3")).data).toEqual(numbers(4, 10));
  });

  it("are closed after that, and leave nothing running", async () => {
    const stage = new Stage();
    (await stage.subscribe()).lose();
    expect(stage.core.feeds.size).toBe(1);
    await stage.environment.pass(30_000);
    expect([stage.core.feeds.size, stage.environment.timers]).toEqual([0, 0]);
  });

  it("stay while somebody reads, however long", async () => {
    const stage = new Stage();
    const [gone, there] = [await stage.subscribe(), await stage.subscribe()];
    gone.lose();
    await stage.environment.pass(60_000);
    await stage.publish("x");
    expect(there.data).toEqual(["x"]);
  });

  it("are opened once for readers who come together", async () => {
    const stage = new Stage();
    let heads = 0;
    const { head } = stage.log;
    stage.log.head = (name) => {
      heads += 1;
      return head.call(stage.log, name);
    };
    const answers = await Promise.all(numbers(1, 5).map(() => stage.stream("/streams/news")));
    for (const answer of answers) answer.open(new RecordingSink());
    expect([heads, stage.core.feeds.size]).toEqual([1, 1]);
  });

  it("without readers are closed early where there are more than a thousand", async () => {
    const stage = new Stage();
    for (let stream = 0; stream < 1010; stream += 1) {
      await stage.plain(`/streams/s${stream}`, { method: "HEAD" });
    }
    expect(stage.core.feeds.size).toBe(1000);
  });
});
