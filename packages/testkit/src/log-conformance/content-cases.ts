import { strict as assert } from "node:assert";
import type { NewEvent, StoredEvent } from "@throughline/server/log";
import type { LogCase } from "./case.js";
import { dataOf, firstOf, lastOf, readPage } from "./expectations.js";

/** Payloads that encodings and stores like to change. */
const DELICATE_DATA: readonly string[] = [
  "",
  " ",
  " leading and trailing ",
  "\n",
  "one\ntwo\r\nthree\rfour\n",
  "\0 in the middle \0",
  "\ufeffa byte order mark",
  "\u2028 and \u2029",
  "e\u0301 is not \u00e9",
  "Füße, 東京, עברית, 👩‍👩‍👧‍👦, \u{10ffff}",
  "\ufffd",
  '{"a":[1,null,"\\u0000"]}',
  "undefined",
];

/** What comes out of a log is what went in. */
export const CONTENT_CASES: readonly LogCase[] = [
  {
    name: "data is kept to the last character: empty, Unicode, line breaks, control characters",
    async run({ log, stream }) {
      await log.append(
        stream,
        DELICATE_DATA.map((data) => ({ data })),
      );
      assert.deepEqual(dataOf((await readPage(log, stream)).events), DELICATE_DATA);
    },
  },
  {
    name: "an event of a million bytes is kept whole, and so are those beside it",
    async run({ log, stream, record }) {
      const large = "→0123456789abcdefg".repeat(50_000);
      const tail = record(lastOf(await log.append(stream, [{ data: "before" }])));
      await log.append(stream, [{ data: large }, { data: "after" }]);
      await tail.untilOffset(3);
      const [before, stored, after] = dataOf((await readPage(log, stream)).events);
      assert.deepEqual([before, after], ["before", "after"]);
      assert(stored === large, `the large event was changed: ${stored?.length} characters`);
      assert(tail.events[0]?.data === large, "the tail heard another event than was appended");
    },
  },
  {
    name: "type, topic, id and trace are kept as given; where no type was, it is message",
    async run({ log, stream }) {
      const events: readonly NewEvent[] = [
        { data: "bare" },
        {
          data: "full",
          type: "alert",
          topic: "ward/42",
          id: "backend:17",
          traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        },
        { data: "unicode", type: "großer Alarm", topic: "Bezirk Süd, 東", id: "№ 1" },
        { data: "topic only", topic: "undefined" },
        { data: "explicitly nothing", type: undefined, topic: undefined, traceparent: undefined },
      ];
      await log.append(stream, events);
      const page = await readPage(log, stream);
      assert.deepEqual(page.events.map(labelsOf), events.map(labelsOf));
    },
  },
  {
    name: "changing a batch after the call changes nothing that is stored",
    async run({ log, stream }) {
      const event = { type: "kept", data: "kept" };
      const batch = [event];
      const appended = log.append(stream, batch);
      event.type = "changed";
      event.data = "changed";
      batch.push({ type: "added", data: "added" });
      await appended;
      const page = await readPage(log, stream);
      assert.deepEqual(page.events.map(labelsOf), [
        ["kept", "kept", undefined, undefined, undefined],
      ]);
    },
  },
  {
    name: "streams are independent, also where their names differ by a character",
    async run({ log, stream, nameWith }) {
      const names = [stream, ...["/a", "/A", "/a/b", ".a", "~a", "-a", "_a", "1"].map(nameWith)];
      for (const [index, name] of names.entries()) {
        const batch = Array.from({ length: index + 1 }, () => ({ data: name }));
        const first = firstOf(await log.append(name, batch));
        assert.equal(first.offset, 1, `${name} shares its offsets with another stream`);
      }
      await log.trim(nameWith("/a"), 1);
      await log.seal(nameWith("/A"));
      await log.remove(nameWith(".a"));
      for (const [index, name] of names.entries()) {
        if (["/a", "/A", ".a"].some((suffix) => name === nameWith(suffix))) continue;
        const { events, head } = await readPage(log, name);
        assert.deepEqual(new Set(dataOf(events)), new Set([name]));
        assert.deepEqual([head.earliest, head.offset, head.sealed], [1, index + 1, false]);
      }
      const epochs = await Promise.all(names.map(async (name) => (await log.head(name)).epoch));
      assert.equal(new Set(epochs).size, names.length, "two streams share an epoch");
    },
  },
];

function labelsOf(event: NewEvent | StoredEvent): readonly unknown[] {
  return [event.data, event.type ?? "message", event.topic, event.id, event.traceparent];
}
