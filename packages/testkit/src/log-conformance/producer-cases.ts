import { strict as assert } from "node:assert";
import type { EventLog, ProducerStamp, StreamName } from "@throughline/server/log";
import type { LogCase } from "./case.js";
import {
  assertRefused,
  dataOf,
  numbered,
  outcomeOf,
  range,
  readPage,
  refusalOf,
} from "./expectations.js";

/** Stamps that no log may take, and why. A cast stands for a caller that is not type-checked. */
const BAD_STAMPS: readonly (readonly [why: string, stamp: ProducerStamp])[] = [
  ["no id", { epoch: 0, sequence: 0 } as ProducerStamp],
  ["an empty id", { id: "", epoch: 0, sequence: 0 }],
  ["an id with a space", { id: "a b", epoch: 0, sequence: 0 }],
  ["an id of 129 characters", { id: "a".repeat(129), epoch: 0, sequence: 0 }],
  ["a negative epoch", { id: "a", epoch: -1, sequence: 0 }],
  ["a broken sequence", { id: "a", epoch: 0, sequence: 0.5 }],
  ["an epoch that is a text", { id: "a", epoch: "0" as unknown as number, sequence: 0 }],
];

const DISORDERED = "producer-out-of-order";

/** Batches of a producer can be sent again, and a producer that was replaced stays out. */
export const PRODUCER_CASES: readonly LogCase[] = [
  {
    name: "each of a producer's newest five batches can come again: nothing is stored for it",
    async run({ log, stream }) {
      for (const sequence of range(0, 6)) {
        const outcome = await send(log, stream, { sequence, count: 2 });
        assert.equal(outcome, `${sequence * 3 + 1} ${sequence * 3 + 2}`);
        await log.append(stream, numbered(1));
      }
      for (const sequence of range(2, 6)) {
        const outcome = await send(log, stream, { sequence, count: 2 });
        assert.equal(outcome, `=${sequence * 3 + 1} =${sequence * 3 + 2}`);
      }
      assert.equal((await log.head(stream)).offset, 21);
      assert.equal(await send(log, stream, { sequence: 7 }), "22");
    },
  },
  {
    name: "a batch of a producer from before its newest five is refused",
    async run({ log, stream }) {
      for (const sequence of range(0, 5)) await send(log, stream, { sequence });
      assert.equal(await send(log, stream, { sequence: 0 }), DISORDERED);
      assert.equal(await send(log, stream, { sequence: 1 }), "=2");
    },
  },
  {
    name: "a batch that leaves out a sequence is refused, and the one left out can still come",
    async run({ log, stream }) {
      await send(log, stream, { sequence: 0 });
      assert.equal(await send(log, stream, { sequence: 2 }), DISORDERED);
      assert.equal((await log.head(stream)).offset, 1);
      assert.equal(await send(log, stream, { sequence: 1 }), "2");
      assert.equal(await send(log, stream, { sequence: 2 }), "3");
    },
  },
  {
    name: "a batch with the sequence of a known one and another number of events is refused",
    async run({ log, stream }) {
      await send(log, stream, { sequence: 0, count: 2 });
      assert.equal(await send(log, stream, { sequence: 0, count: 3 }), DISORDERED);
      assert.equal(await send(log, stream, { sequence: 0, count: 1 }), DISORDERED);
      assert.equal(await send(log, stream, { sequence: 0, count: 2 }), "=1 =2");
    },
  },
  {
    name: "a producer with a higher epoch fences the one before it, repetitions included",
    async run({ log, stream }) {
      await send(log, stream, { epoch: 1, sequence: 0 });
      assert.equal(await send(log, stream, { epoch: 3, sequence: 0 }), "2");
      for (const [epoch, sequence] of [
        [1, 0],
        [1, 1],
        [2, 0],
      ] as const) {
        const outcome = await send(log, stream, { epoch, sequence });
        assert.equal(outcome, "producer-fenced", `batch ${sequence} of epoch ${epoch}`);
      }
      assert.equal((await log.head(stream)).offset, 2);
      assert.equal(await send(log, stream, { epoch: 3, sequence: 1 }), "3");
    },
  },
  {
    name: "the first batch of a producer, and of a higher epoch, may have any sequence",
    async run({ log, stream }) {
      assert.equal(await send(log, stream, { epoch: 7, sequence: 41 }), "1");
      assert.equal(await send(log, stream, { epoch: 7, sequence: 42 }), "2");
      assert.equal(await send(log, stream, { epoch: 8, sequence: 12 }), "3");
      assert.equal(await send(log, stream, { epoch: 8, sequence: 13 }), "4");
      assert.equal(await send(log, stream, { epoch: 8, sequence: 12 }), "=3");
      const ofAnotherLife = await send(log, stream, { epoch: 8, sequence: 42 });
      assert.equal(ofAnotherLife, DISORDERED, "a batch of an earlier epoch counts as known");
    },
  },
  {
    name: "producers with different ids, and in different streams, know nothing of each other",
    async run({ log, stream, nameWith }) {
      assert.equal(await send(log, stream, { id: "a", epoch: 5, sequence: 9 }), "1");
      assert.equal(await send(log, stream, { id: "A", epoch: 0, sequence: 0 }), "2");
      const other = nameWith("/other");
      assert.equal(await send(log, other, { id: "a", epoch: 0, sequence: 3 }), "1");
      assert.equal(await send(log, stream, { id: "a", epoch: 5, sequence: 10 }), "3");
    },
  },
  {
    name: "batches of a producer that are sent at once stand in order, and repetitions are found",
    async run({ log, stream }) {
      const sequences = range(0, 19).flatMap((sequence) => [sequence, sequence]);
      const outcomes = await Promise.all(
        sequences.map((sequence) => send(log, stream, { sequence })),
      );
      assert.deepEqual(
        outcomes,
        range(1, 20).flatMap((offset) => [`${offset}`, `=${offset}`]),
      );
      const expected = range(0, 19).map((sequence) => `${sequence}`);
      assert.deepEqual(dataOf((await readPage(log, stream)).events), expected);
    },
  },
  {
    name: "a repetition is recognised after its events were trimmed, and in a complete stream",
    async run({ log, stream }) {
      await send(log, stream, { sequence: 0, count: 3 });
      await log.trim(stream, 3);
      assert.equal(await send(log, stream, { sequence: 0, count: 3 }), "=1 =2 =3");
      await log.seal(stream);
      assert.equal(await send(log, stream, { sequence: 0, count: 3 }), "=1 =2 =3");
      assert.equal(await send(log, stream, { sequence: 1 }), "stream-sealed");
    },
  },
  {
    name: "a removal forgets the producers of the stream",
    async run({ log, stream }) {
      await send(log, stream, { epoch: 4, sequence: 8 });
      await log.remove(stream);
      assert.equal(await send(log, stream, { epoch: 0, sequence: 8 }), "1");
    },
  },
  {
    name: "the thousand producers that appended last are known, and no others",
    async run({ log, stream }) {
      const first = { sequence: 5 };
      const names = range(0, 999).map((index) => `p${index}`);
      await Promise.all(names.map((id) => send(log, stream, { id, ...first })));
      await send(log, stream, { id: "p0", sequence: 6 });
      await send(log, stream, { id: "newcomer", ...first });
      assert.equal(await send(log, stream, { id: "p0", sequence: 6 }), "=1001", "p0 is forgotten");
      assert.equal(await send(log, stream, { id: "p2", ...first }), "=3", "p2 is forgotten");
      assert.equal(await send(log, stream, { id: "p999", sequence: 7 }), DISORDERED);
      assert.equal(await send(log, stream, { id: "p1", sequence: 0 }), "1003", "p1 is known");
    },
  },
  {
    name: "a batch of a producer is repeated with what was known of its ids the first time",
    async run({ log, stream }) {
      const producer = { id: "a", epoch: 0, sequence: 0 };
      await log.append(stream, [{ id: "x", data: "" }]);
      const batch = [{ data: "" }, { id: "x", data: "" }, { id: "y", data: "" }];
      assert.equal(outcomeOf(await log.append(stream, batch, { producer })), "2 =1 3");
      assert.equal(outcomeOf(await log.append(stream, batch, { producer })), "=2 =1 =3");
      const known = { producer: { ...producer, sequence: 1 } };
      assert.equal(outcomeOf(await log.append(stream, [{ id: "y", data: "" }], known)), "=3");
      assert.equal(await send(log, stream, { id: "a", sequence: 2 }), "4");
    },
  },
  {
    name: "a producer's batch that was refused leaves its sequence free",
    async run({ log, stream }) {
      const producer = { id: "a", epoch: 0, sequence: 0 };
      const bad = () => log.append(stream, [{ data: "", type: "" }], { producer });
      await assertRefused(bad, "invalid-event", "a bad event");
      assert.equal(await send(log, stream, { id: "a", sequence: 0 }), "1");
    },
  },
  {
    name: "a stamp that makes no sense is refused",
    async run({ log, stream }) {
      for (const [why, producer] of BAD_STAMPS) {
        const call = () => log.append(stream, numbered(1), { producer });
        await assertRefused(call, "invalid-option", why);
      }
      const longest = { id: `${"a".repeat(123)}._~:-`, epoch: 0, sequence: 0 };
      assert.equal(outcomeOf(await log.append(stream, numbered(1), { producer: longest })), "1");
    },
  },
];

/** What a producer sends; by default one event, as producer `a` of epoch 0. */
type Sending = Partial<ProducerStamp> & { readonly sequence: number; readonly count?: number };

/** Sends a batch whose data are its sequence; resolves to its outcome, or the code of its refusal. */
async function send(log: EventLog, stream: StreamName, sending: Sending): Promise<string> {
  const { id = "a", epoch = 0, sequence, count = 1 } = sending;
  const batch = Array.from({ length: count }, () => ({ data: `${sequence}` }));
  const producer = { id, epoch, sequence };
  return log.append(stream, batch, { producer }).then(outcomeOf, refusalOf);
}
