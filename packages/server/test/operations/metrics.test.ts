// What can be scraped, read as a scraper would.

import { createMetrics } from "@throughline/server/operations";
import { describe, expect, it } from "vitest";
import { METRICS } from "../../src/operations/metric-table.js";
import { RecordingSink } from "../hub/recording-sink.js";
import { NEWS, Stage } from "../hub/stage.js";
import { parseMetrics } from "./parse-metrics.js";

async function scene() {
  const metrics = createMetrics();
  const stage = new Stage({ observer: metrics.observer });
  metrics.watch({
    hub: {
      stats: () => ({
        connections: { replaying: 1, live: 2, draining: 3 },
        queuedBytes: 4,
        feeds: 5,
        acceptedTotal: 0,
        refusedTotal: 0,
        throttledTotal: 0,
        shedTotal: 0,
      }),
    },
    health: {
      ready: () => ({
        ok: false,
        parts: {
          append: { ok: true },
          tail: { ok: false, reason: "deaf" },
          serving: { ok: true },
        },
      }),
    },
  });
  return { metrics, stage, scrape: async () => parseMetrics(await metrics.text()) };
}

describe("the metrics", () => {
  it("count what was acknowledged and then lost", async () => {
    const { metrics, scrape } = await scene();
    metrics.onLost(new Error("no room"), [
      { stream: NEWS, events: 2 },
      { stream: NEWS, events: 3 },
    ]);
    expect(await scrape()).toMatchObject({ throughline_events_lost_total: 5 });
  });

  it("count connections, events, replays, gaps, slow readers, leases and refusals", async () => {
    const { stage, scrape } = await scene();
    await stage.append("1", "2");
    const slow = await stage.subscribe("?cursor=earliest");
    slow.room = 1;
    await stage.subscribe();
    const json = { "content-type": "application/json" };
    const body = '{"data":"hello"}';
    await stage.plain("/streams/news", { method: "POST", headers: json, body });
    await stage.environment.settle();
    slow.makeRoom();
    await stage.environment.settle();
    await stage.plain("/leases/hub-1/connection-1?recovered=2500", { method: "POST" });
    await stage.plain("/nowhere");
    await stage.log.trim(NEWS, 3);
    (await stage.stream("/streams/news?cursor=e1.1")).open(new RecordingSink());
    await stage.environment.pass(97_000);
    slow.flush();
    const samples = await scrape();
    expect(samples).toMatchObject({
      'throughline_connections{state="replaying"}': 1,
      'throughline_connections{state="live"}': 2,
      'throughline_connections{state="draining"}': 3,
      throughline_queued_bytes: 4,
      throughline_feeds: 5,
      'throughline_connections_opened_total{resume="caught-up"}': 1,
      'throughline_connections_opened_total{resume="replay"}': 1,
      'throughline_connections_opened_total{resume="gap"}': 1,
      'throughline_connections_closed_total{reason="lease-expired"}': 1,
      throughline_connection_duration_seconds_count: 1,
      throughline_events_published_total: 1,
      throughline_published_bytes_total: "messagehello".length,
      throughline_publish_duration_seconds_count: 1,
      throughline_events_delivered_total: 2,
      throughline_replay_size_bytes_count: 1,
      'throughline_gaps_total{reason="trimmed"}': 1,
      throughline_slow_readers_total: 1,
      throughline_leases_expired_total: 1,
      'throughline_refusals_total{operation="other",code="not-found"}': 1,
      throughline_recovery_duration_seconds_sum: 2.5,
      'throughline_recovery_duration_seconds_bucket{le="2"}': 0,
      'throughline_recovery_duration_seconds_bucket{le="3"}': 1,
      'throughline_healthy{part="append"}': 1,
      'throughline_healthy{part="tail"}': 0,
    });
  });

  it("measure the lag with canaries, and count repairs", async () => {
    const { metrics, stage, scrape } = await scene();
    metrics.healthObserver({ kind: "canary-heard", lagMs: 7 });
    stage.core.feeds.reopenTails(() => {});
    expect(await scrape()).toMatchObject({
      throughline_delivery_lag_seconds_sum: 0.007,
      throughline_tails_reopened_total: 1,
    });
  });

  it("are all there from the first scrape on, each with its help, under a name with its unit", async () => {
    const text = await (await scene()).metrics.text();
    for (const { name, kind, help } of Object.values(METRICS)) {
      expect(text).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n`);
      expect(name).toMatch(/^throughline_[a-z_]+$/);
      if (kind === "counter") expect(name).toMatch(/_total$/);
      if (kind === "histogram") expect(name).toMatch(/_(seconds|bytes)$/);
    }
  });

  it("share nothing between two hubs of one process", async () => {
    const [one, other] = [createMetrics(), createMetrics()];
    one.observer({ kind: "reader-fell-back", connection: "c", stream: "news" });
    expect(parseMetrics(await other.text())).toMatchObject({ throughline_slow_readers_total: 0 });
  });

  it("leave the process out unless they are asked for it", async () => {
    expect(await createMetrics().text()).not.toContain("process_");
    expect(await createMetrics({ processMetrics: true }).text()).toContain("process_cpu");
  });

  it("name no stream, no connection and no request", async () => {
    const { stage, metrics } = await scene();
    const headers = { "x-request-id": "request-of-mine" };
    (await stage.stream("/streams/news", { headers })).open(new RecordingSink());
    await stage.publish("x");
    expect(await metrics.text()).not.toMatch(/news|connection-1|request-of-mine/);
  });
});
