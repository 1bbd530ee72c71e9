// The Throughline protocol: cursors, where delivery begins, and honesty about what is missing.

import { decodeCursor, RESERVED } from "throughline/core";
import { check, equal, failure } from "../case-checks.js";
import { greetingOf } from "./greeting-cases.js";
import type { ServerCase, ServerFixture } from "./server-fixture.js";
import type { StreamReader } from "./stream-reader.js";

interface ToldGap {
  readonly from: number | null;
  readonly to: number | null;
  readonly reason: string;
}

/** The gap that a reader is told, which has to be before the first event that it is given. */
async function gapOf(fixture: ServerFixture, reader: StreamReader): Promise<ToldGap> {
  await greetingOf(fixture, reader);
  const at = reader.events.findIndex(({ type }) => type === RESERVED.gap);
  const gap = reader.events[at];
  if (gap === undefined) throw failure("no gap was told");
  const first = reader.events.findIndex(({ type }) => type === "message");
  check(first === -1 || at < first, "the gap came behind an event");
  return JSON.parse(gap.data) as ToldGap;
}

/** Publishes so many, and returns the cursor of the last. */
async function cursorAfter(fixture: ServerFixture, count: number): Promise<string> {
  const published = await fixture.publish(count);
  const reader = await fixture.open({}, fixture.urlWith({ cursor: "earliest" }));
  await fixture.expectReceived(reader, published);
  const { lastEventId } = reader;
  reader.close();
  return lastEventId;
}

/** Cases on positions. */
export const POSITION_CASES: readonly ServerCase[] = [
  {
    name: "counts the events of a stream without holes, in the ids that it gives them",
    level: "throughline",
    reference: "PROTOCOL.md §1, §3",
    async run(fixture) {
      const reader = await fixture.open();
      await fixture.expectReceived(reader, await fixture.publish(4));
      const positions = fixture.received(reader).map(({ id }) => decodeCursor(id ?? ""));
      const [first] = positions;
      if (first === undefined) throw failure("the first id is no cursor");
      const expected = positions.map((_, n) => ({ ...first, offset: first.offset + n }));
      equal(positions, expected, "the positions");
    },
  },
  {
    name: "takes the cursor as a parameter, and the header before it",
    level: "throughline",
    reference: "PROTOCOL.md §4",
    async run(fixture) {
      const cursor = await cursorAfter(fixture, 2);
      const later = await fixture.publish(2);
      await fixture.expectReceived(await fixture.open({}, fixture.urlWith({ cursor })), later);
      const url = fixture.urlWith({ cursor: "earliest" });
      await fixture.expectReceived(await fixture.open({ lastEventId: cursor }, url), later);
    },
  },
  {
    name: "begins at what comes next, without a cursor and with latest; at all there is, with earliest",
    level: "throughline",
    reference: "PROTOCOL.md §3, §4",
    async run(fixture) {
      const before = await fixture.publish(2);
      const urls = [fixture.server.url, fixture.urlWith({ cursor: "latest" })];
      const late = [];
      for (const url of urls) late.push(await fixture.open({}, url));
      for (const reader of late) await greetingOf(fixture, reader);
      const all = await fixture.open({}, fixture.urlWith({ cursor: "earliest" }));
      const next = await fixture.publish(1);
      for (const reader of late) await fixture.expectReceived(reader, next);
      await fixture.expectReceived(all, [...before, ...next]);
    },
  },
  {
    name: "says in the greeting what has become of the cursor",
    level: "throughline",
    reference: "PROTOCOL.md §4",
    async run(fixture) {
      const cursor = await cursorAfter(fixture, 1);
      const resumed = await fixture.open({ lastEventId: cursor });
      equal((await greetingOf(fixture, resumed)).resume, "caught-up", "nothing was missed");
      await fixture.publish(1);
      const behind = await fixture.open({ lastEventId: cursor });
      equal((await greetingOf(fixture, behind)).resume, "replay", "something was missed");
    },
  },
  {
    name: "tells a gap for a cursor that is none, and sends all there is",
    level: "throughline",
    reference: "PROTOCOL.md §7",
    async run(fixture) {
      const published = await fixture.publish(2);
      const reader = await fixture.open({ lastEventId: "no cursor" });
      equal((await gapOf(fixture, reader)).reason, "unknown-cursor", "the reason");
      await fixture.expectReceived(reader, published);
    },
  },
  {
    name: "tells a gap for a cursor of another life of the stream",
    level: "throughline",
    reference: "PROTOCOL.md §7",
    async run(fixture) {
      await fixture.publish(2);
      const reader = await fixture.open({ lastEventId: "anotherlife.1" });
      equal((await gapOf(fixture, reader)).reason, "reset", "the reason");
      equal((await greetingOf(fixture, reader)).resume, "gap", "the greeting");
    },
  },
  {
    name: "tells a gap for a cursor that is ahead of the stream",
    level: "throughline",
    reference: "PROTOCOL.md §7",
    async run(fixture) {
      const cursor = await cursorAfter(fixture, 1);
      const [epoch = ""] = cursor.split(".");
      const reader = await fixture.open({ lastEventId: `${epoch}.1000000` });
      equal((await gapOf(fixture, reader)).reason, "reset", "the reason");
    },
  },
  {
    name: "tells a reader that was behind the cut which events are gone, and one that missed nothing, nothing",
    level: "throughline",
    reference: "PROTOCOL.md §7",
    needs: ["trim"],
    async run(fixture) {
      const old = await cursorAfter(fixture, 1);
      await fixture.publish(2);
      const newest = await fixture.open({ lastEventId: old });
      await fixture.expectSoon(newest, "both come", () => fixture.received(newest).length === 2);
      newest.close();
      await fixture.server.trim?.();
      const told = await gapOf(fixture, await fixture.open({ lastEventId: old }));
      equal([told.from, told.to, told.reason], [2, 3, "trimmed"], "from, to and reason");
      const untold = await fixture.open({ lastEventId: newest.lastEventId });
      equal((await greetingOf(fixture, untold)).resume, "caught-up", "nothing was missed");
      check(untold.find(RESERVED.gap) === undefined, "a gap was told");
    },
  },
  {
    name: "says that the stream is complete, behind its last event",
    level: "throughline",
    reference: "PROTOCOL.md §7",
    needs: ["complete"],
    async run(fixture) {
      const reader = await fixture.open();
      const published = await fixture.publish(1);
      await fixture.server.complete?.();
      await fixture.expectSoon(reader, "it ends", () => reader.end !== undefined);
      await fixture.expectReceived(reader, published);
      equal(reader.events.at(-1)?.type, RESERVED.end, "the last event");
    },
  },
];
