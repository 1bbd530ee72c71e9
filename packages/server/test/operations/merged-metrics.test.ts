// What is scraped of a hub that is several processes.

import {
  createMergedMetrics,
  createMetrics,
  type Metrics,
  type MetricsSnapshot,
} from "@throughline/server/operations";
import { describe, expect, it } from "vitest";
import { parseMetrics } from "./parse-metrics.js";

const WELL = { append: { ok: true }, tail: { ok: true }, serving: { ok: true } } as const;

/** The metrics of a worker that has so many live readers. */
function worker(live: number, isDeaf = false): Metrics {
  const metrics = createMetrics({ processMetrics: true });
  const connections = { replaying: 0, live, draining: 0 };
  const totals = { acceptedTotal: 0, refusedTotal: 0, throttledTotal: 0, shedTotal: 0 };
  const tail = isDeaf ? ({ ok: false, reason: "deaf" } as const) : WELL.tail;
  metrics.watch({
    hub: { stats: () => ({ connections, queuedBytes: 1, feeds: 1, ...totals }) },
    health: { ready: () => ({ ok: !isDeaf, parts: { ...WELL, tail } }) },
  });
  return metrics;
}

function publish(metrics: Metrics, events: number): void {
  const counts = { events, duplicates: 0, bytes: 10 * events, durationMs: 3 };
  metrics.observer({ kind: "events-published", stream: "feed", ...counts });
}

/** Several workers, as they may be asked at any time. */
function crew(workers: Metrics[]) {
  const own = createMetrics({ processMetrics: true });
  const merged = createMergedMetrics({
    own,
    gather: () => Promise.all(workers.map(({ snapshot }) => snapshot())),
    workers: () => ({ ready: workers.length, notReady: 1 }),
  });
  return { own, merged, scrape: async () => parseMetrics(await merged.text()) };
}

describe("the metrics of several processes", () => {
  it("are sums of what they count, and of how many readers they have", async () => {
    const workers = [worker(2), worker(5)];
    for (const [index, metrics] of workers.entries()) publish(metrics, index + 1);
    const { own, scrape } = crew(workers);
    own.onLost(new Error("no room"), []);
    expect(await scrape()).toMatchObject({
      throughline_events_published_total: 3,
      throughline_published_bytes_total: 30,
      throughline_publish_duration_seconds_count: 2,
      'throughline_publish_duration_seconds_bucket{le="0.005"}': 2,
      'throughline_connections{state="live"}': 7,
      'throughline_workers{state="ready"}': 2,
      'throughline_workers{state="not-ready"}': 1,
      throughline_workers_ended_total: 0,
    });
  });

  it("say that a part is not well as soon as it is not well in one of them", async () => {
    const { scrape } = crew([worker(1), worker(1, true)]);
    expect(await scrape()).toMatchObject({
      'throughline_healthy{part="append"}': 1,
      'throughline_healthy{part="tail"}': 0,
    });
  });

  it("never count down when a worker ends, and forget the readers that it had", async () => {
    const [first, second] = [worker(2), worker(3)];
    publish(first, 10);
    publish(second, 1);
    const workers = [first, second];
    const { merged, scrape } = crew(workers);
    const before = await scrape();
    for (let life = 0; life < 3; life += 1) {
      const last: MetricsSnapshot = await (workers.pop() ?? second).snapshot();
      merged.onWorkerEnded(last);
      const successor = worker(0);
      publish(successor, 100);
      workers.push(successor);
      const after = await scrape();
      expect(after["throughline_events_published_total"]).toBe(11 + 100 * (life + 1));
      expect(after['throughline_connections{state="live"}']).toBe(2);
      expect(after["process_cpu_seconds_total"]).toBeGreaterThanOrEqual(
        before["process_cpu_seconds_total"] ?? 0,
      );
    }
    expect((await scrape())["throughline_workers_ended_total"]).toBe(3);
  });

  it("are right also where a worker ends while it is asked", async () => {
    const ending = worker(1);
    publish(ending, 5);
    let end = () => {};
    const merged = createMergedMetrics({
      own: createMetrics(),
      gather: async () => {
        const last = await ending.snapshot();
        end();
        return [last];
      },
      workers: () => ({ ready: 1, notReady: 0 }),
    });
    const last = await ending.snapshot();
    end = () => merged.onWorkerEnded(last);
    expect(parseMetrics(await merged.text())["throughline_events_published_total"]).toBe(5);
  });

  it("go on where a worker ended before anybody had asked it", async () => {
    const { merged, scrape } = crew([worker(1)]);
    merged.onWorkerEnded(undefined);
    expect(await scrape()).toMatchObject({ throughline_workers_ended_total: 1 });
  });
});
