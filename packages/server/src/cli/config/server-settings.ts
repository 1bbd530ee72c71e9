// The settings that every command has that serves: where to listen, where streams are kept, what
// operators see. Each is written once, whatever the commands' defaults.

import { LOG_LEVELS } from "../../operations/operator-log.js";
import { choice, integer, text, toggle, type ValuesOf } from "./setting.js";

const DAY_MS = 86_400_000;
const GIB = 1024 ** 3;

/** Where to listen. Each command has a port of its own, so that all can run on one machine. */
export function listenSettings(defaults: { readonly port: number }) {
  return {
    host: text({
      about: "The address to listen on. The default is reached from this machine only.",
      fallback: "127.0.0.1",
      expected: "an address or a host name",
      pattern: /^[A-Za-z0-9.:_-]+$/,
      alsoFrom: ["HOST"],
    }),
    port: integer({
      about: "The port to listen on; 0 takes any that is free.",
      least: 0,
      most: 65_535,
      fallback: defaults.port,
      alsoFrom: ["PORT"],
    }),
  } as const;
}

export const TLS_SETTINGS = {
  tlsCert: text({
    about:
      "A file with the certificate, and those in between, as PEM. With it and tlsKey the main port " +
      "serves HTTPS, with HTTP/2 and HTTP/1.1. SIGHUP reads both files again.",
    fallback: undefined,
    expected: "a path",
    pattern: /^[^\0]+$/,
  }),
  tlsKey: text({
    about: "A file with the private key of that certificate, as PEM.",
    fallback: undefined,
    expected: "a path",
    pattern: /^[^\0]+$/,
  }),
} as const;

/** Pages of other origins, and proxies in front. */
export const FRONT_SETTINGS = {
  corsOrigins: text({
    about: "Origins whose pages may talk to the hub, separated by commas; or * for all.",
    fallback: undefined,
    expected: "origins like https://app.example, separated by commas, or *",
    pattern: /^\S+$/,
  }),
  corsCredentials: toggle({
    about: "Let those pages send cookies; not with *.",
    fallback: false,
  }),
  corsMaxAgeS: integer({
    about: "Seconds for which browsers may remember what those pages may do. Without it 2 hours.",
    least: 0,
    most: DAY_MS / 1000,
    fallback: undefined,
  }),
  trustedProxies: text({
    about:
      "Proxies that are believed when they say for whom they ask: addresses and networks, " +
      "separated by commas.",
    fallback: undefined,
    expected: "addresses or networks, separated by commas",
    pattern: /^[0-9A-Fa-f.:/,]+$/,
  }),
  forwardedHeader: choice({
    about: "The header in which they say it; the other one is anybody's words.",
    of: ["x-forwarded-for", "forwarded"],
    fallback: "x-forwarded-for",
  }),
} as const;

export const OPERATOR_SETTINGS = {
  adminPort: integer({
    about:
      "A port of its own for /healthz, /readyz and /metrics, which are then not on the main one. " +
      "Without it the main port answers them, to programs on this machine only.",
    least: 0,
    most: 65_535,
    fallback: undefined,
  }),
  adminHost: text({
    about: "The address for adminPort. Everybody who reaches it is answered.",
    fallback: "127.0.0.1",
    expected: "an address or a host name",
    pattern: /^[A-Za-z0-9.:_-]+$/,
  }),
  metricsToken: text({
    about: "What /metrics has to be asked with, as a bearer token. Without it nothing is needed.",
    fallback: undefined,
    expected: "16 to 512 printable characters without spaces",
    pattern: /^[\x21-\x7e]{16,512}$/,
    isSecret: true,
  }),
  processMetrics: toggle({
    about: "Show memory, processor and event loop of the process in /metrics, too.",
    fallback: true,
  }),
  logLevel: choice({
    about: "The least severe line that is written to standard output.",
    of: LOG_LEVELS,
    fallback: "info",
  }),
} as const;

/** Where streams are kept, and for how long. One process at a time may use a directory. */
export function storeSettings(defaults: { readonly dataDir: string }) {
  return {
    log: choice({
      about:
        "What stores the streams: embedded, a directory on disk that survives the end of the " +
        "process and of the machine; or memory, which survives neither.",
      of: ["embedded", "memory"],
      fallback: "embedded",
    }),
    dataDir: text({
      about: "The directory of the embedded log, on a local disk. Made where it is missing.",
      fallback: defaults.dataDir,
      expected: "a path",
      pattern: /^[^\0]+$/,
    }),
    acknowledge: choice({
      about:
        "When the embedded log acknowledges an event: durable, once it is on disk; accepted, right " +
        "before it is written, so that a crash may lose the last milliseconds.",
      of: ["durable", "accepted"],
      fallback: "durable",
    }),
    maxEvents: integer({
      about:
        "Most events kept for each stream; older ones go. Without it 1,000,000, in memory 100,000.",
      least: 1,
      most: 1_000_000_000,
      fallback: undefined,
    }),
    maxBytes: integer({
      about: "Most bytes kept for each stream. Without it 1 GiB, in memory 64 MiB.",
      least: 1,
      most: 1024 * GIB,
      fallback: undefined,
    }),
    maxTotalBytes: integer({
      about:
        "Most bytes kept in all streams together; not less than maxBytes. Without it 8 GiB, in " +
        "memory 512 MiB.",
      least: 1,
      most: 1024 * GIB,
      fallback: undefined,
    }),
    maxAgeMs: integer({
      about:
        "How long events are kept, in milliseconds. Without it 7 days, in memory 1 day: a laptop " +
        "that slept over night misses nothing.",
      least: 1,
      most: 3650 * DAY_MS,
      fallback: undefined,
    }),
    maxStreams: integer({
      about: "Most streams.",
      least: 1,
      most: 10_000_000,
      fallback: 10_000,
    }),
  } as const;
}

export const READER_SETTINGS = {
  maxConnections: integer({
    about: "Most readers at a time; more are answered 503.",
    least: 1,
    most: 1_000_000,
    fallback: 10_000,
  }),
} as const;

/** The watch over the log, and the end. */
export const WATCH_SETTINGS = {
  canaryIntervalMs: integer({
    about: "Milliseconds between two events of the hub's own that show that the log works.",
    least: 100,
    most: 60_000,
    fallback: 1000,
  }),
  canaryDeadlineMs: integer({
    about: "Milliseconds that such an event may take until /readyz is 503.",
    least: 100,
    most: 60_000,
    fallback: 2000,
  }),
  notReadyMs: integer({
    about:
      "How long /readyz says 503 before the shutdown begins, in milliseconds: more than a load " +
      "balancer takes to notice.",
    least: 0,
    most: 600_000,
    fallback: 1000,
  }),
  drainMs: integer({
    about:
      "How long a shutdown is spread over, in milliseconds, so that readers do not come as one.",
    least: 0,
    most: DAY_MS,
    fallback: 10_000,
  }),
} as const;

/** What whoever opens the log is told. */
export type StoreConfig = ValuesOf<ReturnType<typeof storeSettings>>;

/** What is said of pages of other origins. */
export type FrontConfig = ValuesOf<typeof FRONT_SETTINGS>;

/** What is said of TLS. */
export type TlsConfig = ValuesOf<typeof TLS_SETTINGS>;

/** What every server is told, whatever it serves. */
export type ServerConfig = ValuesOf<ReturnType<typeof listenSettings>> &
  StoreConfig &
  TlsConfig &
  ValuesOf<typeof OPERATOR_SETTINGS> &
  ValuesOf<typeof READER_SETTINGS> &
  ValuesOf<typeof WATCH_SETTINGS>;
