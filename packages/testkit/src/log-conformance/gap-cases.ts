import { strict as assert } from "node:assert";
import type { LogCase } from "./case.js";
import {
  AMPLE,
  assertAlike,
  assertReset,
  assertTrimmed,
  dataOf,
  firstOf,
  lastOf,
  numbered,
  offsetsOf,
  range,
  readPage,
} from "./expectations.js";

/** Trimming, and what readers are told about events that are gone. */
export const GAP_CASES: readonly LogCase[] = [
  {
    name: "a reader behind a trim is told exactly the missing range and where to go on",
    async run({ log, stream }) {
      const { epoch } = lastOf(await log.append(stream, numbered(20)));
      const head = await log.trim(stream, 12);
      assert.deepEqual([head.epoch, head.earliest, head.offset], [epoch, 13, 20]);
      for (const after of range(0, 11)) {
        const gap = await log.read(stream, { after, epoch, ...AMPLE });
        assertTrimmed(gap, { from: after + 1, to: 12, epoch });
        assertAlike(gap.head, head);
      }
      for (const after of range(12, 20)) {
        const page = await readPage(log, stream, { after, epoch });
        assert.deepEqual(offsetsOf(page.events), range(after + 1, 20));
      }
    },
  },
  {
    name: "a gap is told whole, whatever `through` and the limits say",
    async run({ log, stream }) {
      const { epoch } = lastOf(await log.append(stream, numbered(20)));
      await log.trim(stream, 12);
      const gap = await log.read(stream, { after: 3, through: 5, limit: 1, maxBytes: 1 });
      assertTrimmed(gap, { from: 4, to: 12, epoch });
    },
  },
  {
    name: "the position outlives the data: after trimming everything, head and epoch stay",
    async run({ log, stream }) {
      const { epoch } = lastOf(await log.append(stream, numbered(8)));
      await log.trim(stream, 8);
      const head = await log.head(stream);
      assert.deepEqual([head.epoch, head.earliest, head.offset], [epoch, 9, 8]);
      assertTrimmed(await log.read(stream, { after: 5, ...AMPLE }), { from: 6, to: 8, epoch });
      const first = firstOf(await log.append(stream, numbered(1, 9)));
      assert.deepEqual(first, { epoch, offset: 9 });
      assertTrimmed(await log.read(stream, { after: 5, ...AMPLE }), { from: 6, to: 8, epoch });
      assert.deepEqual(dataOf((await readPage(log, stream, { after: 8, epoch })).events), ["9"]);
    },
  },
  {
    name: "a reader that missed nothing is caught up, even if everything has been trimmed since",
    async run({ log, stream }) {
      const last = lastOf(await log.append(stream, numbered(8)));
      await log.trim(stream, 8);
      const page = await readPage(log, stream, { after: last.offset, epoch: last.epoch });
      assert.deepEqual(page.events, []);
    },
  },
  {
    name: "a trim deletes what is stored and no more: 0 nothing, beyond the head all",
    async run({ log, stream }) {
      const { epoch } = lastOf(await log.append(stream, numbered(10)));
      for (const [throughOffset, earliest] of [
        [0, 1],
        [4, 5],
        [4, 5],
        [2, 5],
        [10_000, 11],
        [3, 11],
      ] as const) {
        const head = await log.trim(stream, throughOffset);
        assert.deepEqual([head.epoch, head.earliest, head.offset], [epoch, earliest, 10]);
        assertAlike(await log.head(stream), head);
      }
      await log.append(stream, numbered(1, 11));
      assert.deepEqual(offsetsOf((await readPage(log, stream, { after: 10 })).events), [11]);
    },
  },
  {
    name: "a trim of a stream that nobody has written to leaves it as it is",
    async run({ log, stream }) {
      const head = await log.head(stream);
      assertAlike(await log.trim(stream, 5), head);
      assert.equal(lastOf(await log.append(stream, numbered(1))).offset, 1);
    },
  },
  {
    name: "a position of another epoch is answered with a reset to the earliest event stored",
    async run({ log, stream }) {
      const { epoch } = lastOf(await log.append(stream, numbered(10)));
      const foreign = epoch === "foreign" ? "strange" : "foreign";
      for (const after of [0, 5, 10, 11, 1000]) {
        assertReset(await log.read(stream, { after, epoch: foreign, ...AMPLE }), {
          epoch,
          offset: 0,
        });
      }
      await log.trim(stream, 6);
      assertReset(await log.read(stream, { after: 3, epoch: foreign, ...AMPLE }), {
        epoch,
        offset: 6,
      });
    },
  },
  {
    name: "an offset beyond the head is answered with a reset to the head: the log was rolled back",
    async run({ log, stream }) {
      const { epoch } = await log.head(stream);
      assertReset(await log.read(stream, { after: 1, epoch, ...AMPLE }), { epoch, offset: 0 });
      await log.append(stream, numbered(10));
      for (const after of [11, 12, Number.MAX_SAFE_INTEGER]) {
        assertReset(await log.read(stream, { after, epoch, ...AMPLE }), { epoch, offset: 10 });
      }
    },
  },
  {
    name: "a reader that is overtaken by trims hears of each gap before any later event",
    async run({ log, stream }) {
      const { epoch } = lastOf(await log.append(stream, numbered(100)));
      let after = 0;
      const heard: string[] = [];
      for (const trimmed of [0, 10, 10, 35, 36, 80, 100, 100]) {
        await log.trim(stream, trimmed);
        const result = await log.read(stream, { after, epoch, limit: 5, maxBytes: 10_000 });
        if (result.kind === "gap") {
          heard.push(`gap ${result.from}-${result.to}`);
          after = result.resumeAfter.offset;
          continue;
        }
        heard.push(offsetsOf(result.events).join());
        after = result.events.at(-1)?.offset ?? after;
      }
      assert.deepEqual(heard, [
        "1,2,3,4,5",
        "gap 6-10",
        "11,12,13,14,15",
        "gap 16-35",
        "gap 36-36",
        "gap 37-80",
        "gap 81-100",
        "",
      ]);
    },
  },
];
