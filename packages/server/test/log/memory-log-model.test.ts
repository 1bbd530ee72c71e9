import { createMemoryLog, type LogGap, parseStreamName, type Tail } from "@throughline/server/log";
import fc from "fast-check";
import type { Position } from "throughline/core";
import { describe, expect, it } from "vitest";

const STREAM = parseStreamName("model");

/** Any use of a stream. Numbers are taken modulo what makes sense at that moment. */
const use = fc.oneof(
  { weight: 5, arbitrary: fc.record({ append: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 2, arbitrary: fc.record({ trim: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ tail: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ close: fc.nat() }) },
  { weight: 1, arbitrary: fc.constant({ remove: true as const }) },
  { weight: 2, arbitrary: fc.constant({ pause: true as const }) },
);

interface ToldTail {
  readonly from: Position;
  /** What it heard: `<epoch>.<offset>` for an event, `<reason> to <epoch>.<offset>` for a gap. */
  readonly story: string[];
  readonly tail: Tail;
  isOpen: boolean;
}

describe("a memory log with little room, under any mixture of uses", () => {
  it("tells every tail each event or a gap before the next one, up to the head", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(use, { maxLength: 60 }), async (uses) => {
        let lives = 0;
        const log = createMemoryLog({
          maxEvents: 8,
          createEpoch: () => {
            lives += 1;
            return `life${lives}`;
          },
        });
        const tails: ToldTail[] = [];
        for (const each of uses) {
          const { epoch, offset } = await log.head(STREAM);
          if ("append" in each) {
            const batch = Array.from({ length: each.append }, (_, index) => ({
              data: `${epoch}.${offset + 1 + index}`,
            }));
            void log.append(STREAM, batch);
          } else if ("trim" in each) {
            void log.trim(STREAM, each.trim % (offset + 2));
          } else if ("tail" in each) {
            const from = { epoch, offset: each.tail % (offset + 1) };
            const story: string[] = [];
            const tail = log.tail(STREAM, from, (message) => {
              if (message.kind === "gap") story.push(`${message.reason} to ${at(message)}`);
              if (message.kind === "events") story.push(...message.events.map((e) => e.data));
            });
            tails.push({ from, story, tail, isOpen: true });
          } else if ("close" in each) {
            const closing = tails[each.close % Math.max(1, tails.length)];
            if (closing === undefined) continue;
            closing.tail.close();
            closing.isOpen = false;
          } else if ("remove" in each) {
            void log.remove(STREAM);
          } else {
            await Promise.resolve();
          }
        }
        await Promise.resolve();
        const { epoch, offset } = await log.head(STREAM);
        for (const { from, story, isOpen } of tails) {
          const reached = follow(from, story);
          if (isOpen) expect(reached).toEqual({ epoch, offset });
        }
        await log.close();
      }),
      { numRuns: 300 },
    );
  });
});

function at(gap: LogGap): string {
  return `${gap.resumeAfter.epoch}.${gap.resumeAfter.offset}`;
}

/** Follows a story line by line: after each line there is exactly one event that may come next. */
function follow(from: Position, story: readonly string[]): Position {
  let { epoch, offset } = from;
  for (const line of story) {
    const [, reason, nextEpoch = "", digits] = /^(?:(\w+) to )?(\w+)\.(\d+)$/.exec(line) ?? [];
    const next = Number(digits);
    if (reason === undefined) expect(line).toBe(`${epoch}.${offset + 1}`);
    else if (reason === "trimmed") expect([nextEpoch, next > offset]).toEqual([epoch, true]);
    else expect(nextEpoch).not.toBe(epoch);
    epoch = nextEpoch;
    offset = next;
  }
  return { epoch, offset };
}
