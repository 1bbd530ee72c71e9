import { strict as assert } from "node:assert";
import { isEpoch } from "throughline/core";
import type { LogCase } from "./case.js";
import {
  AMPLE,
  assertAlike,
  assertRefused,
  assertReset,
  dataOf,
  firstOf,
  lastOf,
  numbered,
  offsetsOf,
  range,
  readPage,
} from "./expectations.js";

/** The life of a stream and of a log: epochs, sealing, removal, closing. */
export const LIFE_CASES: readonly LogCase[] = [
  {
    name: "the epoch of an unwritten stream stays once it was told, also with the first write",
    async run({ log, stream }) {
      const { epoch } = await log.head(stream);
      assert(isEpoch(epoch), `${JSON.stringify(epoch)} is not an epoch`);
      assert.equal((await log.head(stream)).epoch, epoch);
      const page = await readPage(log, stream, { after: 0, epoch });
      assert.equal(page.epoch, epoch);
      const first = firstOf(await log.append(stream, numbered(1)));
      assert.deepEqual(first, { epoch, offset: 1 });
    },
  },
  {
    name: "concurrent first uses of a stream agree on its epoch",
    async run({ log, stream }) {
      const told = await Promise.all([
        log.head(stream).then((head) => head.epoch),
        log.append(stream, numbered(1)).then((result) => result.epoch),
        readPage(log, stream).then((page) => page.epoch),
        log.append(stream, numbered(1)).then((result) => result.epoch),
        log.head(stream).then((head) => head.epoch),
      ]);
      assert.equal(new Set(told).size, 1, `told were ${told.join(", ")}`);
    },
  },
  {
    name: "appends, trims and a seal leave the epoch as it is",
    async run({ log, stream }) {
      const { epoch } = await log.head(stream);
      await log.append(stream, numbered(5));
      await log.trim(stream, 5);
      await log.append(stream, numbered(5));
      await log.seal(stream);
      assert.equal((await log.head(stream)).epoch, epoch);
    },
  },
  {
    name: "a removed stream begins anew in another epoch; old positions are answered with a reset",
    async run({ log, stream }) {
      const epochs = new Set<string>();
      for (let life = 0; life < 4; life += 1) {
        const last = lastOf(await log.append(stream, numbered(3 + life)));
        assert.equal(last.offset, 3 + life, "the offsets of a new epoch do not begin at 1");
        assert(!epochs.has(last.epoch), `the epoch ${last.epoch} came back after a removal`);
        epochs.add(last.epoch);
        await log.remove(stream);
        const head = await log.head(stream);
        assert.deepEqual([head.earliest, head.offset], [1, 0]);
        const result = await log.read(stream, { after: 2, epoch: last.epoch, ...AMPLE });
        assertReset(result, { epoch: head.epoch, offset: 0 });
      }
    },
  },
  {
    name: "a removal ends an epoch also where nothing had been written in it",
    async run({ log, stream }) {
      const { epoch } = await log.head(stream);
      await log.remove(stream);
      const head = await log.head(stream);
      assert.notEqual(head.epoch, epoch);
      const result = await log.read(stream, { after: 0, epoch, ...AMPLE });
      assertReset(result, { epoch: head.epoch, offset: 0 });
    },
  },
  {
    name: "a removal forgets the seal and lets other streams be",
    async run({ log, stream, nameWith }) {
      const other = nameWith("/other");
      await log.append(other, numbered(2));
      const otherHead = await log.head(other);
      await log.append(stream, numbered(2));
      await log.seal(stream, "over");
      await log.remove(stream);
      await log.remove(nameWith("/never-used"));
      const head = await log.head(stream);
      assert.deepEqual([head.sealed, head.sealReason], [false, undefined]);
      assert.equal(lastOf(await log.append(stream, numbered(1))).offset, 1);
      assertAlike(await log.head(other), otherHead);
    },
  },
  {
    name: "a sealed stream refuses appends, says so with its reason, and stays readable",
    async run({ log, stream }) {
      await log.append(stream, numbered(4));
      const sealed = await log.seal(stream, "the election is over");
      assert.deepEqual([sealed.sealed, sealed.sealReason], [true, "the election is over"]);
      await assertRefused(() => log.append(stream, numbered(1)), "stream-sealed", "an append");
      const page = await readPage(log, stream);
      assert.deepEqual(dataOf(page.events), ["1", "2", "3", "4"]);
      assertAlike(page.head, sealed);
      assertAlike(await log.head(stream), sealed);
    },
  },
  {
    name: "sealing again changes nothing, not even the reason",
    async run({ log, stream }) {
      await log.append(stream, numbered(1));
      const sealed = await log.seal(stream, "first");
      assertAlike(await log.seal(stream, "second"), sealed);
      assertAlike(await log.seal(stream), sealed);
      assert.equal(sealed.sealReason, "first");
    },
  },
  {
    name: "a stream can be sealed before it was ever written to, and without a reason",
    async run({ log, stream }) {
      const { epoch } = await log.head(stream);
      const head = await log.seal(stream);
      assert.deepEqual([head.epoch, head.offset, head.sealed], [epoch, 0, true]);
      assert.equal(head.sealReason, undefined);
      await assertRefused(() => log.append(stream, numbered(1)), "stream-sealed", "an append");
    },
  },
  {
    name: "a sealed stream can be trimmed, and stays sealed",
    async run({ log, stream }) {
      await log.append(stream, numbered(6));
      await log.seal(stream, "over");
      const head = await log.trim(stream, 4);
      assert.deepEqual([head.earliest, head.offset, head.sealReason], [5, 6, "over"]);
      const page = await readPage(log, stream, { after: 4 });
      assert.deepEqual(offsetsOf(page.events), range(5, 6));
    },
  },
  {
    name: "a closed log refuses every call, and closing it again does nothing",
    async run({ log, stream }) {
      const last = lastOf(await log.append(stream, numbered(2)));
      await log.close();
      await log.close();
      for (const [what, call] of [
        ["append", () => log.append(stream, numbered(1))],
        ["read", () => log.read(stream, { after: 0, ...AMPLE })],
        ["head", () => log.head(stream)],
        ["tail", async () => log.tail(stream, last, () => undefined)],
        ["trim", () => log.trim(stream, 1)],
        ["seal", () => log.seal(stream)],
        ["remove", () => log.remove(stream)],
      ] as const) {
        await assertRefused(call, "log-closed", what);
      }
    },
  },
  {
    name: "closing the log ends its tails: their listeners hear nothing more",
    async run({ log, stream, record }) {
      const { epoch } = lastOf(await log.append(stream, numbered(50)));
      const tail = record({ epoch, offset: 0 });
      await log.close();
      const heard = tail.messages.length;
      for (let round = 0; round < 5; round += 1) await new Promise(setImmediate);
      assert.equal(tail.messages.length, heard, "a tail spoke after the log was closed");
      tail.close();
    },
  },
];
