// Many readers that catch up at a time: each in turn, and never so much that those who are live wait.

import type { HubOptions } from "@throughline/server";
import { describe, expect, it } from "vitest";
import {
  MOST_READS,
  type PacedReader,
  ReplayPacer,
  SLOW_READ_MS,
  TURN_BYTES,
  TURN_MS,
} from "../../src/hub/replay-pacer.js";
import { RecordingSink } from "./recording-sink.js";
import { numbers, Stage } from "./stage.js";
import { VirtualEnvironment } from "./virtual-environment.js";

const PAGE_BYTES = 64 * 1024;
const LARGE_CACHE = { events: 100_000, bytes: 64 * 1024 * 1024 };
const NO_CACHE = { events: 0, bytes: 0 };

/** A hub with so many events of 2 KB, and readers of all of them who have just been let in. */
async function crowd(count: number, events: number, options: Partial<HubOptions>) {
  const stage = new Stage(options);
  const live = await stage.subscribe();
  for (let done = 0; done < events; done += 500) {
    await stage.publish(...numbers(done + 1, done + 500).map((data) => data.padEnd(2000, "x")));
  }
  const readers: RecordingSink[] = [];
  for (let reader = 0; reader < count; reader += 1) {
    const answer = await stage.stream("/streams/news?cursor=e1.0");
    const sink = new RecordingSink();
    answer.open(sink);
    readers.push(sink);
  }
  return { stage, live, readers };
}

const bytesOf = (sinks: readonly RecordingSink[]) =>
  sinks.reduce((sum, { writes }) => sum + writes.reduce((all, { length }) => all + length, 0), 0);

describe.each([
  ["in memory", LARGE_CACHE],
  ["in the log", NO_CACHE],
])("a crowd that catches up on what is %s", (_, cache) => {
  it("is handed no more in one turn of the event loop than was settled", async () => {
    const { stage, readers } = await crowd(60, 500, { cache });
    let before = bytesOf(readers);
    let turns = 0;
    for (; readers.some(({ data }) => data.length < 500); turns += 1) {
      await stage.environment.turn();
      const now = bytesOf(readers);
      expect(now - before).toBeLessThanOrEqual(TURN_BYTES + PAGE_BYTES);
      before = now;
    }
    expect(turns).toBeGreaterThan(50);
    for (const { data } of readers) {
      expect(data.map((text) => text.replace(/x+$/, ""))).toEqual(numbers(1, 500));
    }
  });

  it("is served in turn: nobody gets ahead, but by the page that whoever came first had then", async () => {
    const { stage, readers } = await crowd(60, 500, { cache });
    for (let turns = 0; readers.some(({ data }) => data.length < 500); turns += 1) {
      expect(turns).toBeLessThan(500);
      await stage.environment.turn();
      const pages = readers.map(({ writes }) => writes.length);
      expect(Math.max(...pages) - Math.min(...pages)).toBeLessThanOrEqual(2);
    }
  });

  it("does not keep what is published from those who are live", async () => {
    const { stage, live, readers } = await crowd(60, 500, { cache });
    for (let number = 501; readers.some(({ data }) => data.length < 500); number += 1) {
      expect(number).toBeLessThan(1000);
      await stage.append(String(number));
      await stage.environment.turn();
      expect(live.data.at(-1)).toBe(String(number));
    }
    await stage.environment.settle();
    for (const { data } of readers) expect(data.at(-1)).toBe(live.data.at(-1));
  });

  it("is caught up in the end, and nobody is left waiting", async () => {
    const { stage, readers } = await crowd(60, 500, { cache });
    for (const reader of readers.slice(0, 30)) reader.lose();
    await stage.environment.settle();
    const states = stage.core.connections.all().map(({ state }) => state);
    expect(states).toEqual(Array(31).fill("live"));
    expect(stage.core.connections.pacer.waiting).toBe(0);
    expect(stage.environment.timers).toBe(1);
  });
});

describe("a reader that comes while others catch up", () => {
  it("has its page with the greeting where nobody waits", async () => {
    const stage = new Stage();
    await stage.subscribe();
    await stage.publish("1", "2");
    const sink = new RecordingSink();
    (await stage.stream("/streams/news?cursor=e1.1")).open(sink);
    expect(sink.data).toEqual(["2"]);
  });

  it("waits behind those who were there before, and is live when it missed nothing", async () => {
    const { stage } = await crowd(60, 500, { cache: LARGE_CACHE });
    const [behind, caughtUp] = [new RecordingSink(), new RecordingSink()];
    (await stage.stream("/streams/news?cursor=e1.499")).open(behind);
    (await stage.stream("/streams/news?cursor=e1.500")).open(caughtUp);
    expect([behind.data, stage.core.connections.all().at(-1)?.state]).toEqual([[], "live"]);
    await stage.environment.turn();
    await stage.environment.turn();
    await stage.environment.turn();
    await stage.environment.turn();
    expect(behind.data).toHaveLength(1);
  });
});

describe("a log that is slow", () => {
  /** A log whose reads are answered when the test says so. */
  function hold(stage: Stage): { open: number; most: number; answer(): void } {
    const { read } = stage.log;
    const waiting: (() => void)[] = [];
    const held = { open: 0, most: 0, answer: () => waiting.shift()?.() };
    stage.log.read = async (name, options) => {
      held.open += 1;
      held.most = Math.max(held.most, held.open);
      await new Promise<void>((resolve) => waiting.push(resolve));
      held.open -= 1;
      return read.call(stage.log, name, options);
    };
    return held;
  }

  async function stageWithHistory(): Promise<Stage> {
    const stage = new Stage({ cache: { events: 10, bytes: PAGE_BYTES } });
    await stage.subscribe();
    await stage.publish(...numbers(1, 1000));
    return stage;
  }

  async function comeBack(stage: Stage, offset: number): Promise<RecordingSink> {
    const answer = await stage.stream(`/streams/news?cursor=e1.${offset}`);
    const sink = new RecordingSink();
    answer.open(sink);
    return sink;
  }

  it("is asked few things at a time, and the next when it has answered", async () => {
    const stage = await stageWithHistory();
    const answers = await Promise.all(
      numbers(1, 50).map(() => stage.stream("/streams/news?cursor=e1.0")),
    );
    const held = hold(stage);
    const sinks = answers.map((answer) => {
      const sink = new RecordingSink();
      answer.open(sink);
      return sink;
    });
    await stage.environment.settle();
    expect(held.open).toBe(MOST_READS);
    for (let answered = 0; sinks.some(({ data }) => data.length < 1000); answered += 1) {
      held.answer();
      await stage.environment.settle();
      expect(answered).toBeLessThan(200);
    }
    expect(held.most).toBe(MOST_READS);
  });

  it("does not hold up those who need nothing from it", async () => {
    const stage = await stageWithHistory();
    const answers = await Promise.all(
      numbers(1, 20).map(() => stage.stream("/streams/news?cursor=e1.0")),
    );
    hold(stage);
    for (const answer of answers) answer.open(new RecordingSink());
    const sink = await comeBack(stage, 995);
    await stage.environment.settle();
    expect(sink.data).toEqual(numbers(996, 1000));
  });

  it("that never answers keeps nobody from asking for longer than a second", async () => {
    const stage = await stageWithHistory();
    const answers = await Promise.all(
      numbers(1, MOST_READS + 1).map(() => stage.stream("/streams/news?cursor=e1.0")),
    );
    const { read } = stage.log;
    stage.log.read = () => new Promise(() => {});
    for (const answer of answers.slice(0, MOST_READS)) answer.open(new RecordingSink());
    stage.log.read = read;
    const sink = new RecordingSink();
    answers.at(-1)?.open(sink);
    await stage.environment.pass(SLOW_READ_MS - 1);
    expect(sink.data).toEqual([]);
    await stage.environment.pass(1);
    expect(sink.data).toHaveLength(1000);
  });

  it("is not asked for readers that have left while they waited", async () => {
    const stage = await stageWithHistory();
    const answers = await Promise.all(
      numbers(1, MOST_READS + 5).map(() => stage.stream("/streams/news?cursor=e1.0")),
    );
    const held = hold(stage);
    const sinks = answers.map((answer) => {
      const sink = new RecordingSink();
      answer.open(sink);
      return sink;
    });
    for (const sink of sinks) sink.lose();
    for (let count = 0; count < 20; count += 1) {
      held.answer();
      await stage.environment.settle();
    }
    expect([held.most, stage.core.connections.pacer.waiting]).toEqual([MOST_READS, 0]);
  });
});

describe("the pacer", () => {
  it("ends a turn when its time is over, and goes on in the next", async () => {
    const environment = new VirtualEnvironment();
    const pacer = new ReplayPacer(environment, { isFull: false });
    let nowMs = 0;
    environment.nowMs = () => nowMs;
    let served = 0;
    const slowOne: PacedReader = {
      takePage: () => {
        served += 1;
        nowMs += TURN_MS / 2;
      },
    };
    for (let reader = 0; reader < 5; reader += 1) pacer.enqueue(slowOne);
    await environment.turn();
    expect(served).toBe(2);
    await environment.turn();
    await environment.turn();
    expect([served, pacer.waiting]).toEqual([5, 0]);
  });

  it("counts a page that shows nothing as well: it had to be looked for", async () => {
    const environment = new VirtualEnvironment();
    const pacer = new ReplayPacer(environment, { isFull: false });
    for (let page = 0; page < 10_000; page += 1) pacer.spend(0);
    expect(pacer.hasRoom).toBe(false);
    await environment.turn();
    expect(pacer.hasRoom).toBe(true);
  });
});
