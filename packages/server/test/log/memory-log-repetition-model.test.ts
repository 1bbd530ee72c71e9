// Repeated appends, against a model that keeps everything and searches through all of it.

import {
  type AppendResult,
  createMemoryLog,
  type NewEvent,
  type ProducerStamp,
  parseStreamName,
} from "@throughline/server/log";
import fc from "fast-check";
import { StreamError } from "throughline/core";
import { describe, expect, it } from "vitest";

const STREAM = parseStreamName("model");
const MOST_EVENTS = 6;

/** Few of each, so that repetitions are frequent. */
const event = fc.record({
  data: fc.constant(""),
  id: fc.option(fc.constantFrom("a", "b", "c", "d"), { nil: undefined }),
});
const producer = fc.record({
  id: fc.constantFrom("p", "q"),
  epoch: fc.integer({ min: 0, max: 2 }),
  sequence: fc.integer({ min: 0, max: 9 }),
});
const use = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      batch: fc.array(event, { minLength: 1, maxLength: 4 }),
      producer: fc.option(producer, { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ trim: fc.integer({ min: 0, max: 20 }) }) },
  { weight: 1, arbitrary: fc.constant({ remove: true as const }) },
);

describe("a memory log with little room, under any mixture of repetitions", () => {
  it("stores and answers what a model does that forgets nothing by itself", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(use, { maxLength: 60 }), async (uses) => {
        const log = createMemoryLog({ maxEvents: MOST_EVENTS });
        let model = new Model();
        for (const each of uses) {
          if ("batch" in each) {
            const told = await log
              .append(STREAM, each.batch, { producer: each.producer })
              .then(tell, (error: unknown) => error instanceof StreamError && error.code);
            expect(told).toEqual(model.append(each.batch, each.producer));
          } else if ("trim" in each) {
            await log.trim(STREAM, each.trim);
            model.trim(each.trim);
          } else {
            await log.remove(STREAM);
            model = new Model();
          }
          expect((await log.head(STREAM)).offset).toBe(model.top);
        }
      }),
      { numRuns: 500 },
    );
  });
});

function tell({ events }: AppendResult): readonly string[] {
  return events.map(({ offset, isDuplicate }) => (isDuplicate ? `=${offset}` : `${offset}`));
}

class Model {
  top = 0;
  #trimmed = 0;
  readonly #stored: { readonly offset: number; readonly id: string | undefined }[] = [];
  readonly #batches: { readonly stamp: ProducerStamp; readonly offsets: readonly number[] }[] = [];

  append(batch: readonly NewEvent[], stamp?: ProducerStamp): readonly string[] | string {
    const mine = this.#batches.filter((each) => each.stamp.id === stamp?.id);
    const epoch = Math.max(...mine.map((each) => each.stamp.epoch));
    const life = mine.filter((each) => each.stamp.epoch === epoch);
    if (stamp !== undefined && stamp.epoch < epoch) return "producer-fenced";
    if (stamp !== undefined && stamp.epoch === epoch) {
      const known = life.slice(-5).find((each) => each.stamp.sequence === stamp.sequence);
      if (known?.offsets.length === batch.length) return known.offsets.map((at) => `=${at}`);
      if (stamp.sequence !== (life.at(-1)?.stamp.sequence ?? 0) + 1) return "producer-out-of-order";
    }
    const before = this.top;
    const offsets = batch.map(({ id }) => this.#find(id) ?? this.#store(id));
    if (stamp !== undefined) this.#batches.push({ stamp, offsets });
    this.trim(this.top - MOST_EVENTS);
    const seen = new Set<number>();
    return offsets.map((offset) => {
      const isNew = offset > before && !seen.has(offset);
      seen.add(offset);
      return isNew ? `${offset}` : `=${offset}`;
    });
  }

  trim(through: number): void {
    this.#trimmed = Math.max(this.#trimmed, Math.min(through, this.top));
  }

  #find(id: string | undefined): number | undefined {
    if (id === undefined) return undefined;
    return this.#stored.find((each) => each.id === id && each.offset > this.#trimmed)?.offset;
  }

  #store(id: string | undefined): number {
    this.top += 1;
    this.#stored.push({ offset: this.top, id });
    return this.top;
  }
}
