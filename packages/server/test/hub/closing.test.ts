// Shutting down, on virtual time.

import { describe, expect, it } from "vitest";
import { closeConnections } from "../../src/hub/closing.js";
import { RecordingSink } from "./recording-sink.js";
import { numbers, Stage } from "./stage.js";

const DRAIN = "throughline.drain";

async function stageWithReaders(count: number): Promise<{ stage: Stage; sinks: RecordingSink[] }> {
  const stage = new Stage();
  const sinks: RecordingSink[] = [];
  for (let reader = 0; reader < count; reader += 1) sinks.push(await stage.subscribe());
  return { stage, sinks };
}

function close(stage: Stage, withinMs: number): { isDone: boolean } {
  const progress = { isDone: false };
  void closeConnections(stage.core, withinMs).then(() => {
    progress.isDone = true;
  });
  return progress;
}

describe("shutting down", () => {
  it("tells every reader at once when it will be ended, and goes on delivering until then", async () => {
    const { stage, sinks } = await stageWithReaders(2);
    close(stage, 1000);
    await stage.publish("still there");
    for (const sink of sinks) {
      expect(sink.payloads(DRAIN)).toEqual([{ withinMs: 750 }]);
      expect(sink.events.find(({ type }) => type === DRAIN)?.id).toBeUndefined();
      expect([sink.data, sink.isEnded]).toEqual([["still there"], false]);
    }
  });

  it("ends readers at moments of their own, within the second half of the time", async () => {
    const { stage, sinks } = await stageWithReaders(40);
    let number = 0;
    stage.environment.random = () => (number++ % 40) / 40;
    close(stage, 10_000);
    const ended = () => sinks.filter(({ isEnded }) => isEnded).length;
    await stage.environment.pass(5000);
    expect(ended()).toBeLessThanOrEqual(1);
    await stage.environment.pass(2500);
    expect(ended()).toBeGreaterThan(10);
    expect(ended()).toBeLessThan(30);
    await stage.environment.pass(2500);
    expect(ended()).toBe(40);
  });

  it("is done when the last reader has its last byte", async () => {
    const { stage, sinks } = await stageWithReaders(2);
    const progress = close(stage, 1000);
    await stage.environment.pass(1000);
    sinks[0]?.flush();
    await stage.environment.settle();
    expect(progress.isDone).toBe(false);
    sinks[1]?.flush();
    await stage.environment.settle();
    expect([progress.isDone, stage.environment.timers]).toEqual([true, 0]);
  });

  it("is done at once where nobody is", async () => {
    const { stage } = await stageWithReaders(0);
    const progress = close(stage, 1000);
    await stage.environment.settle();
    expect([progress.isDone, stage.environment.timers]).toEqual([true, 0]);
  });

  it("does not wait longer than ten seconds for readers that take nothing", async () => {
    const { stage, sinks } = await stageWithReaders(1);
    const [sink] = sinks;
    if (sink !== undefined) sink.room = 1;
    await stage.publish("x");
    const progress = close(stage, 1000);
    await stage.environment.pass(10_500);
    expect(progress.isDone).toBe(false);
    await stage.environment.pass(1000);
    expect([progress.isDone, sink?.isDestroyed]).toEqual([true, true]);
  });

  it("ends all at once where no time is given", async () => {
    const { stage, sinks } = await stageWithReaders(3);
    close(stage, 0);
    await stage.environment.pass(1);
    expect(sinks.map(({ isEnded }) => isEnded)).toEqual([true, true, true]);
  });

  it("refuses what is new, also what had already begun to subscribe", async () => {
    const { stage } = await stageWithReaders(1);
    const late = stage.plain("/streams/news");
    close(stage, 1000);
    const answers = [
      await late,
      await stage.plain("/streams/news"),
      await stage.plain("/streams/news", { method: "POST" }),
    ];
    for (const { status, headers, body } of answers) {
      expect([status, JSON.parse(body)]).toMatchObject([503, { code: "shutting-down" }]);
      expect(headers).toMatchObject({ "retry-after": "1", connection: "close" });
    }
  });

  it("goes on renewing leases until the end", async () => {
    const { stage } = await stageWithReaders(1);
    close(stage, 1000);
    const answer = await stage.plain("/leases/hub-1/connection-1", { method: "POST" });
    expect(answer.status).toBe(200);
  });

  it("ends a replay at the border of an event", async () => {
    const stage = new Stage();
    await stage.append(...numbers(1, 1000));
    const sink = new RecordingSink();
    sink.room = 1;
    (await stage.stream("/streams/news?cursor=e1.0")).open(sink);
    close(stage, 0);
    await stage.environment.pass(1);
    expect([sink.isEnded, sink.types.at(-1)]).toEqual([true, DRAIN]);
  });
});
