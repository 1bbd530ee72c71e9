// Scenario 17: whatever happens in whatever order, the subscriber is sent every event exactly once and
// in order, or is told of a gap before any later event.

import fc from "fast-check";
import type { Position } from "throughline/core";
import { describe, expect, it } from "vitest";
import { Model } from "./model.js";

const isEven = ({ offset }: Position) => offset % 2 === 0;
const isAny = () => true;

/** What may happen, by name, so that a failing script can be read. */
const EVENTS = {
  append: (model: Model) => model.log.append(1),
  "append five": (model: Model) => model.log.append(5),
  trim: (model: Model) => model.log.trim(2),
  reset: (model: Model) => model.log.reset(),
  hear: (model: Model) => model.hear(),
  "read page": (model: Model) => model.readPage(),
  "receive page": (model: Model) => model.receivePage(),
  "fill sink": (model: Model) => {
    model.willBeFull = true;
  },
  "make room": (model: Model) => model.makeRoom(),
} satisfies Record<string, (model: Model) => void>;

type EventName = keyof typeof EVENTS;

const anyScript = fc.array(fc.constantFrom(...(Object.keys(EVENTS) as EventName[])), {
  maxLength: 60,
});

const anyStart = fc.record({
  stored: fc.integer({ min: 0, max: 8 }),
  from: fc.integer({ min: 0, max: 10 }),
  epoch: fc.constantFrom("a0", "a0", "a0", "old"),
  isFiltered: fc.boolean(),
});

interface Start {
  readonly stored: number;
  readonly from: number;
  readonly epoch: string;
  readonly isFiltered: boolean;
}

function play({ stored, from, epoch, isFiltered }: Start, script: readonly EventName[]): Model {
  const startAt = { epoch, offset: from };
  const model = new Model({ stored, startAt, shows: isFiltered ? isEven : isAny });
  model.feed({ kind: "accepted" });
  for (const name of script) if (!model.isReleased) EVENTS[name](model);
  return model;
}

/** Lets everything that is under way come to its end, which it must within a few turns. */
function settle(model: Model): void {
  for (let turn = 0; turn < 100; turn += 1) {
    const { state, pointer } = model;
    if (!model.isReleased) model.hear();
    if (!model.isReleased) model.receivePage();
    if (!model.isReleased) model.makeRoom();
    if (model.state === state && model.pointer === pointer) return;
  }
  throw new Error("never comes to rest");
}

/** Follows what was sent, and says where it led. Throws at anything lost, repeated or reordered. */
function follow(model: Model, { from, epoch, isFiltered }: Start): Position {
  let at: Position = { epoch, offset: from };
  let lastValue = 0;
  for (const sent of model.sent) {
    if (sent.kind === "gap") {
      at = sent.resumeAfter;
    } else if (sent.kind === "event") {
      expect(sent.at.epoch).toBe(at.epoch);
      const hidden = isFiltered && isEven({ epoch: "", offset: at.offset }) ? 1 : 0;
      const next = isFiltered ? at.offset + 1 + hidden : at.offset + 1;
      expect(sent.at.offset).toBe(next);
      expect(sent.value).toBeGreaterThan(lastValue);
      lastValue = sent.value;
      at = sent.at;
    }
  }
  return at;
}

describe("a delivery, in any order of things", () => {
  it("sends everything once and in order, or says what is missing", () => {
    const anyRun = fc.property(anyStart, anyScript, (start, script) => {
      const model = play(start, script);
      settle(model);
      const reached = follow(model, start);
      const { head } = model.log;
      expect(model.state.name).toBe("live");
      expect(reached.epoch).toBe(head.epoch);
      const isLastHidden = start.isFiltered && !isEven(head) && head.offset > reached.offset;
      expect(reached.offset).toBe(isLastHidden ? head.offset - 1 : head.offset);
    });
    fc.assert(anyRun, { numRuns: 2000 });
  });

  it("tells of a gap only where the log lost something", () => {
    const lossless = anyScript.map((script) =>
      script.filter((name) => name !== "trim" && name !== "reset"),
    );
    const anyRun = fc.property(anyStart, lossless, (start, script) => {
      const model = play(start, script);
      settle(model);
      const isKnown = start.epoch === "a0" && start.from <= model.log.head.offset;
      fc.pre(isKnown);
      // A cursor ahead of the head is told the truth at once, even if the head comes to it later.
      const isAhead = start.from > start.stored;
      if (!isAhead) expect(model.sent.filter(({ kind }) => kind === "gap")).toEqual([]);
    });
    fc.assert(anyRun, { numRuns: 1000 });
  });

  it("sends the end after everything, once, when the stream is sealed", () => {
    const anyRun = fc.property(anyStart, anyScript, anyScript, (start, before, after) => {
      const model = play(start, before);
      model.log.isSealed = true;
      for (const name of after) if (name !== "reset" && !model.isEnded) EVENTS[name](model);
      settle(model);
      const reached = follow(model, start);
      expect(model.state).toMatchObject({ name: "draining", reason: "complete" });
      expect(model.sent.filter(({ kind }) => kind === "end")).toHaveLength(1);
      expect(model.sent.at(-1)).toEqual({ kind: "end" });
      expect(model.log.head.offset - reached.offset).toBeLessThanOrEqual(start.isFiltered ? 1 : 0);
    });
    fc.assert(anyRun, { numRuns: 2000 });
  });

  it("ends cleanly wherever it is, and is silent from then on", () => {
    const anyEnd = fc.constantFrom("finish", "cut", "lost");
    const anyRun = fc.property(
      anyStart,
      anyScript,
      anyEnd,
      anyScript,
      (start, before, kind, after) => {
        const model = play(start, before);
        model.feed({ kind } as Parameters<Model["feed"]>[0]);
        const sent = model.sent.length;
        for (const name of after) if (!model.isReleased) EVENTS[name](model);
        model.nowMs = 100;
        if (!model.isReleased) model.feed({ kind: "tick" });
        expect(model.isReleased).toBe(true);
        expect(model.sent).toHaveLength(sent);
        follow(model, start);
      },
    );
    fc.assert(anyRun, { numRuns: 2000 });
  });
});
