// Events: that they come whole, with ids by which a client can go on, and that it goes on exactly there.

import { check, equal } from "../case-checks.js";
import type { ServerCase, ServerFixture } from "./server-fixture.js";
import type { StreamReader } from "./stream-reader.js";

/** Data that an encoder has to take apart, or must not. */
const ODD_DATA = [
  "two\nlines",
  "voilà → 42",
  " a space before",
  "",
  ": no comment",
  "id: 7\n\ndata: x",
];

/** The ids of what a reader was given. */
function idsOf(fixture: ServerFixture, reader: StreamReader): readonly string[] {
  return fixture.received(reader).map(({ id }) => id ?? "");
}

/** Reads until so many events have come, breaks away, and returns the id of the last. */
async function readAndBreak(
  fixture: ServerFixture,
  reader: StreamReader,
  count: number,
): Promise<string> {
  const hasThem = () => fixture.received(reader).length >= count;
  await fixture.expectSoon(reader, `${count} events come`, hasThem);
  reader.drop();
  const last = fixture.received(reader)[count - 1];
  check(last?.id !== undefined && last.id !== "", "an event has no id to go on from");
  return last?.id ?? "";
}

/** Cases on delivery and resumption. */
export const DELIVERY_CASES: readonly ServerCase[] = [
  {
    name: "delivers an event to a client that is there, at once and whole",
    level: "standard",
    reference: "HTML standard, §9.2.6",
    async run(fixture) {
      const reader = await fixture.open();
      const published = await fixture.publish(3);
      const startedMs = performance.now();
      await fixture.expectReceived(reader, published);
      const tookMs = Math.round(performance.now() - startedMs);
      check(tookMs < 1000, `they came after ${tookMs} ms`);
    },
  },
  {
    name: "delivers every kind of data as it was published",
    level: "standard",
    reference: "HTML standard, §9.2.6",
    needs: ["publishData"],
    async run(fixture) {
      const reader = await fixture.open();
      const before = reader.events.length;
      for (const data of ODD_DATA) await fixture.server.publishData?.(data);
      const own = () => reader.events.slice(before).filter(({ type }) => type === "message");
      await fixture.expectSoon(reader, "all come", () => own().length >= ODD_DATA.length);
      equal(
        own().map(({ data }) => data),
        ODD_DATA,
        "their data",
      );
    },
  },
  {
    name: "gives every event an id of its own",
    level: "standard",
    reference: "HTML standard, §9.2.6",
    async run(fixture) {
      const reader = await fixture.open();
      await fixture.expectReceived(reader, await fixture.publish(4));
      const ids = idsOf(fixture, reader);
      check(!ids.includes(""), `an event has no id: ${JSON.stringify(ids)}`);
      equal(new Set(ids).size, ids.length, "how many different ids there are");
    },
  },
  {
    name: "gives ids that every client can send back in a header",
    level: "standard",
    reference: "RFC 9110, §5.5",
    async run(fixture) {
      const reader = await fixture.open();
      await fixture.expectReceived(reader, await fixture.publish(2));
      const odd = idsOf(fixture, reader).filter((id) => !/^[\x21-\x7e]{1,512}$/.test(id));
      equal(odd, [], "ids that are empty, too long, or have other characters than visible ASCII");
    },
  },
  {
    name: "gives two clients the same events in the same order, under the same ids",
    level: "standard",
    reference: "an id means the same wherever a client comes back",
    async run(fixture) {
      const readers = [await fixture.open(), await fixture.open()];
      const published = await fixture.publish(4);
      for (const reader of readers) await fixture.expectReceived(reader, published);
      const [first, second] = readers.map((reader) => idsOf(fixture, reader));
      equal(second, first, "the ids of the second client");
    },
  },
  {
    name: "goes on exactly behind the id that a client shows",
    level: "standard",
    reference: "HTML standard, §9.2.4",
    async run(fixture) {
      const reader = await fixture.open();
      const before = await fixture.publish(4);
      const id = await readAndBreak(fixture, reader, 2);
      const missed = await fixture.publish(3);
      const next = await fixture.open({ lastEventId: id });
      const then = await fixture.publish(2);
      await fixture.expectReceived(next, [...before.slice(2), ...missed, ...then]);
    },
  },
  {
    name: "sends a client that has missed nothing only what comes next",
    level: "standard",
    reference: "HTML standard, §9.2.4",
    async run(fixture) {
      const reader = await fixture.open();
      await fixture.publish(3);
      const id = await readAndBreak(fixture, reader, 3);
      const next = await fixture.open({ lastEventId: id });
      await fixture.expectReceived(next, []);
      await fixture.expectReceived(next, await fixture.publish(1));
    },
  },
  {
    name: "loses and repeats nothing over two breaks in a row",
    level: "standard",
    reference: "scenario 16",
    async run(fixture) {
      const first = await fixture.open();
      const published = [...(await fixture.publish(1))];
      const got = [...published];
      let id = await readAndBreak(fixture, first, 1);
      for (const count of [2, 3]) {
        published.push(...(await fixture.publish(3)));
        const reader = await fixture.open({ lastEventId: id });
        id = await readAndBreak(fixture, reader, count);
        const data = fixture.received(reader).map((event) => event.data);
        got.push(...data.slice(0, count));
      }
      equal(got, published.slice(0, got.length), "what came before the last break");
      const last = await fixture.open({ lastEventId: id });
      await fixture.expectReceived(last, published.slice(got.length));
    },
  },
  {
    name: "keeps what is published while nobody reads",
    level: "standard",
    reference: "scenario 16",
    async run(fixture) {
      const reader = await fixture.open();
      await fixture.publish(1);
      const id = await readAndBreak(fixture, reader, 1);
      await reader.becomes(() => false, 200);
      const missed = await fixture.publish(20);
      await fixture.expectReceived(await fixture.open({ lastEventId: id }), missed);
    },
  },
  {
    name: "does not fail over an id that it has never given",
    level: "standard",
    reference: "ids come from whatever ran at that address before",
    async run(fixture) {
      await fixture.publish(1);
      const { status } = await fixture.open({ lastEventId: "no-such-id" });
      check(status < 500, `the status is ${status}`);
    },
  },
];
