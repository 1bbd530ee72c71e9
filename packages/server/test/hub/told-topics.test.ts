// Readers who ask for it are told each event's topic, by a line that is no field of Server-Sent Events.

import { describe, expect, it } from "vitest";
import { NEWS, Stage } from "./stage.js";

const TELL = "throughline-tell=topics";
const EVENTS = [
  { data: "1", topic: "ward/1" },
  { data: "2", topic: "city" },
  { data: "3", topic: "ward/2", type: "alert" },
];
const TOLD =
  "topic: ward/1\nid: e1.1\ndata: 1\n\ntopic: ward/2\nid: e1.3\nevent: alert\ndata: 3\n\n";
const UNTOLD = TOLD.replaceAll(/topic: .*\n/g, "");

const textOf = (writes: readonly Uint8Array[]) =>
  writes.map((bytes) => Buffer.from(bytes).toString()).join("");

describe("the topics of events", () => {
  it("are told live to those who ask, and to nobody else with the same topics", async () => {
    const stage = new Stage();
    const asking = await stage.subscribe(`?topics=ward/*&${TELL}`);
    const plain = await stage.subscribe("?topics=ward/*");
    await stage.publish(...EVENTS);
    expect(textOf(asking.writes.slice(1))).toBe(TOLD);
    expect(textOf(plain.writes.slice(1))).toBe(UNTOLD);
    expect([asking.data, asking.data]).toEqual([plain.data, ["1", "3"]]);
  });

  it.each([
    { where: "memory", events: 10 },
    { where: "the log", events: 0 },
  ])("are told in a replay from $where", async ({ events }) => {
    const stage = new Stage({ cache: { events, bytes: 100_000 } });
    await stage.subscribe();
    await stage.publish(...EVENTS);
    const asking = await stage.subscribe(`?topics=ward/*&cursor=earliest&${TELL}`);
    const plain = await stage.subscribe("?topics=ward/*&cursor=earliest");
    expect(textOf(asking.writes.slice(1))).toBe(TOLD);
    expect(textOf(plain.writes.slice(1))).toBe(UNTOLD);
  });

  it("are announced in the head of the response, only where they are told", async () => {
    const stage = new Stage();
    const headerOf = async (query: string) =>
      (await stage.stream(`/streams/news${query}`)).headers["throughline-told"];
    expect(await headerOf(`?topics=ward/*&${TELL}`)).toBe("topics");
    expect(await headerOf("?topics=ward/*")).toBeUndefined();
    expect(await headerOf("?topics=ward/*&throughline-tell=more")).toBeUndefined();
    expect(await headerOf(`?${TELL}`)).toBeUndefined();
  });

  it("are not told of a stream at an address of the application's, where topics may be something else", async () => {
    const answer = await new Stage().stream(`/feed?topics=a&${TELL}`, {
      served: { stream: NEWS, fresh: undefined },
    });
    expect(answer.headers).not.toHaveProperty("throughline-told");
  });
});
