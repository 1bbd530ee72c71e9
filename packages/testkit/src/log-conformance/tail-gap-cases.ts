import { strict as assert } from "node:assert";
import type { LogCase } from "./case.js";
import {
  assertRefused,
  dataOf,
  lastOf,
  numbered,
  offsetsOf,
  range,
  readPage,
} from "./expectations.js";

/** Tails across everything that is not an append: trims, other epochs, removal, the end. */
export const TAIL_GAP_CASES: readonly LogCase[] = [
  {
    name: "a tail from before a trim hears the exact gap, then the events after it",
    async run({ log, stream, record }) {
      const { epoch } = lastOf(await log.append(stream, numbered(20)));
      await log.trim(stream, 12);
      const tail = record({ epoch, offset: 5 });
      await tail.untilOffset(20);
      const [gap] = tail.messages;
      assert(gap?.kind === "gap" && gap.reason === "trimmed", `it heard ${tail.summary()}`);
      assert.deepEqual([gap.from, gap.to], [6, 12]);
      tail.assertUnbroken();
      assert.deepEqual(offsetsOf(tail.events), range(13, 20));
    },
  },
  {
    name: "a tail that had everything hears of no gap when all is trimmed",
    async run({ log, stream, record }) {
      const last = lastOf(await log.append(stream, numbered(5)));
      const tail = record(last);
      await log.append(stream, numbered(1, 6));
      await tail.untilOffset(6);
      await log.trim(stream, 6);
      await log.append(stream, numbered(1, 7));
      await tail.untilOffset(7);
      tail.assertUnbroken();
      assert.deepEqual(offsetsOf(tail.events), [6, 7]);
    },
  },
  {
    name: "tails beside appends and trims hear each event or a gap that names it, never neither",
    async run({ log, stream, record }) {
      const { epoch } = lastOf(await log.append(stream, numbered(30)));
      const changes: Promise<unknown>[] = [];
      const tails = range(0, 30).map((offset) => {
        const tail = record({ epoch, offset });
        changes.push(log.append(stream, numbered(1)), log.trim(stream, offset + 3));
        return tail;
      });
      await Promise.all(changes);
      const last = lastOf(await log.append(stream, numbered(1)));
      for (const tail of tails) {
        await tail.untilOffset(last.offset);
        assert.deepEqual(tail.assertUnbroken(), last);
      }
    },
  },
  {
    name: "a tail from another epoch hears a reset, then all that is stored",
    async run({ log, stream, record }) {
      const { epoch } = lastOf(await log.append(stream, numbered(6)));
      await log.trim(stream, 2);
      const tail = record({ epoch: epoch === "foreign" ? "strange" : "foreign", offset: 4 });
      await tail.untilOffset(6);
      const [reset] = tail.messages;
      assert(reset?.kind === "gap" && reset.reason === "reset", `it heard ${tail.summary()}`);
      assert.deepEqual(reset.resumeAfter, { epoch, offset: 2 });
      tail.assertUnbroken();
      assert.deepEqual(offsetsOf(tail.events), range(3, 6));
    },
  },
  {
    name: "a tail from beyond the head hears a reset, then only what is new",
    async run({ log, stream, record }) {
      const last = lastOf(await log.append(stream, numbered(6)));
      const tail = record({ ...last, offset: 9 });
      await tail.untilKind("gap");
      const [reset] = tail.messages;
      assert(reset?.kind === "gap" && reset.reason === "reset", `it heard ${tail.summary()}`);
      assert.deepEqual(reset.resumeAfter, last);
      await log.append(stream, numbered(1, 7));
      await tail.untilOffset(7);
      tail.assertUnbroken();
      assert.deepEqual(offsetsOf(tail.events), [7]);
    },
  },
  {
    name: "a tail across a removal hears a reset before the first event of the new epoch",
    async run({ log, stream, record }) {
      const old = lastOf(await log.append(stream, numbered(3)));
      const tail = record({ ...old, offset: 0 });
      await tail.untilOffset(3);
      await log.remove(stream);
      const last = lastOf(await log.append(stream, [{ data: "new" }]));
      assert.notEqual(last.epoch, old.epoch);
      assert.equal(last.offset, 1);
      await tail.until("deliver the event of the new epoch", () => tail.events.length === 4);
      assert.deepEqual(tail.assertUnbroken(), last);
      const reset = tail.messages.find((message) => message.kind === "gap");
      assert(reset?.kind === "gap" && reset.reason === "reset", `it heard ${tail.summary()}`);
      assert.deepEqual(dataOf(tail.events), ["1", "2", "3", "new"]);
    },
  },
  {
    name: "a tail hears the last event before the seal, then once that the stream is complete",
    async run({ log, stream, record }) {
      const last = lastOf(await log.append(stream, numbered(2)));
      const tail = record({ ...last, offset: 0 });
      const late = log.append(stream, numbered(1, 3));
      await late;
      await log.seal(stream, "the session is over");
      await tail.untilKind("sealed");
      assert.deepEqual(tail.assertUnbroken(), { ...last, offset: 3 });
      const end = tail.messages.at(-1);
      assert(end?.kind === "sealed" && end.reason === "the session is over", tail.summary());
      await assertRefused(() => log.append(stream, numbered(1)), "stream-sealed", "an append");
      await log.seal(stream, "again");
      const after = record(last);
      await after.untilKind("sealed");
      assert.deepEqual(offsetsOf(after.events), [3]);
      assert.equal(tail.messages.filter(({ kind }) => kind === "sealed").length, 1);
    },
  },
  {
    name: "a tail at the end of a sealed stream hears at once that it is complete",
    async run({ log, stream, record }) {
      const last = lastOf(await log.append(stream, numbered(2)));
      await log.seal(stream);
      await log.trim(stream, 2);
      const tail = record(last);
      await tail.untilKind("sealed");
      assert.deepEqual(tail.messages.length, 1, `it heard ${tail.summary()}`);
      assert.deepEqual(tail.assertUnbroken(), last);
      assert.deepEqual((await readPage(log, stream, { after: 2 })).events, []);
    },
  },
];
