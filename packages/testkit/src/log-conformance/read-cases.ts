import { strict as assert } from "node:assert";
import type { ReadOptions } from "@throughline/server/log";
import type { LogCase } from "./case.js";
import {
  AMPLE,
  assertAlike,
  assertRefused,
  dataOf,
  lastOf,
  numbered,
  offsetsOf,
  range,
  readInPages,
  readPage,
} from "./expectations.js";

/** Reads that cannot be meant. */
const SENSELESS_READS: readonly Partial<ReadOptions>[] = [
  { after: -1 },
  { after: 0.5 },
  { after: Number.NaN },
  { limit: 0 },
  { limit: Number.POSITIVE_INFINITY },
  { maxBytes: 0 },
  { maxBytes: -1 },
  { through: -1 },
  { epoch: "" },
  { epoch: "UPPER" },
];

/** An event of 107 bytes: 100 of data, 7 for the type `message`. */
const HUNDRED = { data: "x".repeat(100) };

/** What a page holds and where it ends. */
export const READ_CASES: readonly LogCase[] = [
  {
    name: "a stream that nobody has written to has a head at 0 and an empty page",
    async run({ log, stream }) {
      const head = await log.head(stream);
      assert.deepEqual([head.earliest, head.offset, head.sealed], [1, 0, false]);
      const page = await readPage(log, stream);
      assert.deepEqual(page.events, []);
      assert.equal(page.epoch, head.epoch);
      assertAlike(page.head, head);
    },
  },
  {
    name: "a page begins right after the offset asked for, whichever it is",
    async run({ log, stream }) {
      await log.append(stream, numbered(60));
      for (const after of range(0, 60)) {
        const page = await readPage(log, stream, { after });
        assert.deepEqual(offsetsOf(page.events), range(after + 1, 60), `after ${after}`);
        assert.deepEqual([page.head.earliest, page.head.offset], [1, 60]);
      }
    },
  },
  {
    name: "a page holds at most `limit` events, and pages put together are the whole stream",
    async run({ log, stream }) {
      await log.append(stream, numbered(50));
      for (const limit of [1, 2, 7, 49, 50, 51]) {
        const pages = await readInPages(log, stream, { limit });
        assert.deepEqual(
          pages.flatMap((page) => dataOf(page.events)),
          range(1, 50).map(String),
          `limit ${limit}`,
        );
        const sizes = pages.map((page) => page.events.length);
        assert.deepEqual(sizes.slice(0, -1), sizes.slice(0, -1).fill(limit), `limit ${limit}`);
      }
    },
  },
  {
    name: "a page holds at most `maxBytes`, counted as the strings of its events in UTF-8",
    async run({ log, stream, nameWith }) {
      await log.append(stream, Array<typeof HUNDRED>(10).fill(HUNDRED));
      for (const [maxBytes, count] of [
        [107 * 3, 3],
        [107 * 3 - 1, 2],
        [107 * 3 + 106, 3],
        [107 * 10, 10],
      ] as const) {
        const { events } = await readPage(log, stream, { maxBytes });
        assert.equal(events.length, count, `${maxBytes} bytes`);
      }
      const labelled = nameWith("/labelled");
      const event = { type: "é".repeat(5), topic: "→".repeat(5), id: "i".repeat(5), data: "😀" };
      await log.append(labelled, [event, { ...event, id: "j".repeat(5) }]);
      assert.equal((await readPage(log, labelled, { maxBytes: 68 })).events.length, 2);
      assert.equal((await readPage(log, labelled, { maxBytes: 67 })).events.length, 1);
    },
  },
  {
    name: "an event larger than `maxBytes` comes alone, so that every reader gets on",
    async run({ log, stream }) {
      const large = { data: "x".repeat(5000) };
      await log.append(stream, [large, HUNDRED, large, large]);
      const pages = await readInPages(log, stream, { maxBytes: 300 });
      assert.deepEqual(
        pages.map((page) => offsetsOf(page.events)),
        [[1], [2], [3], [4]],
      );
    },
  },
  {
    name: "a page ends at `through`, inclusive, or at the head where that comes first",
    async run({ log, stream }) {
      await log.append(stream, numbered(20));
      for (const [after, through, last] of [
        [0, 1, 1],
        [5, 9, 9],
        [5, 20, 20],
        [5, 1000, 20],
        [5, 5, 5],
        [5, 3, 5],
        [0, 0, 0],
      ] as const) {
        const page = await readPage(log, stream, { after, through });
        const label = `after ${after} through ${through}`;
        assert.deepEqual(offsetsOf(page.events), range(after + 1, last), label);
        assert.equal(page.head.offset, 20, label);
      }
    },
  },
  {
    name: "a reader at the head is caught up: its page is empty and no gap",
    async run({ log, stream }) {
      const last = lastOf(await log.append(stream, numbered(5)));
      const page = await readPage(log, stream, { after: 5, epoch: last.epoch });
      assert.deepEqual(page.events, []);
      assert.equal(page.head.offset, 5);
    },
  },
  {
    name: "reads and tails that cannot be meant are refused",
    async run({ log, stream }) {
      await log.append(stream, numbered(3));
      for (const options of SENSELESS_READS) {
        const read = () => log.read(stream, { after: 0, ...AMPLE, ...options });
        const shown = Object.entries(options).join();
        await assertRefused(read, "invalid-option", `a read with ${shown}`);
      }
      const { epoch } = await log.head(stream);
      for (const after of [
        { epoch, offset: -1 },
        { epoch, offset: 1.5 },
        { epoch: "", offset: 0 },
      ]) {
        const tail = async () => log.tail(stream, after, () => undefined);
        await assertRefused(tail, "invalid-option", `a tail after ${after.epoch}.${after.offset}`);
      }
      await assertRefused(() => log.trim(stream, -1), "invalid-option", "a trim through -1");
      assert.equal((await log.head(stream)).earliest, 1);
    },
  },
];
