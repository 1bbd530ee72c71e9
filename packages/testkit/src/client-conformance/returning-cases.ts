// Coming back: when a client does, and what it shows then.

import { equal, failure } from "../case-checks.js";
import type { ClientCase } from "./client-fixture.js";
import type { Exchange } from "./scripted-server.js";

const RETRY = "retry: 100\n\n";

/** A client that has not come back by then, at a time of 100 ms, does not mean to. */
const GONE_AFTER_MS = 2000;
/** The same where the server has said nothing of a time: most clients wait for 3 s. */
const NEVER_AFTER_MS = 6000;
/** What timers of the client may be early by. */
const EARLY_MS = 25;

/** Cases on requests. */
export const RETURNING_CASES: readonly ClientCase[] = [
  {
    name: "asks with GET for text/event-stream, and shows no id at first",
    level: "standard",
    reference: "HTML standard, §9.2.3",
    async run(fixture) {
      const { request, lastEventId } = await fixture.open();
      const { method, headers } = request;
      equal(
        [method, headers.accept, lastEventId],
        ["GET", "text/event-stream", undefined],
        "method, Accept and Last-Event-ID",
      );
    },
  },
  ...(["end", "fin", "reset"] as const).map(
    (way): ClientCase => ({
      name: `comes back with the id of the last event after ${
        { end: "a clean end", fin: "a cut", reset: "a reset" }[way]
      }`,
      level: "standard",
      reference: "HTML standard, §9.2.3",
      async run(fixture) {
        const first = await fixture.open();
        first.stream(`${RETRY}id: 41\ndata: a\n\nid: 42\ndata: b\n\n`);
        await fixture.expectData("b");
        if (way === "end") first.end();
        else first.cut(way);
        const second = await fixture.next();
        equal(second.lastEventId, "42", "Last-Event-ID");
        second.stream("data: c\n\n");
        await fixture.expectData("c");
        equal(
          fixture.events.map(({ data }) => data),
          ["a", "b", "c"],
          "the events",
        );
      },
    }),
  ),
  {
    name: "drops a block that the end cuts, and its id with it",
    level: "standard",
    reference: "HTML standard, §9.2.6",
    async run(fixture) {
      const first = await fixture.open();
      first.stream(`${RETRY}id: 1\ndata: a\n\n`);
      await fixture.expectData("a");
      first.write("id: 2\ndata: b\n").end();
      const second = await fixture.next();
      equal(second.lastEventId, "1", "Last-Event-ID");
      second.stream("data: c\n\n");
      await fixture.expectData("c");
      equal(
        fixture.events.map(({ data }) => data),
        ["a", "c"],
        "the events",
      );
    },
  },
  {
    name: "takes the id of a block without data",
    level: "standard",
    reference: "HTML standard, §9.2.6",
    async run(fixture) {
      (await fixture.open()).stream(`${RETRY}id: 1\ndata: a\n\nid: 2\n\n`).end();
      equal((await fixture.next()).lastEventId, "2", "Last-Event-ID");
    },
  },
  {
    name: "shows no id after an empty one",
    level: "standard",
    reference: "HTML standard, §9.2.3",
    async run(fixture) {
      const first = await fixture.open();
      first.stream(`${RETRY}id: 1\ndata: a\n\nid:\ndata: b\n\n`);
      await fixture.expectData("b");
      first.end();
      equal((await fixture.next()).lastEventId ?? "", "", "Last-Event-ID");
    },
  },
  {
    name: "shows an id with letters outside of ASCII as UTF-8",
    level: "standard",
    reference: "HTML standard, §9.2.3",
    async run(fixture) {
      (await fixture.open()).stream(`${RETRY}id: voilà → 42\ndata: a\n\n`).end();
      equal((await fixture.next()).lastEventId, "voilà → 42", "Last-Event-ID");
    },
  },
  {
    name: "waits at least as long as retry: says",
    level: "standard",
    reference: "HTML standard, §9.2.6",
    async run(fixture) {
      const first = await fixture.open();
      first.stream("retry: 1500\ndata: a\n\n");
      await fixture.expectData("a");
      const endedMs = performance.now();
      first.end();
      const waitedMs = Math.round((await fixture.next()).atMs - endedMs);
      if (waitedMs < 1500 - EARLY_MS) throw failure(`it came back after ${waitedMs} ms`);
    },
  },
  {
    name: "overlooks a retry: that is not made of digits alone",
    level: "standard",
    reference: "HTML standard, §9.2.6",
    async run(fixture) {
      const first = await fixture.open();
      first.stream(`${RETRY}retry: 60000.0\nretry: 60000ms\nretry:\ndata: a\n\n`);
      await fixture.expectData("a");
      first.end();
      await fixture.next();
    },
  },
  {
    name: "does not come back after 204",
    level: "standard",
    reference: "HTML standard, §9.2.3",
    async run(fixture) {
      (await fixture.open()).stream(`${RETRY}data: a\n\n`).end();
      (await fixture.next()).answer(204);
      await fixture.expectSilence(GONE_AFTER_MS);
    },
  },
  {
    name: "does not come back after a first answer of 404",
    level: "standard",
    reference: "HTML standard, §9.2.3",
    async run(fixture) {
      (await fixture.open()).answer(404);
      await fixture.expectSilence(NEVER_AFTER_MS);
    },
  },
  {
    name: "does not come back after a first answer of another type",
    level: "standard",
    reference: "HTML standard, §9.2.3",
    async run(fixture) {
      (await fixture.open()).answer(200, { "content-type": "text/html" }, "data: a\n\n");
      await fixture.expectSilence(NEVER_AFTER_MS);
      equal(fixture.events, [], "the events");
    },
  },
  ...[302, 307].map(
    (status): ClientCase => ({
      name: `follows a redirect with ${status}`,
      level: "standard",
      reference: "HTML standard, §9.2.3",
      async run(fixture) {
        const answer = (exchange: Exchange) => {
          if (exchange.request.url === "/elsewhere") exchange.stream("data: a\n\n");
          else exchange.answer(status, { location: "/elsewhere" });
        };
        answer(await fixture.open());
        // A client that finds this too slow may begin anew.
        await fixture.answerUntil("the event comes", () => fixture.events.length > 0, answer);
      },
    }),
  ),
  {
    name: "leaves when it is closed, and does not come back",
    level: "standard",
    reference: "HTML standard, §9.2.2",
    async run(fixture) {
      const first = await fixture.open();
      first.stream(`${RETRY}data: a\n\n`);
      await fixture.expectData("a");
      await fixture.close();
      await fixture.expectSoon("the connection is closed", () => first.isClosed);
      await fixture.expectSilence(GONE_AFTER_MS);
      equal(fixture.events.length, 1, "how many events came");
    },
  },
];
