import type { IncidentReport } from "throughline";
import { expect, test } from "vitest";
import { NO_SOURCES, summarize } from "../../src/react/connection-summary.js";
import { connectionIn } from "./snapshots.js";

const incidentAt = (detectedAtMs: number): IncidentReport => ({
  reason: "network",
  lastByteAtMs: detectedAtMs - 10,
  detectedAtMs,
  begunAtMs: undefined,
  healedAtMs: undefined,
  attempts: 0,
});

test("nothing sums up to idle", () => {
  expect(summarize([])).toEqual(NO_SOURCES);
});

test("the worst connection gives state, reason and times", () => {
  const fromBest = [
    connectionIn("closed"),
    connectionIn("live"),
    connectionIn("idle"),
    connectionIn("paused"),
    connectionIn("connecting"),
    connectionIn("live", { source: { state: "stale", reason: "network" } }),
    connectionIn("stale"),
    connectionIn("connecting", { reason: "network", attempts: 3, sinceMs: 5 }),
    connectionIn("failed"),
  ];
  for (let worst = 0; worst < fromBest.length; worst += 1) {
    const { state, reason, attempts, sinceMs, sources } = summarize(fromBest.slice(0, worst + 1));
    const expected = fromBest[worst];
    expect({ state, reason, attempts, sinceMs, sources }).toEqual({
      state: expected?.state,
      reason: expected?.reason,
      attempts: expected?.attempts,
      sinceMs: expected?.sinceMs,
      sources: worst + 1,
    });
  }
});

test("a wait and an attempt after a failure are equally bad: the one that lasts longer counts", () => {
  const attempt = connectionIn("connecting", { reason: "network", sinceMs: 100 });
  const wait = connectionIn("waiting", { sinceMs: 200, nextAttemptAtMs: 900 });
  expect(summarize([wait, attempt]).state).toBe("connecting");
  expect(summarize([{ ...wait, sinceMs: 50 }, attempt])).toMatchObject({
    state: "waiting",
    nextAttemptAtMs: 900,
  });
});

test("incidents of all come in the order of time, the newest fifty of them", () => {
  const even = Array.from({ length: 40 }, (_, index) => incidentAt(2 * index));
  const odd = even.map(({ detectedAtMs }) => incidentAt(detectedAtMs + 1));
  const { incidents } = summarize([
    connectionIn("live", { incidents: odd }),
    connectionIn("live", { incidents: even }),
  ]);
  expect(incidents.map(({ detectedAtMs }) => detectedAtMs)).toEqual(
    Array.from({ length: 50 }, (_, index) => 30 + index),
  );
});

test("the newest gap of all is kept, and counts are added up", () => {
  const gap = (atMs: number) => ({ from: 1, to: 2, reason: "trimmed", atMs }) as const;
  const counts = {
    eventsDelivered: 1,
    duplicatesDropped: 2,
    requests: 3,
    bytes: 4,
    gaps: 5,
    incidents: 6,
  };
  const summary = summarize([
    connectionIn("live", { gap: gap(20), statistics: counts }),
    connectionIn("live", { statistics: counts }),
    connectionIn("live", { gap: gap(10), statistics: counts }),
  ]);
  expect(summary.gap?.atMs).toBe(20);
  expect(Object.values(summary.statistics)).toEqual([3, 6, 9, 12, 15, 18]);
});

test("it is degraded where any of them is", () => {
  const degraded = connectionIn("live", { isDegraded: true, sinceMs: 9 });
  expect(summarize([connectionIn("live"), degraded]).isDegraded).toBe(true);
  expect(summarize([connectionIn("live")]).isDegraded).toBe(false);
});
