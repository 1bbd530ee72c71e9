import { strict as assert } from "node:assert";
import type { StoredEvent } from "@throughline/server/log";
import type { LogCase } from "./case.js";
import {
  assertAlike,
  dataOf,
  lastOf,
  numbered,
  offsetsOf,
  range,
  readPage,
} from "./expectations.js";

/** A tail hears everything after its position, exactly once and in order. */
export const TAIL_CASES: readonly LogCase[] = [
  {
    name: "a tail hears what was stored before it and what comes after it, and nothing twice",
    async run({ log, stream, record }) {
      const { epoch } = lastOf(await log.append(stream, numbered(20)));
      const tail = record({ epoch, offset: 0 });
      for (const offset of range(21, 40)) await log.append(stream, numbered(1, offset));
      await tail.untilOffset(40);
      tail.assertUnbroken();
      assertAlike(tail.events, (await readPage(log, stream)).events);
    },
  },
  {
    name: "tails from every offset miss and repeat nothing while appends go on",
    async run({ log, stream, record }) {
      const { epoch } = lastOf(await log.append(stream, numbered(15)));
      const appends: Promise<unknown>[] = [];
      const tails = range(0, 15).map((offset) => {
        appends.push(log.append(stream, numbered(3)));
        const tail = record({ epoch, offset });
        appends.push(log.append(stream, numbered(2)));
        return tail;
      });
      for (let round = 0; round < 10; round += 1) {
        appends.push(log.append(stream, numbered(1)));
        await new Promise(setImmediate);
      }
      await Promise.all(appends);
      const last = 15 + 16 * 5 + 10;
      for (const [offset, tail] of tails.entries()) {
        await tail.untilOffset(last);
        tail.assertUnbroken();
        assert.deepEqual(offsetsOf(tail.events), range(offset + 1, last));
      }
    },
  },
  {
    name: "a long backlog comes whole and in order, with the appends that overtake it",
    async run({ log, stream, record }) {
      const { epoch } = lastOf(await log.append(stream, numbered(5000)));
      const tail = record({ epoch, offset: 0 });
      const appends = range(5001, 5050).map((offset) => log.append(stream, numbered(1, offset)));
      await Promise.all(appends);
      await tail.untilOffset(5050);
      tail.assertUnbroken();
      assert.deepEqual(dataOf(tail.events), range(1, 5050).map(String));
    },
  },
  {
    name: "a tail on a stream that nobody has written to hears its first event",
    async run({ log, stream, record }) {
      const { epoch, offset } = await log.head(stream);
      const tail = record({ epoch, offset });
      await log.append(stream, numbered(2));
      await tail.untilOffset(2);
      assert.deepEqual(tail.assertUnbroken(), { epoch, offset: 2 });
    },
  },
  {
    name: "the listener is not called before tail() has returned, however much is stored",
    async run({ log, stream, record }) {
      const { epoch } = lastOf(await log.append(stream, numbered(3)));
      const tail = record({ epoch, offset: 0 });
      assert.deepEqual(tail.messages, [], "the listener was called inside tail()");
      await tail.untilOffset(3);
    },
  },
  {
    name: "what a tail has told, a head that is asked from inside the listener knows",
    async run({ log, stream, record }) {
      const heads: Promise<readonly [told: number, known: number]>[] = [];
      const { epoch } = await log.head(stream);
      const tail = record(
        { epoch, offset: 0 },
        {
          onMessage: ({ events }) => {
            const told = events.at(-1)?.offset ?? 0;
            heads.push(log.head(stream).then((head) => [told, head.offset]));
          },
        },
      );
      for (const offset of range(1, 20)) await log.append(stream, numbered(1, offset));
      await tail.untilOffset(20);
      for (const [told, known] of await Promise.all(heads)) {
        assert(known >= told, `a tail told ${told} while the head was ${known}`);
      }
    },
  },
  {
    name: "a closed tail hears nothing more, the others go on; closing twice is allowed",
    async run({ log, stream, record }) {
      const last = lastOf(await log.append(stream, numbered(1)));
      const closed = record(last);
      const open = record(last);
      await log.append(stream, numbered(1));
      await Promise.all([closed.untilOffset(2), open.untilOffset(2)]);
      closed.close();
      closed.close();
      await log.append(stream, numbered(2));
      await open.untilOffset(4);
      open.assertUnbroken();
      assert.deepEqual(offsetsOf(closed.events), [2]);
    },
  },
  {
    name: "a tail that is closed at once hears nothing",
    async run({ log, stream, record }) {
      const { epoch } = lastOf(await log.append(stream, numbered(5)));
      const closed = record({ epoch, offset: 0 });
      closed.close();
      const open = record({ epoch, offset: 0 });
      await log.append(stream, numbered(1));
      await open.untilOffset(6);
      assert.deepEqual(closed.messages, []);
    },
  },
  {
    name: "a tail can be closed from inside its listener, and that call is the last",
    async run({ log, stream, record }) {
      const last = lastOf(await log.append(stream, numbered(1)));
      const closing = record(last, { onMessage: (recorder) => recorder.close() });
      const open = record(last);
      await log.append(stream, numbered(1));
      await closing.untilOffset(2);
      for (let round = 0; round < 3; round += 1) await log.append(stream, numbered(1));
      await open.untilOffset(5);
      assert.equal(closing.messages.length, 1, `it heard ${closing.summary()}`);
    },
  },
  {
    name: "a listener that throws disturbs no append, no other tail and not what it hears next",
    async run({ log, stream, record, listenerErrors }) {
      const last = lastOf(await log.append(stream, numbered(1)));
      const trouble = new Error("a listener's own trouble");
      const throwing = record(last, {
        onMessage: () => {
          throw trouble;
        },
      });
      const other = record(last);
      for (const offset of range(2, 5)) {
        assert.equal(lastOf(await log.append(stream, numbered(1))).offset, offset);
        await Promise.all([throwing.untilOffset(offset), other.untilOffset(offset)]);
      }
      throwing.assertUnbroken();
      other.assertUnbroken();
      assert.equal(listenerErrors.length, throwing.messages.length, "an error was not reported");
      assert(
        listenerErrors.every((error) => error === trouble),
        "another error was reported",
      );
    },
  },
  {
    name: "what listeners append comes to every tail once and in order",
    async run({ log, stream, record }) {
      const last = lastOf(await log.append(stream, numbered(1)));
      const appends: Promise<unknown>[] = [];
      const answer = (event: StoredEvent | undefined) => {
        if (event?.data !== "question") return;
        appends.push(log.append(stream, [{ data: "answer" }, { data: "answer" }]));
      };
      const onMessage = ({ events }: { readonly events: readonly StoredEvent[] }) =>
        answer(events.at(-1));
      const tails = [record(last), record(last, { onMessage }), record(last)];
      for (let round = 0; round < 5; round += 1) {
        const question = lastOf(await log.append(stream, [{ data: "question" }]));
        await Promise.all(tails.map((tail) => tail.untilOffset(question.offset + 2)));
      }
      await Promise.all(appends);
      for (const tail of tails) {
        tail.assertUnbroken();
        assertAlike(tail.events, (await readPage(log, stream, { after: 1 })).events);
        assert.equal(tail.events.length, 15);
      }
    },
  },
];
