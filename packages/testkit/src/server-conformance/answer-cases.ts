// The answer: what its head says, and that it comes at all.

import { check, equal } from "../case-checks.js";
import type { ServerCase } from "./server-fixture.js";

const STANDARD = "HTML standard, §9.2";

/** Cases on status and headers. */
export const ANSWER_CASES: readonly ServerCase[] = [
  {
    name: "answers with 200 and the type text/event-stream",
    level: "standard",
    reference: STANDARD,
    async run(fixture) {
      const { status, headers } = await fixture.open();
      equal(status, 200, "the status");
      const [type = ""] = (headers["content-type"] ?? "").split(";");
      equal(type.trim().toLowerCase(), "text/event-stream", "the content type");
    },
  },
  {
    name: "names no charset but UTF-8, which is the only one that there is",
    level: "standard",
    reference: STANDARD,
    async run(fixture) {
      const { headers } = await fixture.open();
      const [, charset] = /charset=\s*"?([^";\s]+)/i.exec(headers["content-type"] ?? "") ?? [];
      check(charset === undefined || /^utf-?8$/i.test(charset), `the charset is ${charset}`);
    },
  },
  {
    name: "answers before there is an event",
    level: "standard",
    reference: "a client that is not answered cannot tell an idle stream from a dead server",
    async run(fixture) {
      const startedMs = performance.now();
      await fixture.open();
      const tookMs = Math.round(performance.now() - startedMs);
      check(tookMs <= 1500, `the head came after ${tookMs} ms`);
    },
  },
  {
    name: "forbids caches to keep the stream",
    level: "standard",
    reference: "RFC 9111, §5.2.2",
    async run(fixture) {
      const { headers } = await fixture.open();
      const control = headers["cache-control"] ?? "";
      check(/no-store|no-cache/i.test(control), `Cache-Control is "${control}"`);
    },
  },
  {
    name: "asks proxies not to buffer the stream, nor to change it",
    level: "standard",
    reference:
      "X-Accel-Buffering: no (nginx and others), or Cache-Control: no-transform (RFC 9111)",
    async run(fixture) {
      const { headers } = await fixture.open();
      const control = headers["cache-control"] ?? "";
      const isAsked = headers["x-accel-buffering"] === "no" || /no-transform/i.test(control);
      check(isAsked, `neither X-Accel-Buffering nor Cache-Control ("${control}") says so`);
    },
  },
  {
    name: "does not encode the stream for a client that takes no encoding",
    level: "standard",
    reference: "RFC 9110, §12.5.3",
    async run(fixture) {
      const { headers } = await fixture.open({ headers: { "accept-encoding": "identity" } });
      equal(headers["content-encoding"] ?? "identity", "identity", "the content encoding");
    },
  },
  {
    name: "sends something on an idle stream, so that nothing on the way takes it for dead",
    level: "standard",
    reference: "HTML standard, §9.2.7",
    async run(fixture) {
      const reader = await fixture.open();
      // A greeting is no sign that more will come.
      await reader.becomes(() => false, 500);
      const before = reader.piecesMs.length;
      const { heartbeatWithinMs } = fixture;
      const isAlive = await reader.becomes(
        () => reader.piecesMs.length > before,
        heartbeatWithinMs,
      );
      check(isAlive, `nothing came within ${heartbeatWithinMs} ms`);
    },
  },
  {
    name: "serves on after clients have broken away without a word",
    level: "standard",
    reference: "scenario 1",
    async run(fixture) {
      const broken = await Promise.all(Array.from({ length: 10 }, () => fixture.open()));
      for (const reader of broken) reader.drop();
      const reader = await fixture.open();
      await fixture.expectReceived(reader, await fixture.publish(2));
    },
  },
  {
    name: "ends a complete stream behind its last event, and tells clients not to come back with 204",
    level: "standard",
    reference: `${STANDARD}.1`,
    needs: ["complete"],
    async run(fixture) {
      const reader = await fixture.open();
      const published = await fixture.publish(2);
      await fixture.server.complete?.();
      await fixture.expectSoon(reader, "the response ends", () => reader.end !== undefined);
      equal(reader.end, "whole", "the end of the response");
      await fixture.expectReceived(reader, published);
      const { status } = await fixture.open({ lastEventId: reader.lastEventId });
      equal(status, 204, "the status of the next request");
    },
  },
];
