// Every metric there is. `docs/operations.md` explains them one by one; a test holds it against this.
//
// No label names a stream, a reader or an address: their number has no bound, that of series must.

/** One metric. */
export interface MetricEntry {
  readonly kind: "counter" | "gauge" | "histogram";
  /** With the unit as the suffix, after the rules of Prometheus. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper ends of a histogram's buckets, in the unit of the name. */
  readonly buckets?: readonly number[];
  /** What several processes show together. Default: the sum. */
  readonly together?: "sum" | "min";
}

/** From a write to memory to a disk that is stuck. */
const APPEND_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Around the promise: recovery begins within 2 s, and is over within 5. */
const RECOVERY_SECONDS = [0.1, 0.25, 0.5, 1, 2, 3, 4, 5, 7.5, 10, 30, 60, 300, 3600];

/** From a single event to a reader that begins from the beginning. */
const REPLAY_BYTES = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

/** From a page that was opened by mistake to a wall display. */
const CONNECTION_SECONDS = [1, 10, 60, 300, 900, 3600, 14_400, 86_400];

export const METRICS = {
  connections: {
    kind: "gauge",
    name: "throughline_connections",
    help: "Open connections by the state of their delivery.",
    labels: ["state"],
  },
  queuedBytes: {
    kind: "gauge",
    name: "throughline_queued_bytes",
    help: "Bytes that wait in the process for readers to take them.",
    labels: [],
  },
  feeds: {
    kind: "gauge",
    name: "throughline_feeds",
    help: "Streams that are read, or were until half a minute ago.",
    labels: [],
  },
  opened: {
    kind: "counter",
    name: "throughline_connections_opened_total",
    help: "Connections that were opened, by the answer to their cursor.",
    labels: ["resume"],
  },
  closed: {
    kind: "counter",
    name: "throughline_connections_closed_total",
    help: "Connections that are over, by the reason.",
    labels: ["reason"],
  },
  connectionSeconds: {
    kind: "histogram",
    name: "throughline_connection_duration_seconds",
    help: "How long connections lasted.",
    labels: [],
    buckets: CONNECTION_SECONDS,
  },
  published: {
    kind: "counter",
    name: "throughline_events_published_total",
    help: "Events that the log has acknowledged to this hub.",
    labels: [],
  },
  duplicates: {
    kind: "counter",
    name: "throughline_events_duplicated_total",
    help: "Events that were published again and were in the log already.",
    labels: [],
  },
  publishedBytes: {
    kind: "counter",
    name: "throughline_published_bytes_total",
    help: "Bytes of these events.",
    labels: [],
  },
  publishSeconds: {
    kind: "histogram",
    name: "throughline_publish_duration_seconds",
    help: "How long the log took to acknowledge a batch.",
    labels: [],
    buckets: APPEND_SECONDS,
  },
  lost: {
    kind: "counter",
    name: "throughline_events_lost_total",
    help: "Events that were acknowledged and then could not be stored; none unless accepted early.",
    labels: [],
  },
  delivered: {
    kind: "counter",
    name: "throughline_events_delivered_total",
    help: "Events written to live readers: each event as often as there were readers.",
    labels: [],
  },
  replayBytes: {
    kind: "histogram",
    name: "throughline_replay_size_bytes",
    help: "What readers that were behind had to be sent until they were live.",
    labels: [],
    buckets: REPLAY_BYTES,
  },
  gaps: {
    kind: "counter",
    name: "throughline_gaps_total",
    help: "Notices to readers that events are missing for good, by the reason.",
    labels: ["reason"],
  },
  slowReaders: {
    kind: "counter",
    name: "throughline_slow_readers_total",
    help: "Times that a live reader did not take its bytes and went back to reading the log.",
    labels: [],
  },
  leasesExpired: {
    kind: "counter",
    name: "throughline_leases_expired_total",
    help: "Connections that were freed because their reader stopped renewing its lease.",
    labels: [],
  },
  refusals: {
    kind: "counter",
    name: "throughline_refusals_total",
    help: "Requests answered with 4xx or 5xx, by what they wanted and the code of the answer.",
    labels: ["operation", "code"],
  },
  recoverySeconds: {
    kind: "histogram",
    name: "throughline_recovery_duration_seconds",
    help: "How long disruptions lasted, from the last byte to the next, as clients tell it.",
    labels: [],
    buckets: RECOVERY_SECONDS,
  },
  lagSeconds: {
    kind: "histogram",
    name: "throughline_delivery_lag_seconds",
    help: "From publishing an event until the hub hears of it, measured with canaries.",
    labels: [],
    buckets: APPEND_SECONDS,
  },
  healthy: {
    kind: "gauge",
    name: "throughline_healthy",
    help: "Whether a part of the hub is well (1) or not (0).",
    labels: ["part"],
    together: "min",
  },
  sourceStreams: {
    kind: "gauge",
    name: "throughline_source_streams",
    help: "Streams of a gateway, by whether the backend behind them is heard.",
    labels: ["state"],
  },
  sourceThreads: {
    kind: "gauge",
    name: "throughline_source_threads",
    help: "Threads of a gateway's backend: busy, left but not yet noticed (ghosts), and waited for.",
    labels: ["state"],
  },
  sourceRequests: {
    kind: "counter",
    name: "throughline_source_requests_total",
    help: "Requests for streams that a gateway has made to its backend.",
    labels: [],
  },
  sourceEvents: {
    kind: "counter",
    name: "throughline_source_events_total",
    help: "What a gateway did with what came: stored, known already, said and not stored, gap told.",
    labels: ["fate"],
  },
  tailsReopened: {
    kind: "counter",
    name: "throughline_tails_reopened_total",
    help: "Times that all tails were opened anew because the log had been deaf or had failed.",
    labels: [],
  },
} as const satisfies Readonly<Record<string, MetricEntry>>;

/** Those that only a hub of several processes has. */
export const WORKER_METRICS = {
  workers: {
    kind: "gauge",
    name: "throughline_workers",
    help: "Processes that serve readers, by whether they are ready.",
    labels: ["state"],
  },
  workersEnded: {
    kind: "counter",
    name: "throughline_workers_ended_total",
    help: "Such processes that ended without having been told to, and were replaced.",
    labels: [],
  },
} as const satisfies Readonly<Record<string, MetricEntry>>;
