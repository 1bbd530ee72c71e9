// Scenario 17 on the real hub and the real log: publish at every point of subscribe, replay, live, slow
// and drain. The order of things is a script, so that every order can be tried and a failing one read.

import { createMemoryLog, type EventLog } from "@throughline/server/log";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { closeConnections } from "../../src/hub/closing.js";
import { RecordingSink } from "./recording-sink.js";
import { epochs, NEWS, numbers, Stage } from "./stage.js";

/** A log whose answers to `read` arrive when the script says so. */
function gated(log: EventLog): { log: EventLog; release(): void } {
  let waiting: (() => void)[] = [];
  const slow: EventLog = Object.create(log, {
    read: {
      value: async (...options: Parameters<EventLog["read"]>) => {
        const result = await log.read(...options);
        await new Promise<void>((resolve) => waiting.push(resolve));
        return result;
      },
    },
  });
  for (const name of ["append", "head", "tail", "trim", "seal", "remove", "close"] as const) {
    Object.defineProperty(slow, name, { value: log[name].bind(log) });
  }
  const release = () => {
    const open = waiting;
    waiting = [];
    for (const resolve of open) resolve();
  };
  return { log: slow, release };
}

class Play {
  readonly gate = gated(createMemoryLog({ createEpoch: epochs() }));
  readonly stage: Stage;
  readonly sinks: RecordingSink[] = [];
  readonly starts: number[] = [];
  published = 0;

  constructor(cacheEvents: number) {
    this.stage = new Stage({ log: this.gate.log, cache: { events: cacheEvents, bytes: 1e6 } });
  }

  async publish(count: number): Promise<void> {
    await this.stage.append(...numbers(this.published + 1, this.published + count));
    this.published += count;
  }

  /** Begins to subscribe after an offset; the sink is there when the hub has answered. */
  subscribe(after: number, room: number): void {
    const sink = new RecordingSink();
    sink.room = room;
    const offset = Math.min(after, this.published);
    void this.stage.request(`/streams/news?cursor=e1.${offset}`).then((answer) => {
      // A hub that is closing refuses.
      if (answer.kind === "plain") return;
      this.sinks.push(sink);
      this.starts.push(offset);
      answer.open(sink);
    });
  }

  fill(index: number): void {
    const sink = this.#pick(index);
    if (sink !== undefined) sink.room = 0;
  }

  empty(index: number): void {
    this.#pick(index)?.makeRoom(1500);
  }

  #pick(index: number): RecordingSink | undefined {
    return this.sinks[index % Math.max(1, this.sinks.length)];
  }

  /** Lets everything come to its end. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 40; turn += 1) {
      this.gate.release();
      for (const sink of this.sinks) if (!sink.isEnded) sink.makeRoom();
      await this.stage.environment.settle();
    }
  }
}

type Action = (play: Play) => unknown;

const anyAction = fc.oneof(
  fc.constantFrom<[string, Action][]>(
    ["publish 1", (play) => play.publish(1)],
    ["publish 7", (play) => play.publish(7)],
    ["answer reads", (play) => play.gate.release()],
    ["turn", (play) => play.stage.environment.turn()],
    ["a promise", () => Promise.resolve()],
  ),
  fc
    .tuple(fc.integer({ min: 0, max: 30 }), fc.constantFrom(1, 400, 1e9))
    .map(([after, room]): [string, Action] => [
      `subscribe after ${after} with room ${room}`,
      (play) => play.subscribe(after, room),
    ]),
  fc
    .integer({ min: 0, max: 3 })
    .map((index): [string, Action] => [`fill ${index}`, (play) => play.fill(index)]),
  fc
    .integer({ min: 0, max: 3 })
    .map((index): [string, Action] => [`make room in ${index}`, (play) => play.empty(index)]),
);

/** A script that prints as what happens. */
const anyScript = fc.array(
  anyAction.map(([name, act]) => ({ act, toString: () => name })),
  {
    maxLength: 40,
  },
);
const anyCache = fc.constantFrom(0, 3, 1000);

async function run(script: readonly { act: Action }[], cacheEvents: number): Promise<Play> {
  const play = new Play(cacheEvents);
  for (const { act } of script) await act(play);
  return play;
}

/** Every subscriber has everything after its start, once, in order, and nothing else. */
function expectWhole(play: Play): void {
  for (const [index, sink] of play.sinks.entries()) {
    expect(sink.data).toEqual(numbers((play.starts[index] ?? 0) + 1, play.published));
    expect(sink.types).not.toContain("throughline.gap");
  }
  expect(play.stage.errors).toEqual([]);
}

describe("publishing at any point of any delivery", () => {
  it("reaches every subscriber exactly once and in order", async () => {
    const anyRun = fc.asyncProperty(anyScript, anyCache, async (script, cacheEvents) => {
      const play = await run(script, cacheEvents);
      await play.settle();
      expectWhole(play);
      expect(play.stage.core.connections.all().map(({ state }) => state)).toEqual(
        play.sinks.map(() => "live"),
      );
    });
    await fc.assert(anyRun, { numRuns: 300 });
  });

  it("reaches everybody before the end, which comes last", async () => {
    const anyRun = fc.asyncProperty(anyScript, anyCache, async (script, cacheEvents) => {
      const play = await run(script, cacheEvents);
      await play.stage.log.seal(NEWS);
      await play.settle();
      expectWhole(play);
      for (const sink of play.sinks) {
        expect(sink.types.filter((type) => type === "throughline.end")).toHaveLength(1);
        expect([sink.types.at(-1), sink.isEnded]).toEqual(["throughline.end", true]);
      }
    });
    await fc.assert(anyRun, { numRuns: 150 });
  });

  it("goes on while the hub is closing, and what is cut off is a prefix", async () => {
    const anyRun = fc.asyncProperty(
      anyScript,
      anyScript,
      anyCache,
      async (before, after, cache) => {
        const play = await run(before, cache);
        void closeConnections(play.stage.core, 1000);
        for (const { act } of after) await act(play);
        await play.stage.environment.pass(2000);
        for (const [index, sink] of play.sinks.entries()) {
          const from = (play.starts[index] ?? 0) + 1;
          expect(sink.data).toEqual(numbers(from, from + sink.data.length - 1));
          expect(sink.isEnded).toBe(true);
        }
      },
    );
    await fc.assert(anyRun, { numRuns: 100 });
  });
});
