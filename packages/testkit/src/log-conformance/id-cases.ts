import { strict as assert } from "node:assert";
import type { NewEvent } from "@throughline/server/log";
import type { LogCase } from "./case.js";
import {
  assertRefused,
  dataOf,
  firstOf,
  outcomeOf,
  range,
  readPage,
  refusalOf,
} from "./expectations.js";

/** Ids that a store could take for one another. */
const ALIKE: readonly string[] = [
  "a",
  "A",
  " a",
  "a ",
  "aa",
  "a\u0001",
  "é",
  "e\u0301",
  "1",
  "01",
  "1.0",
  "__proto__",
  "undefined",
  `${"x".repeat(511)}1`,
  `${"x".repeat(511)}2`,
  "é".repeat(256),
];

/** Events with ids can be published again: nothing is stored twice. */
export const ID_CASES: readonly LogCase[] = [
  {
    name: "an event whose id is stored is not stored again, and its entry names the first one",
    async run({ log, stream, record }) {
      const result = await log.append(stream, [{ id: "a", data: "first" }]);
      const tail = record({ ...firstOf(result), offset: 0 });
      assert.equal(outcomeOf(result), "1");
      assert.equal(outcomeOf(await log.append(stream, [{ id: "a", data: "again" }])), "=1");
      assert.equal(outcomeOf(await log.append(stream, [{ id: "b", data: "next" }])), "2");
      assert.deepEqual(dataOf((await readPage(log, stream)).events), ["first", "next"]);
      await tail.untilOffset(2);
      assert.deepEqual(dataOf(tail.events), ["first", "next"]);
    },
  },
  {
    name: "what is new in a batch is stored contiguously, whatever of it is known",
    async run({ log, stream }) {
      await log.append(stream, identified("a", "b"));
      const batch = [...identified("b", "c"), { data: "bare" }, ...identified("a", "d")];
      assert.equal(outcomeOf(await log.append(stream, batch)), "=2 3 4 =1 5");
      const page = await readPage(log, stream);
      assert.deepEqual(dataOf(page.events), ["a", "b", "c", "bare", "d"]);
    },
  },
  {
    name: "an id that comes twice in one batch is stored once",
    async run({ log, stream }) {
      const batch = identified("a", "b", "a", "c", "b");
      assert.equal(outcomeOf(await log.append(stream, batch)), "1 2 =1 3 =2");
      assert.deepEqual(dataOf((await readPage(log, stream)).events), ["a", "b", "c"]);
    },
  },
  {
    name: "events without an id are never duplicates, however equal",
    async run({ log, stream }) {
      const batch = [{ data: "same" }, { data: "same" }];
      assert.equal(outcomeOf(await log.append(stream, batch)), "1 2");
      assert.equal(outcomeOf(await log.append(stream, batch)), "3 4");
    },
  },
  {
    name: "ids are compared to the last byte, and may have 512 of them",
    async run({ log, stream }) {
      const batch = identified(...ALIKE);
      const count = ALIKE.length;
      assert.equal(outcomeOf(await log.append(stream, batch)), range(1, count).join(" "));
      const again = range(1, count).map((offset) => `=${offset}`);
      assert.equal(outcomeOf(await log.append(stream, batch)), again.join(" "));
    },
  },
  {
    name: "an id is known exactly as long as its event is stored",
    async run({ log, stream }) {
      await log.append(stream, identified("a", "b", "c"));
      await log.trim(stream, 2);
      assert.equal(outcomeOf(await log.append(stream, identified("c", "a"))), "=3 4");
      await log.trim(stream, 4);
      assert.equal(outcomeOf(await log.append(stream, identified("a", "b", "c"))), "5 6 7");
      assert.equal(outcomeOf(await log.append(stream, identified("c", "b", "a"))), "=7 =6 =5");
    },
  },
  {
    name: "ids belong to one stream, and are forgotten when it is removed",
    async run({ log, stream, nameWith }) {
      await log.append(stream, identified("a", "b"));
      assert.equal(outcomeOf(await log.append(nameWith("/other"), identified("b", "a"))), "1 2");
      await log.remove(stream);
      assert.equal(outcomeOf(await log.append(stream, identified("b", "a"))), "1 2");
      assert.equal(outcomeOf(await log.append(nameWith("/other"), identified("a"))), "=2");
    },
  },
  {
    name: "an event that is published many times at once is stored once",
    async run({ log, stream }) {
      const results = await Promise.all(
        range(1, 30).map((index) => log.append(stream, identified("same", `other ${index}`))),
      );
      const outcomes = results.map(({ events }) => events[0]);
      assert.deepEqual(new Set(outcomes.map((outcome) => outcome?.offset)), new Set([1]));
      assert.equal(outcomes.filter((outcome) => outcome?.isDuplicate === false).length, 1);
      assert.equal((await log.head(stream)).offset, 31);
    },
  },
  {
    name: "a complete stream still recognises what it holds, and refuses a batch with news",
    async run({ log, stream }) {
      await log.append(stream, identified("a", "b"));
      await log.seal(stream);
      const again = log.append(stream, identified("b", "a")).then(outcomeOf, refusalOf);
      assert.equal(await again, "=2 =1");
      const news = () => log.append(stream, identified("a", "c"));
      await assertRefused(news, "stream-sealed", "a batch with one new event");
      assert.equal((await log.head(stream)).offset, 2);
    },
  },
  {
    name: "a batch that was refused leaves none of its ids behind",
    async run({ log, stream }) {
      const bad = [...identified("a"), { id: "b", data: "", type: "" }];
      await assertRefused(() => log.append(stream, bad), "invalid-event", "a bad event");
      assert.equal(outcomeOf(await log.append(stream, identified("a", "b"))), "1 2");
    },
  },
];

/** Events with these ids, whose data say the same. */
function identified(...ids: readonly string[]): readonly NewEvent[] {
  return ids.map((id) => ({ id, data: id }));
}
