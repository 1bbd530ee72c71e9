// The Throughline protocol: the greeting, signs of life, leases, short responses.

import { decodeCursor, PULSE_HEADER, parsePulseHeader, RESERVED } from "throughline/core";
import { check, equal, failure } from "../case-checks.js";
import type { ServerCase, ServerFixture } from "./server-fixture.js";
import type { StreamReader } from "./stream-reader.js";

/** What the greeting says. */
interface Greeting {
  readonly protocol: unknown;
  readonly connection: unknown;
  readonly resume: unknown;
  readonly pulse?: { readonly intervalMs: number; readonly deadlineMs: number } | undefined;
  readonly lease?: { readonly url: string; readonly everyMs: number } | undefined;
}

/** The greeting of a response, as soon as it and the heartbeat behind it have come. */
export async function greetingOf(fixture: ServerFixture, reader: StreamReader): Promise<Greeting> {
  const hasCome = () => reader.find(RESERVED.heartbeat) !== undefined;
  await fixture.expectSoon(reader, "greeting and heartbeat come", hasCome);
  const hello = reader.find(RESERVED.hello);
  if (hello === undefined) throw failure("there is no greeting before the heartbeat");
  return JSON.parse(hello.data) as Greeting;
}

/** Cases on what is said beside the events. */
export const GREETING_CASES: readonly ServerCase[] = [
  {
    name: "announces the pulse in the head, so that a body that never begins is noticed too",
    level: "throughline",
    reference: "PROTOCOL.md §4",
    async run(fixture) {
      const { headers } = await fixture.open();
      const text = headers[PULSE_HEADER];
      const pulse = parsePulseHeader(typeof text === "string" ? text : "");
      check(pulse !== undefined, `${PULSE_HEADER} is ${JSON.stringify(text)}`);
    },
  },
  {
    name: "begins with retry, the greeting without an id, and a heartbeat whose id is the cursor",
    level: "throughline",
    reference: "PROTOCOL.md §4",
    async run(fixture) {
      const reader = await fixture.open();
      const greeting = await greetingOf(fixture, reader);
      check(reader.text.startsWith("retry:"), "the body does not begin with retry:");
      const [first, second] = reader.events;
      equal([first?.type, first?.id], [RESERVED.hello, undefined], "the first event and its id");
      equal(second?.type, RESERVED.heartbeat, "the second event");
      check(isCursor(second?.id), `the id of the heartbeat is ${JSON.stringify(second?.id)}`);
      equal(greeting.protocol, 1, "the version of the protocol");
    },
  },
  {
    name: "tells different connections different times to wait",
    level: "throughline",
    reference: "PROTOCOL.md §4",
    async run(fixture) {
      const readers = await Promise.all(Array.from({ length: 5 }, () => fixture.open()));
      for (const reader of readers) await greetingOf(fixture, reader);
      const times = new Set(readers.map(({ retriesMs }) => retriesMs[0]));
      check(times.size > 1, `all are told ${[...times].join()} ms`);
    },
  },
  {
    name: "keeps the rhythm of the pulse that it announces",
    level: "throughline",
    reference: "PROTOCOL.md §5",
    async run(fixture) {
      const reader = await fixture.open();
      const { pulse } = await greetingOf(fixture, reader);
      if (pulse === undefined) throw failure("the greeting announces no pulse");
      await reader.becomes(() => false, 3 * pulse.intervalMs + 200);
      const moments = [...reader.piecesMs, performance.now()];
      const longestMs = Math.max(...moments.slice(1).map((at, n) => at - (moments[n] ?? at)));
      check(longestMs <= pulse.deadlineMs, `it was silent for ${Math.round(longestMs)} ms`);
    },
  },
  {
    name: "renews a lease, and says where the stream is and how far the reader was sent",
    level: "throughline",
    reference: "PROTOCOL.md §6",
    async run(fixture) {
      const reader = await fixture.open();
      const { lease } = await greetingOf(fixture, reader);
      if (lease === undefined) throw failure("the greeting offers no lease");
      await fixture.expectReceived(reader, await fixture.publish(1));
      const url = new URL(lease.url, fixture.server.url);
      const body = reader.lastEventId;
      const response = await fetch(url, { method: "POST", body });
      equal(response.status, 200, "the status");
      const answer = (await response.json()) as { readonly head: unknown; readonly sent: unknown };
      equal([answer.head, answer.sent], [body, body], "head and sent");
    },
  },
  {
    name: "answers a lease that it does not know with 404 or 421",
    level: "throughline",
    reference: "PROTOCOL.md §6",
    async run(fixture) {
      const reader = await fixture.open();
      const { lease } = await greetingOf(fixture, reader);
      const url = new URL(`${lease?.url ?? ""}-of-nobody`, fixture.server.url);
      const { status } = await fetch(url, { method: "POST", body: reader.lastEventId });
      check(status === 404 || status === 421, `the status is ${status}`);
    },
  },
  {
    name: "answers in short where that is asked for, and ends behind what there is",
    level: "throughline",
    reference: "PROTOCOL.md §4",
    async run(fixture) {
      const published = await fixture.publish(2);
      const url = fixture.urlWith({ cursor: "earliest", "throughline-wait": "0" });
      const reader = await fixture.open({}, url);
      await fixture.expectSoon(reader, "it ends", () => reader.end !== undefined);
      equal(reader.end, "whole", "the end of the response");
      await fixture.expectReceived(reader, published);
      const rest = await fixture.open({ lastEventId: reader.lastEventId }, url);
      await fixture.expectSoon(rest, "it ends", () => rest.end !== undefined);
      equal(rest.lastEventId, reader.lastEventId, "the cursor of an answer with nothing new");
    },
  },
  {
    name: "names every request, and takes the name that a request has",
    level: "throughline",
    reference: "PROTOCOL.md §2",
    async run(fixture) {
      const named = await fixture.open({ headers: { "x-request-id": "case-7" } });
      equal(named.headers["x-request-id"], "case-7", "x-request-id");
      const { headers } = await fixture.open();
      check(headers["x-request-id"] !== undefined, "a request without a name was given none");
    },
  },
  {
    name: "answers HEAD with the head of a stream, and nothing else",
    level: "throughline",
    reference: "PROTOCOL.md §2",
    async run(fixture) {
      const response = await fetch(fixture.server.url, { method: "HEAD" });
      equal(response.status, 200, "the status");
      equal(await response.text(), "", "the body");
      check(/^text\/event-stream/.test(response.headers.get("content-type") ?? ""), "the type");
      check(response.headers.has(PULSE_HEADER), `there is no ${PULSE_HEADER}`);
    },
  },
];

/** Whether a text is a position. */
function isCursor(text: string | undefined): boolean {
  return text !== undefined && decodeCursor(text) !== undefined;
}
