import { strict as assert } from "node:assert";
import type { NewEvent } from "@throughline/server/log";
import { isEpoch } from "throughline/core";
import type { LogCase } from "./case.js";
import {
  assertRefused,
  dataOf,
  lastOf,
  numbered,
  offsetsOf,
  outcomeOf,
  range,
  readPage,
} from "./expectations.js";

/** Events that no log may take, and why. A cast stands for a caller that is not type-checked. */
const BAD_EVENTS: readonly (readonly [why: string, event: NewEvent])[] = [
  ["data that is a number", { data: 1 as unknown as string }],
  ["no data", {} as unknown as NewEvent],
  ["a lone surrogate in data", { data: "half \ud83d a pair" }],
  ["a lone surrogate in type", { type: "\udc00", data: "" }],
  ["a line feed in type", { type: "a\nid: forged", data: "" }],
  ["an empty type", { type: "", data: "" }],
  ["a carriage return in topic", { topic: "a\rb", data: "" }],
  ["an empty topic", { topic: "", data: "" }],
  ["a NUL in id", { id: "a\0b", data: "" }],
  ["an empty id", { id: "", data: "" }],
  ["an id of 513 bytes", { id: `${"é".repeat(256)}x`, data: "" }],
  ["a traceparent that is none", { traceparent: "00-0-0-00", data: "" }],
];

/** What an append promises: order, contiguity, all or nothing. */
export const APPEND_CASES: readonly LogCase[] = [
  {
    name: "offsets begin at 1 and each is one more than the one before",
    async run({ log, stream }) {
      for (const event of numbered(20)) await log.append(stream, [event]);
      const page = await readPage(log, stream);
      assert.deepEqual(offsetsOf(page.events), range(1, 20));
      assert.deepEqual(dataOf(page.events), dataOf(numbered(20)));
    },
  },
  {
    name: "an append returns the offset of each event of its batch, in the epoch of the stream",
    async run({ log, stream }) {
      let next = 1;
      for (const size of [1, 5, 1, 100, 2]) {
        const result = await log.append(stream, numbered(size, next));
        const { epoch } = await log.head(stream);
        assert(isEpoch(epoch), `${JSON.stringify(epoch)} is not an epoch`);
        assert.equal(result.epoch, epoch);
        assert.equal(outcomeOf(result), range(next, next + size - 1).join(" "));
        next += size;
      }
      assert.deepEqual(dataOf((await readPage(log, stream)).events), range(1, 109).map(String));
    },
  },
  {
    name: "what an append has acknowledged, a head and a read that begin afterwards know",
    async run({ log, stream }) {
      for (const offset of range(1, 30)) {
        await log.append(stream, numbered(1, offset));
        const [head, page] = await Promise.all([
          log.head(stream),
          readPage(log, stream, { after: offset - 1 }),
        ]);
        assert.equal(head.offset, offset);
        assert.equal(page.head.offset, offset);
        assert.deepEqual(offsetsOf(page.events), [offset]);
      }
    },
  },
  {
    name: "concurrent batches stand in the order of the calls, whole and without a hole",
    async run({ log, stream }) {
      const sizes = range(0, 59).map((index) => 1 + ((index * 5) % 7));
      let from = 1;
      const appends = sizes.map((size) => {
        const batch = numbered(size, from);
        from += size;
        return log.append(stream, batch);
      });
      const results = await Promise.all(appends);
      let next = 1;
      for (const [index, result] of results.entries()) {
        const end = next + (sizes[index] ?? 0);
        const expected = range(next, end - 1).join(" ");
        assert.equal(outcomeOf(result), expected, `batch ${index} stands elsewhere`);
        next = end;
      }
      const page = await readPage(log, stream);
      assert.deepEqual(dataOf(page.events), range(1, next - 1).map(String));
    },
  },
  {
    name: "a batch with one event that cannot be stored stores nothing, and no tail hears of it",
    async run({ log, stream, record }) {
      const last = lastOf(await log.append(stream, numbered(3)));
      const tail = record(last);
      for (const [why, bad] of BAD_EVENTS) {
        const batch = [{ data: "good" }, bad, { data: "good" }];
        await assertRefused(() => log.append(stream, batch), "invalid-event", why);
      }
      assert.equal((await log.head(stream)).offset, 3, "a refused batch moved the head");
      await log.append(stream, numbered(1, 4));
      await tail.untilOffset(4);
      tail.assertUnbroken();
      assert.deepEqual(dataOf(tail.events), ["4"]);
    },
  },
  {
    name: "an empty batch is refused",
    async run({ log, stream }) {
      await assertRefused(() => log.append(stream, []), "invalid-event", "an empty batch");
      assert.equal((await log.head(stream)).offset, 0);
    },
  },
  {
    name: "a read beside concurrent appends sees every event once and in order",
    async run({ log, stream }) {
      const total = 400;
      const appends = range(1, total / 4).map((index) =>
        log.append(stream, numbered(4, index * 4 - 3)),
      );
      const seen: string[] = [];
      let allStored = false;
      const stored = Promise.all(appends).then(() => {
        allStored = true;
      });
      while (seen.length < total) {
        const isLastLook = allStored;
        const { events } = await readPage(log, stream, { after: seen.length, limit: 7 });
        seen.push(...dataOf(events));
        if (isLastLook) assert(events.length > 0, `the log ends at ${seen.length} of ${total}`);
        else await new Promise(setImmediate);
      }
      await stored;
      assert.deepEqual(seen, range(1, total).map(String));
    },
  },
];
