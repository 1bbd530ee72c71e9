// A log whose tails have gone deaf, and what opening them anew repairs, on virtual time.

import { describe, expect, it } from "vitest";
import { createDeafLog } from "../deaf-log.js";
import { NEWS, Stage } from "./stage.js";

describe("tails that are opened anew", () => {
  it("deliver what a deaf one has missed, once and in order", async () => {
    const engine = createDeafLog();
    const stage = new Stage({ log: engine.log });
    const sink = await stage.subscribe();
    await stage.publish("1");
    engine.deafen();
    await stage.publish("2");
    await stage.publish("3");
    expect(sink.data).toEqual(["1"]);
    stage.core.feeds.reopenTails(() => {});
    await stage.environment.settle();
    await stage.publish("4");
    expect(sink.data).toEqual(["1", "2", "3", "4"]);
    expect([engine.tails(), engine.openTails()]).toEqual([2, 1]);
  });

  it("do not listen to the old one when it speaks after all", async () => {
    const engine = createDeafLog();
    const stage = new Stage({ log: engine.log });
    const sink = await stage.subscribe();
    engine.deafen();
    await stage.publish("1");
    stage.core.feeds.reopenTails(() => {});
    await stage.environment.settle();
    engine.speakLate();
    await stage.publish("2");
    expect([sink.data, stage.errors]).toEqual([["1", "2"], []]);
  });

  it("repeat nothing that has been heard and is not yet delivered", async () => {
    const stage = new Stage();
    const sink = await stage.subscribe();
    await stage.append("1");
    stage.core.feeds.reopenTails(() => {});
    await stage.append("2");
    await stage.environment.settle();
    expect(sink.data).toEqual(["1", "2"]);
  });

  it("tell of a new epoch that the deaf one has missed", async () => {
    const engine = createDeafLog();
    const stage = new Stage({ log: engine.log });
    await stage.append("old");
    const sink = await stage.subscribe();
    engine.deafen();
    await stage.log.remove(NEWS);
    await stage.append("new");
    stage.core.feeds.reopenTails(() => {});
    await stage.environment.settle();
    expect(sink.payloads("throughline.gap")).toMatchObject([{ reason: "reset" }]);
    expect(sink.data).toEqual(["new"]);
  });

  it("leave a stream alone that is complete", async () => {
    const engine = createDeafLog();
    const stage = new Stage({ log: engine.log });
    await stage.append("1");
    await stage.subscribe();
    await stage.log.seal(NEWS);
    await stage.environment.settle();
    stage.core.feeds.reopenTails(() => {});
    expect(engine.tails()).toBe(1);
  });

  it("that the log refuses are reported, and the others opened", async () => {
    const stage = new Stage();
    const other = await stage.stream("/streams/other");
    const sink = await stage.subscribe();
    const { tail } = stage.log;
    stage.log.tail = (stream, ...rest) => {
      if (stream !== NEWS) throw new Error("no");
      return tail.call(stage.log, stream, ...rest);
    };
    const refused: string[] = [];
    stage.core.feeds.reopenTails((_error, stream) => refused.push(stream));
    await stage.publish("x");
    other.abandon();
    expect([refused, sink.data]).toEqual([["other"], ["x"]]);
  });
});
