// A backend that goes in circles: it is asked ever less, its readers stay and are told, and it is heard again
// once it is well. All circles are run at the same time, each in a ward with a gateway of its own.

import { setTimeout as wait } from "node:timers/promises";
import type { Fault, HttpErrorFault } from "@throughline/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFlaskPython } from "../../backend/launcher/python-process.js";
import { type Backend, startBackend } from "../../backend/launcher/start-backend.js";
import { eventually, feedOf, GatewayLane } from "./stage.js";

const UPSTREAM = { silenceMs: 3000, answerMs: 1000, releaseMs: 1500, maxRetryMs: 500 };

/** How long each circle is watched. */
const WATCHED_MS = 5000;
const MOST_ASKED = 4 + WATCHED_MS / (UPSTREAM.maxRetryMs / 2);

/** A stream with status 200 that says something, and ends. */
function says(body: string): HttpErrorFault {
  const headers = { "content-type": "text/event-stream" };
  return { kind: "http-error", status: 200, headers, body };
}

const status = (code: number, headers = {}): HttpErrorFault => ({
  kind: "http-error",
  status: code,
  headers,
});

interface Circle {
  readonly name: string;
  readonly fault: Fault;
  /** Whether the backend is told to be there meanwhile. */
  readonly isThere?: boolean;
}

const CIRCLES: readonly Circle[] = [
  { name: "opens and closes at once", fault: { kind: "open-then-close" } },
  {
    name: "opens, fails for good and closes",
    fault: says('retry: 5000\ndata: {"type": "error", "data": {"recoverable": false}}\n\n'),
  },
  {
    // As the enhanced feed does by design, if not as fast: it is there each time it is asked.
    name: "completes at once",
    fault: says('data: {"type": "complete", "data": {}}\n\n'),
    isThere: true,
  },
  { name: "says retry: 0", fault: says("retry: 0\ndata: {}\n\n") },
  { name: "ends in the middle of its first event", fault: says("data: {") },
  { name: "answers with noise", fault: { kind: "garbage", instead: "body" } },
  { name: "answers 500", fault: status(500) },
  { name: "answers 404", fault: status(404) },
  { name: "answers with a page", fault: status(200, { "content-type": "text/html" }) },
  { name: "resets", fault: { kind: "reset-new" } },
];

// Where there is no Python with Flask and gunicorn, and none can be made; scripts/test.mjs says so.
describe.skipIf(findFlaskPython() === undefined)("a backend that, for ever,", () => {
  let backend: Backend;
  const outcomes = new Map<string, Promise<void>>();

  beforeAll(async () => {
    backend = await startBackend({ roundS: 0.7, gracefulS: 1, workers: 1, threads: 40 });
    for (const [index, circle] of CIRCLES.entries()) {
      const outcome = see(circle, `Ward ${String(index).padStart(2, "0")}`);
      outcome.catch(() => {});
      outcomes.set(circle.name, outcome);
    }
  });
  afterAll(() => backend?.close());

  it.each(CIRCLES)("$name", ({ name }) => outcomes.get(name));

  async function see({ fault, isThere = false }: Circle, ward: string): Promise<void> {
    const lane = await GatewayLane.start(backend, { generation: "enhanced", upstream: UPSTREAM });
    try {
      const reader = await lane.follow(feedOf(ward));
      await eventually(() => expect(reader.payloads.length).toBeGreaterThan(0));
      const before = lane.backendLink.statistics.accepted;
      await lane.backendLink.set(fault);
      lane.backendLink.reset();
      await wait(WATCHED_MS);
      // They come further and further apart, up to `maxRetryMs`, of which they wait half or more in the mean.
      expect(lane.backendLink.statistics.accepted - before).toBeLessThanOrEqual(MOST_ASKED);
      const { snapshot } = reader.source.connection;
      expect(snapshot.source?.state ?? "live").toBe(isThere ? "live" : "stale");
      expect(reader.source.connection.state).toBe("live");
      expect(reader.source.connection.statistics.incidents).toBe(0);
      await lane.backendLink.set({ kind: "pass" });
      const { id } = await backend.insertAlert({ ward });
      await reader.sees(`alert ${id}`);
      expect(reader.repeated).toEqual([]);
      expect(lane.errors).toEqual([]);
    } finally {
      await lane.stop();
    }
  }
});
