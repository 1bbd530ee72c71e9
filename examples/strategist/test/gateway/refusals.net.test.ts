// A backend that says no, on the first connect and on a reconnect: readers are told why, and nobody asks for
// ever.

import { setTimeout as wait } from "node:timers/promises";
import type { HttpErrorFault } from "@throughline/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findFlaskPython } from "../../backend/launcher/python-process.js";
import { type Backend, startBackend } from "../../backend/launcher/start-backend.js";
import { eventually, FEED, feedOf, GatewayLane } from "./stage.js";

const WARD = "Lotus Tank";
const feed = feedOf(WARD);
const UPSTREAM = {
  silenceMs: 3000,
  answerMs: 1000,
  releaseMs: 1500,
  lingerMs: 500,
  maxRetryMs: 500,
};

/** A stream with status 200 that says one thing, and ends. */
function says(payload: object): HttpErrorFault {
  const headers = { "content-type": "text/event-stream" };
  const body = `data: ${JSON.stringify(payload)}\n\n`;
  return { kind: "http-error", status: 200, headers, body };
}

const status = (code: number, headers = {}): HttpErrorFault => ({
  kind: "http-error",
  status: code,
  headers,
});

// Where there is no Python with Flask and gunicorn, and none can be made; scripts/test.mjs says so.
describe.skipIf(findFlaskPython() === undefined)("a backend that refuses", () => {
  let backend: Backend;
  let lane: GatewayLane;

  beforeAll(async () => {
    backend = await startBackend({ roundS: 0.7, gracefulS: 1, threads: 24 });
  });
  afterAll(() => backend?.close());
  beforeEach(async () => {
    lane = await GatewayLane.start(backend, { generation: "enhanced", upstream: UPSTREAM });
  });
  afterEach(async () => {
    await lane.stop();
    await backend.clearFaults();
  });

  const REFUSALS = [
    {
      what: "302",
      fault: status(302, { location: "/api/v1/login?next=x" }),
      answer: 401,
      reason: "unauthorized",
    },
    { what: "401", fault: status(401), answer: 401, reason: "unauthorized" },
    { what: "403", fault: status(403), answer: 401, reason: "unauthorized" },
    { what: "410", fault: status(410), answer: 410, reason: "refused" },
    { what: "204", fault: status(204), answer: 204, reason: "complete" },
    {
      what: "a word inside a stream that the login is missing",
      fault: says({ type: "error", message: "Authentication required" }),
      answer: 401,
      reason: "unauthorized",
    },
  ];

  it("on a reconnect answers its readers so, and is not asked for ever", async () => {
    // All of them at the same time: each takes as long as a check is shared, and the backend is well.
    await Promise.all(REFUSALS.map((refusal) => refuse(refusal)));
  });

  async function refuse({ what, fault, answer, reason }: (typeof REFUSALS)[number]): Promise<void> {
    const own = await GatewayLane.start(backend, { generation: "enhanced", upstream: UPSTREAM });
    try {
      const cookie = await backend.logIn();
      const reader = await own.follow(feed, cookie);
      const native = await own.followNatively(feed, cookie, 200);
      await eventually(() => expect(native.payloads.length, what).toBeGreaterThan(0));
      const before = own.asked;
      await own.backendLink.set(fault);
      own.backendLink.reset();
      await eventually(() => expect(native.failedWith, what).toBe(answer));
      await eventually(() => expect(reader.source.connection.reason, what).toBe(reason));
      expect(own.asked - before, what).toBeLessThanOrEqual(4);
      await own.backendLink.set({ kind: "pass" });
      // A check is shared for a second.
      await wait(1100);
      const again = await own.follow(feed, cookie);
      await eventually(() => expect(again.payloads.length, what).toBeGreaterThan(0));
    } finally {
      await own.stop();
    }
  }

  it.each([500, 503, 429])(
    "with status %i at first answers so, and is asked again by who comes again",
    async (code) => {
      const fault = { kind: "status", status: code, endpoint: "feed", times: 2 } as const;
      await backend.setFault(fault);
      const native = await lane.followNatively(feed, undefined, 200);
      await eventually(() => expect(native.failedWith).toBe(code));
      const reader = await lane.follow(feed);
      await eventually(() => expect(reader.payloads.length).toBeGreaterThan(0));
      expect(reader.source.connection.state).toBe("live");
    },
  );

  it("with 403 for the stream alone ends its readers, although they are logged in", async () => {
    const reader = await lane.follow(feed);
    await eventually(() => expect(reader.payloads.length).toBeGreaterThan(0));
    await backend.setFault({ kind: "status", status: 403, endpoint: "feed", times: "always" });
    lane.backendLink.reset();
    await eventually(() => expect(reader.source.connection.reason).toBe("unauthorized"));
    expect(lane.asked).toBeLessThanOrEqual(4);
  });

  it.each([
    ["no ward", `${FEED}?ward=&priority=all`],
    ["a ward that is too long", feedOf("x".repeat(101))],
    ["a priority that there is not", feedOf(WARD, "confidence")],
  ])("because of %s answers 400, to each who asks once", async (_what, target) => {
    const cookie = await backend.logIn();
    const reader = await lane.follow(target, cookie);
    const native = await lane.followNatively(target, cookie, 100);
    await eventually(() => expect(reader.source.readyState).toBe(2));
    await eventually(() => expect(native.failedWith).toBe(400));
    await wait(500);
    expect(lane.asked).toBeLessThanOrEqual(2);
    expect(lane.gateway.stats().threads.busy).toBe(0);
  });
});
