// Readers that are slower than the stream, and logs that lose what they were to read.

import { describe, expect, it } from "vitest";
import { RecordingSink } from "./recording-sink.js";
import { NEWS, numbers, Stage } from "./stage.js";

/** A sink that is full after its first write: the greeting still fits. */
function narrowSink(): RecordingSink {
  const sink = new RecordingSink();
  sink.room = 1;
  return sink;
}

const bytesOf = (sink: RecordingSink) =>
  sink.writes.reduce((sum, { byteLength }) => sum + byteLength, 0);

describe("a slow reader", () => {
  it("is written nothing more while its sink is full, and delays nobody", async () => {
    const stage = new Stage();
    const slow = await stage.subscribe("", narrowSink());
    const fast = await stage.subscribe();
    const before = bytesOf(slow);
    await stage.publish(...numbers(1, 1000));
    expect(fast.data).toHaveLength(1000);
    expect(bytesOf(slow)).toBe(before);
  });

  it("catches up from where it was, once and in order, and is live again", async () => {
    const stage = new Stage();
    const slow = await stage.subscribe("", narrowSink());
    await stage.publish(...numbers(1, 3000));
    slow.makeRoom();
    await stage.environment.settle();
    expect(slow.data).toEqual(numbers(1, 3000));
    await stage.publish("3001");
    expect(slow.data.at(-1)).toBe("3001");
    expect(stage.core.connections.all()[0]?.state).toBe("live");
  });

  it("falls back in the middle of a burst, and misses none of it", async () => {
    const stage = new Stage();
    const slow = await stage.subscribe();
    slow.room = 1;
    await stage.publish(...numbers(1, 5));
    await stage.publish(...numbers(6, 9));
    expect(slow.data).toEqual(numbers(1, 5));
    slow.makeRoom();
    await stage.environment.settle();
    expect(slow.data).toEqual(numbers(1, 9));
  });

  it("is never handed more than one page beyond what makes it full", async () => {
    const stage = new Stage();
    await stage.publish(...Array<string>(200).fill("x".repeat(2000)));
    const slow = await stage.subscribe("?cursor=earliest", narrowSink());
    while (slow.data.length < 200) {
      const before = bytesOf(slow);
      slow.makeRoom(1);
      await stage.environment.settle();
      expect(bytesOf(slow) - before).toBeLessThanOrEqual(64 * 1024 + 8000);
    }
    expect(slow.data).toHaveLength(200);
  });

  it("of a filter catches up with what passes it", async () => {
    const stage = new Stage();
    const slow = await stage.subscribe("?topics=even", narrowSink());
    const events = numbers(1, 10).map((data) => ({
      data,
      topic: Number(data) % 2 === 0 ? "even" : "odd",
    }));
    await stage.publish(...events);
    slow.makeRoom();
    await stage.environment.settle();
    expect(slow.data).toEqual(["2", "4", "6", "8", "10"]);
  });
});

describe("a long replay", () => {
  it("takes one page per turn, also where the filter hides all of it", async () => {
    const stage = new Stage();
    await stage.append(...numbers(1, 1000));
    await stage.append(...numbers(1001, 2000));
    const reads: number[] = [];
    const { read } = stage.log;
    stage.log.read = (name, options) => {
      reads.push(options.after);
      return read.call(stage.log, name, options);
    };
    (await stage.stream("/streams/news?topics=none&cursor=e1.0")).open(new RecordingSink());
    const perTurn: number[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const before = reads.length;
      await stage.environment.turn();
      perTurn.push(reads.length - before);
    }
    // The first is the look at the cursor, before there is an answer.
    expect(reads).toEqual([0, 0, 512, 1024, 1536]);
    expect(perTurn).toEqual([1, 1, 1]);
  });

  it("is not read on for a reader that has left", async () => {
    const stage = new Stage({ cache: { events: 0, bytes: 0 } });
    await stage.publish(...numbers(1, 1000));
    await stage.publish(...numbers(1001, 2000));
    let reads = 0;
    const { read } = stage.log;
    const sink = new RecordingSink();
    (await stage.stream("/streams/news?topics=none&cursor=e1.0")).open(sink);
    stage.log.read = (name, options) => {
      reads += 1;
      return read.call(stage.log, name, options);
    };
    await stage.environment.turn();
    sink.lose();
    await stage.environment.settle();
    expect(reads).toBe(1);
  });

  it("has one question to the log at a time, and none while the sink is full", async () => {
    const stage = new Stage();
    await stage.publish(...numbers(1, 1000));
    await stage.publish(...numbers(1001, 2000));
    let open = 0;
    let most = 0;
    const { read } = stage.log;
    stage.log.read = async (name, options) => {
      open += 1;
      most = Math.max(most, open);
      const result = await read.call(stage.log, name, options);
      open -= 1;
      return result;
    };
    const sink = await stage.subscribe("?cursor=e1.0", narrowSink());
    expect([open, sink.data]).toEqual([0, []]);
    sink.makeRoom();
    await stage.environment.settle();
    expect([most, sink.data.length]).toEqual([1, 2000]);
  });

  it("goes on where the reader left although events come all the time", async () => {
    const stage = new Stage();
    await stage.append(...numbers(1, 2000));
    const sink = new RecordingSink();
    (await stage.stream("/streams/news?cursor=e1.0")).open(sink);
    let next = 2001;
    while (sink.data.length < next - 1) {
      await stage.append(String(next), String(next + 1));
      next += 2;
      await stage.environment.turn();
      if (next > 2200) break;
    }
    await stage.environment.settle();
    expect(sink.data).toEqual(numbers(1, next - 1));
  });
});

describe("a log that loses history under a reader", () => {
  const gaps = (sink: RecordingSink) => sink.payloads("throughline.gap");

  it("by trimming gives the exact range, before any later event", async () => {
    const stage = new Stage({ cache: { events: 0, bytes: 0 } });
    const sink = await stage.subscribe("", narrowSink());
    await stage.publish(...numbers(1, 100));
    await stage.log.trim(NEWS, 90);
    sink.makeRoom();
    await stage.environment.settle();
    expect(gaps(sink)).toEqual([{ from: 1, to: 90, reason: "trimmed" }]);
    expect(sink.data).toEqual(numbers(91, 100));
    expect(sink.types.indexOf("throughline.gap")).toBeLessThan(sink.types.indexOf("message"));
    expect(sink.events.find(({ type }) => type === "throughline.gap")?.id).toBe("e1.90");
  });

  it("loses nothing for a reader whose events are still in memory", async () => {
    const stage = new Stage();
    const sink = await stage.subscribe("", narrowSink());
    await stage.publish(...numbers(1, 100));
    await stage.log.trim(NEWS, 90);
    sink.makeRoom();
    await stage.environment.settle();
    expect(sink.data).toEqual(numbers(1, 100));
  });

  it("by beginning anew tells live and slow readers alike", async () => {
    const stage = new Stage();
    const live = await stage.subscribe("?topics=none");
    const slow = await stage.subscribe("", narrowSink());
    await stage.publish(...numbers(1, 3));
    await stage.log.remove(NEWS);
    await stage.publish("a");
    slow.makeRoom();
    await stage.environment.settle();
    const reset = { from: null, to: null, reason: "reset" };
    expect(gaps(live)).toEqual([reset]);
    expect(gaps(slow)).toEqual([reset]);
    expect(slow.events.slice(-2).map(({ id, data }) => [id, data])).toEqual([
      ["e2.0", JSON.stringify(reset)],
      ["e2.1", "a"],
    ]);
  });
});

describe("a log that begins anew", () => {
  it("is not mistaken for the old one, however far it has come", async () => {
    const stage = new Stage();
    const slow = await stage.subscribe("", narrowSink());
    slow.makeRoom(1);
    await stage.publish("old 1");
    await stage.log.remove(NEWS);
    await stage.publish(...numbers(1, 5));
    slow.makeRoom();
    await stage.environment.settle();
    expect(slow.types.slice(2)).toEqual([
      "message",
      "throughline.gap",
      ...Array<string>(5).fill("message"),
    ]);
    expect(slow.data).toEqual(["old 1", ...numbers(1, 5)]);
  });

  it("in the turn in which the old one got its last event loses neither", async () => {
    const stage = new Stage();
    const sink = await stage.subscribe();
    await stage.append("old 1");
    await stage.log.remove(NEWS);
    await stage.append("new 1");
    await stage.environment.settle();
    expect(sink.events.slice(2).map(({ type, id }) => [type, id])).toEqual([
      ["message", "e1.1"],
      ["throughline.gap", "e2.0"],
      ["message", "e2.1"],
    ]);
  });
});

describe("the end of a stream", () => {
  it("comes right after its last event, to live and to slow readers", async () => {
    const stage = new Stage();
    const live = await stage.subscribe();
    const slow = await stage.subscribe("", narrowSink());
    await stage.append("last");
    await stage.log.seal(NEWS);
    await stage.environment.settle();
    expect(live.types.slice(-2)).toEqual(["message", "throughline.end"]);
    expect([live.isEnded, slow.isEnded]).toEqual([true, false]);
    slow.makeRoom();
    await stage.environment.settle();
    expect(slow.types.slice(-2)).toEqual(["message", "throughline.end"]);
    expect(slow.payloads("throughline.end")).toEqual([{ reason: "complete" }]);
  });

  it("reaches readers whose filter hid the last events", async () => {
    const stage = new Stage();
    const sink = await stage.subscribe("?topics=mine");
    await stage.append("hidden");
    await stage.log.seal(NEWS);
    await stage.environment.settle();
    expect(sink.types.at(-1)).toBe("throughline.end");
    expect(sink.events.at(-1)?.id).toBe("e1.1");
  });

  it("frees the connection when the last byte is out", async () => {
    const stage = new Stage();
    const sink = await stage.subscribe();
    await stage.log.seal(NEWS);
    await stage.environment.settle();
    expect(stage.core.connections.all()).toHaveLength(1);
    sink.flush();
    expect(stage.core.connections.all()).toEqual([]);
  });

  it("is cut after ten seconds for a reader that does not take it", async () => {
    const stage = new Stage();
    const sink = await stage.subscribe();
    await stage.log.seal(NEWS);
    await stage.environment.pass(9_900);
    expect(sink.isDestroyed).toBe(false);
    await stage.environment.pass(1_000);
    expect([sink.isDestroyed, stage.core.connections.all()]).toEqual([true, []]);
  });
});

describe("a failure", () => {
  it("of the log ends the replay in good order: the reader comes back with its cursor", async () => {
    const stage = new Stage({ cache: { events: 0, bytes: 0 } });
    const sink = await stage.subscribe("", narrowSink());
    await stage.publish("1");
    stage.log.read = () => Promise.reject(new Error("disk gone"));
    sink.makeRoom();
    await stage.environment.settle();
    expect([sink.isEnded, sink.types.includes("throughline.end")]).toEqual([true, false]);
    expect(stage.errors).toMatchObject([{ message: "disk gone" }]);
  });

  it("of one delivery costs one connection", async () => {
    const stage = new Stage();
    const broken = await stage.subscribe();
    const sound = await stage.subscribe();
    broken.write = () => {
      throw new Error("bug");
    };
    await stage.publish("1");
    await stage.publish("2");
    expect(sound.data).toEqual(["1", "2"]);
    expect(broken.isDestroyed).toBe(true);
    expect(stage.core.connections.all()).toHaveLength(1);
    expect(stage.errors).toMatchObject([{ message: "bug" }]);
  });

  it("of a greeting costs one connection as well", async () => {
    const stage = new Stage();
    const broken = new RecordingSink();
    broken.write = () => {
      throw new Error("bug");
    };
    await stage.subscribe("", broken);
    expect([broken.isDestroyed, stage.core.connections.all()]).toEqual([true, []]);
    expect(stage.errors).toMatchObject([{ message: "bug" }]);
  });

  it("of a log that answers nothing although there is something does not make a loop", async () => {
    const stage = new Stage({ cache: { events: 0, bytes: 0 } });
    const sink = await stage.subscribe("", narrowSink());
    await stage.publish("1");
    let reads = 0;
    stage.log.read = async () => {
      reads += 1;
      const head = await stage.log.head(NEWS);
      return { kind: "events", epoch: "e1", events: [], head };
    };
    sink.makeRoom();
    await stage.environment.settle();
    expect([reads, sink.isEnded]).toEqual([1, true]);
  });
});
