// Beyond the standard: what a client meets in the field, and has to get over.

import { failure } from "../case-checks.js";
import type { ClientCase } from "./client-fixture.js";

const RETRY = "retry: 100\n\n";

/** Cases on what the standard leaves to the client, or would have it give up at. */
export const RESILIENCE_CASES: readonly ClientCase[] = [
  {
    name: "comes back after a 503 on a reconnect, which is what a proxy says while a server restarts",
    level: "resilient",
    reference: "scenario 9",
    async run(fixture) {
      (await fixture.open()).stream(`${RETRY}data: a\n\n`).end();
      (await fixture.next()).answer(503);
      (await fixture.next("comes back after the 503")).stream("data: b\n\n");
      await fixture.expectData("b");
    },
  },
  {
    name: "does not come back sooner than Retry-After says",
    level: "resilient",
    reference: "RFC 9110, §10.2.3",
    async run(fixture) {
      (await fixture.open()).stream(`${RETRY}data: a\n\n`).end();
      const second = await fixture.next();
      const answeredMs = performance.now();
      second.answer(503, { "retry-after": "2" });
      const waitedMs = Math.round((await fixture.next()).atMs - answeredMs);
      if (waitedMs < 1950) throw failure(`it came back after ${waitedMs} ms`);
    },
  },
  {
    name: "comes back when its first connection is reset before an answer",
    level: "resilient",
    reference: "HTML standard, §9.2.3: a network error is no failure for good",
    async run(fixture) {
      (await fixture.open()).cut("reset");
      (await fixture.next()).stream("data: a\n\n");
      await fixture.expectData("a");
    },
  },
  {
    name: "gives up a reconnect that is accepted and never answered, and asks again",
    level: "resilient",
    reference: "scenario 3",
    async run(fixture) {
      (await fixture.open()).stream(`${RETRY}data: a\n\n`).end();
      await fixture.next();
      // This one is left without an answer.
      (await fixture.next("asks again")).stream("data: b\n\n");
      await fixture.expectData("b");
    },
  },
  {
    name: "takes a stream for dead that is silent for longer than its server has announced",
    level: "resilient",
    reference: "PROTOCOL.md §5",
    async run(fixture) {
      const first = await fixture.open();
      first.stream(`${RETRY}data: a\n\n`, { "throughline-pulse": "interval=500, deadline=1000" });
      await fixture.expectData("a");
      (await fixture.next("asks again")).stream("data: b\n\n");
      await fixture.expectData("b");
    },
  },
  {
    name: "asks less and less often where streams open and close at once",
    level: "resilient",
    reference: "scenario 11",
    async run(fixture) {
      const untilMs = performance.now() + 4000;
      let exchange: Awaited<ReturnType<typeof fixture.open>> | undefined = await fixture.open();
      while (exchange !== undefined) {
        exchange.stream("retry: 0\n\n").end();
        exchange = await fixture.server.next(Math.max(0, untilMs - performance.now()));
      }
      const { length } = fixture.server.exchanges;
      if (length > 12) throw failure(`it asked ${length} times within 4 s`);
    },
  },
];
