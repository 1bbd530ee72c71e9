// What a hub tells, as numbers for Prometheus.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Hub, HubNotice, HubObserver } from "../hub/index.js";
import type { LossListener } from "../log/index.js";
import type { Health } from "./health.js";
import type { HealthObserver } from "./health-notice.js";
import { METRICS, type MetricEntry } from "./metric-table.js";

/** What to count beside the hub. */
export interface MetricsOptions {
  /**
   * Whether memory, processor, event loop and garbage collection of the process are measured too,
   * under the usual names (`process_…`, `nodejs_…`). Default `false`: a program that mounts a hub
   * often measures them already. What measures them runs as long as the process.
   */
  readonly processMetrics?: boolean | undefined;
}

/** The metrics of one hub, in a registry of their own. */
export interface Metrics {
  /** Pass it to `createHub`. */
  readonly observer: HubObserver;
  /** Pass it to `createHealth`. */
  readonly healthObserver: HealthObserver;
  /** Pass it to `createEmbeddedLog` where it acknowledges events before they are on disk. */
  readonly onLost: LossListener;
  /** Tells whose state the gauges show. Before it they show nothing. */
  watch(watched: WatchedHub): void;
  /** All metrics in the text format. Costs a look at every connection. */
  text(): Promise<string>;
  /** The same as plain data, to be shown together with those of other processes. */
  snapshot(): Promise<MetricsSnapshot>;
  /** The media type of {@link text}. */
  readonly contentType: string;
}

/** Metrics with their values. */
export type MetricsSnapshot = Awaited<ReturnType<Registry["getMetricsAsJSON"]>>;

/** Whose state is shown at every scrape. */
export interface WatchedHub {
  readonly hub: Pick<Hub, "stats">;
  readonly health?: Pick<Health, "ready"> | undefined;
  /** A gateway, where it is one that has the hub. */
  readonly sources?: WatchedSources | undefined;
}

/** What fills the streams of a hub from elsewhere; a `Gateway` is one. */
export interface WatchedSources {
  stats(): {
    readonly streams: number;
    readonly stale: number;
    readonly threads: { readonly busy: number; readonly ghosts: number; readonly waiting: number };
    readonly totals: {
      readonly requests: number;
      readonly stored: number;
      readonly known: number;
      readonly said: number;
      readonly gaps: number;
    };
  };
}

/** Creates metrics. Any number may exist in a process; none is global. */
export function createMetrics({ processMetrics = false }: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  if (processMetrics) collectDefaultMetrics({ register: registry });
  const meters = createMeters(registry);
  let watched: WatchedHub | undefined;
  return {
    observer: (notice) => count(meters, notice),
    healthObserver: (notice) => {
      if (notice.kind === "canary-heard") meters.lagSeconds.observe(toSeconds(notice.lagMs));
    },
    onLost: (_error, lost) => {
      for (const { events } of lost) meters.lost.inc(events);
    },
    watch: (whose) => {
      watched = whose;
    },
    text: async () => {
      if (watched !== undefined) gauge(meters, watched);
      return await registry.metrics();
    },
    snapshot: async () => {
      if (watched !== undefined) gauge(meters, watched);
      return await registry.getMetricsAsJSON();
    },
    contentType: registry.contentType,
  };
}

type Meters = ReturnType<typeof createMeters>;

function createMeters(registry: Registry) {
  const base = ({ name, help, labels, together = "sum" }: MetricEntry) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
    aggregator: together,
  });
  const counter = (entry: MetricEntry) => new Counter(base(entry));
  const meter = (entry: MetricEntry) => new Gauge(base(entry));
  const histogram = (entry: MetricEntry) =>
    new Histogram({ ...base(entry), buckets: [...(entry.buckets ?? [])] });
  return {
    connections: meter(METRICS.connections),
    queuedBytes: meter(METRICS.queuedBytes),
    feeds: meter(METRICS.feeds),
    opened: counter(METRICS.opened),
    closed: counter(METRICS.closed),
    connectionSeconds: histogram(METRICS.connectionSeconds),
    published: counter(METRICS.published),
    duplicates: counter(METRICS.duplicates),
    publishedBytes: counter(METRICS.publishedBytes),
    publishSeconds: histogram(METRICS.publishSeconds),
    lost: counter(METRICS.lost),
    delivered: counter(METRICS.delivered),
    replayBytes: histogram(METRICS.replayBytes),
    gaps: counter(METRICS.gaps),
    slowReaders: counter(METRICS.slowReaders),
    leasesExpired: counter(METRICS.leasesExpired),
    refusals: counter(METRICS.refusals),
    recoverySeconds: histogram(METRICS.recoverySeconds),
    lagSeconds: histogram(METRICS.lagSeconds),
    healthy: meter(METRICS.healthy),
    tailsReopened: counter(METRICS.tailsReopened),
    sourceStreams: meter(METRICS.sourceStreams),
    sourceThreads: meter(METRICS.sourceThreads),
    sourceRequests: counter(METRICS.sourceRequests),
    sourceEvents: counter(METRICS.sourceEvents),
  };
}

function count(meters: Meters, notice: HubNotice): void {
  switch (notice.kind) {
    case "connection-opened":
      meters.opened.inc({ resume: notice.resume });
      break;
    case "connection-closed":
      meters.closed.inc({ reason: notice.reason });
      meters.connectionSeconds.observe(toSeconds(notice.durationMs));
      if (notice.reason === "lease-expired") meters.leasesExpired.inc();
      break;
    case "events-delivered":
      meters.delivered.inc(notice.deliveries);
      break;
    case "replay-finished":
      meters.replayBytes.observe(notice.bytes);
      break;
    case "reader-fell-back":
      meters.slowReaders.inc();
      break;
    case "gap-told":
      meters.gaps.inc({ reason: notice.reason }, notice.readers);
      break;
    case "events-published":
      meters.published.inc(notice.events);
      meters.duplicates.inc(notice.duplicates);
      meters.publishedBytes.inc(notice.bytes);
      meters.publishSeconds.observe(toSeconds(notice.durationMs));
      break;
    case "request-refused":
      meters.refusals.inc({ operation: notice.operation, code: notice.code });
      break;
    case "reader-recovered":
      meters.recoverySeconds.observe(toSeconds(notice.recoveredMs));
      break;
    case "tails-reopened":
      meters.tailsReopened.inc();
      break;
  }
}

function gauge(meters: Meters, { hub, health, sources }: WatchedHub): void {
  if (sources !== undefined) gaugeSources(meters, sources);
  const { connections, queuedBytes, feeds, healthy } = meters;
  const stats = hub.stats();
  for (const [state, open] of Object.entries(stats.connections)) connections.set({ state }, open);
  queuedBytes.set(stats.queuedBytes);
  feeds.set(stats.feeds);
  if (health === undefined) return;
  for (const [part, { ok }] of Object.entries(health.ready().parts)) {
    healthy.set({ part }, ok ? 1 : 0);
  }
}

function gaugeSources(meters: Meters, sources: WatchedSources): void {
  const { streams, stale, threads, totals } = sources.stats();
  meters.sourceStreams.set({ state: "live" }, streams - stale);
  meters.sourceStreams.set({ state: "stale" }, stale);
  for (const [state, taken] of Object.entries(threads)) meters.sourceThreads.set({ state }, taken);
  const { requests, ...events } = totals;
  // They are counted elsewhere: what is shown is what was counted.
  meters.sourceRequests.reset();
  meters.sourceRequests.inc(requests);
  meters.sourceEvents.reset();
  for (const [fate, count] of Object.entries(events)) meters.sourceEvents.inc({ fate }, count);
}

function toSeconds(ms: number): number {
  return ms / 1000;
}
