// The settings of `throughline serve`. Everything that can be set is here and nowhere else.

import { LOG_LEVELS } from "../../operations/operator-log.js";
import { choice, integer, text, toggle, type ValuesOf } from "./setting.js";

const DAY_MS = 86_400_000;
const GIB = 1024 ** 3;

export const SERVE_SETTINGS = {
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
    fallback: 8081,
    alsoFrom: ["PORT"],
  }),
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
  allowAnyoneToReadAndPublish: toggle({
    about:
      "Serve an address that others can reach although nobody's identity is checked: whoever " +
      "reaches it may read and publish everything.",
    fallback: false,
  }),
  jwtSecret: text({
    about:
      "The secret with which tokens are signed (HS256, HS384, HS512). With it, or one of the four " +
      "below, readers and publishers have to show a token that allows what they want.",
    fallback: undefined,
    expected: "32 to 512 printable characters without spaces",
    pattern: /^[\x21-\x7e]{32,512}$/,
    isSecret: true,
  }),
  jwtSecretFile: text({
    about: "A file with that secret; a line break at its end does not count.",
    fallback: undefined,
    expected: "a path",
    pattern: /^[^\0]+$/,
  }),
  jwtPublicKeyFile: text({
    about: "A file with the public key of whoever signs tokens, as PEM.",
    fallback: undefined,
    expected: "a path",
    pattern: /^[^\0]+$/,
  }),
  jwtJwksFile: text({
    about: "A file with the public keys of whoever signs tokens, as a JWK set (JWKS).",
    fallback: undefined,
    expected: "a path",
    pattern: /^[^\0]+$/,
  }),
  jwtJwksUrl: text({
    about: "Where whoever signs tokens publishes the keys, which may change (JWKS).",
    fallback: undefined,
    expected: "an https address",
    pattern: /^https?:\/\/\S+$/,
  }),
  jwtAlgorithms: text({
    about:
      "Accept only these algorithms, separated by commas. Without it all that go with the kind of key.",
    fallback: undefined,
    expected: "names like ES256",
    pattern: /^[A-Za-z0-9]+(?:,[A-Za-z0-9]+)*$/,
  }),
  jwtIssuer: text({
    about: "The iss that tokens must have. Without it any.",
    fallback: undefined,
    expected: "a text",
    pattern: /^.+$/,
  }),
  jwtAudience: text({
    about: "The aud that tokens must have. Without it any.",
    fallback: undefined,
    expected: "a text",
    pattern: /^.+$/,
  }),
  jwtCookie: text({
    about: "The cookie that holds the token where there is no Authorization header.",
    fallback: undefined,
    expected: "the name of a cookie",
    pattern: /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/,
  }),
  jwtCookieOrigins: text({
    about:
      "Origins whose pages may publish with that cookie, beside the hub's own; separated by commas.",
    fallback: undefined,
    expected: "origins like https://app.example",
    pattern: /^\S+$/,
  }),
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
  basePath: text({
    about: "The path before /streams and /leases.",
    fallback: "",
    expected: 'empty, or a path like "/events" without a slash at the end',
    pattern: /^(?:\/[A-Za-z0-9._~-]+)*$/,
  }),
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
  log: choice({
    about:
      "What stores the streams: embedded, a directory on disk that survives the end of the " +
      "process and of the machine; or memory, which survives neither.",
    of: ["embedded", "memory"],
    fallback: "embedded",
  }),
  dataDir: text({
    about: "The directory of the embedded log, on a local disk. Made where it is missing.",
    fallback: "throughline-data",
    expected: "a path",
    pattern: /^[^\0]+$/,
  }),
  acknowledge: choice({
    about:
      "When the embedded log acknowledges an event: durable, once it is on disk; written, once the " +
      "end of the process cannot lose it, but that of the machine can.",
    of: ["durable", "written"],
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
  maxConnections: integer({
    about: "Most readers at a time; more are answered 503.",
    least: 1,
    most: 1_000_000,
    fallback: 10_000,
  }),
  maxConnectionsPerAddress: integer({
    about: "Most readers of one address; more are answered 429. Without it half of maxConnections.",
    least: 1,
    most: 1_000_000,
    fallback: undefined,
  }),
  maxConnectionsPerIdentity: integer({
    about: "Most readers of one identity; more are answered 429. Without it 100.",
    least: 1,
    most: 1_000_000,
    fallback: undefined,
  }),
  maxConnectionAgeMs: integer({
    about:
      "Milliseconds after which a connection is handed over to a new one, a fifth more or less; 0 " +
      "for never. Without it 4 hours.",
    least: 0,
    most: 30 * DAY_MS,
    fallback: undefined,
  }),
  maxQueuedBytes: integer({
    about: "Most bytes that may wait for all readers together. Without it 256 MiB.",
    least: 1,
    most: 1024 * GIB,
    fallback: undefined,
  }),
  highWaterBytes: integer({
    about:
      "Most bytes that may wait for one reader before it is served from the log. Without it 64 KiB.",
    least: 1,
    most: GIB,
    fallback: undefined,
  }),
  maxTopics: integer({
    about: "Most patterns in one subscription. Without it 100.",
    least: 1,
    most: 100_000,
    fallback: undefined,
  }),
  subscribePerSecond: integer({
    about:
      "How often an address, and an identity, may ask for a stream; more is answered 429. Only " +
      "together with subscribeBurst. Without both 1000.",
    least: 1,
    most: 1_000_000,
    fallback: undefined,
  }),
  subscribeBurst: integer({
    about: "How often at once. Without it 10,000, or maxConnections if that is more.",
    least: 1,
    most: 10_000_000,
    fallback: undefined,
  }),
  publishPerSecond: integer({
    about:
      "How many events an address, or an identity, may publish; more is answered 429. Only " +
      "together with publishBurst. Without both 10,000.",
    least: 1,
    most: 10_000_000,
    fallback: undefined,
  }),
  publishBurst: integer({
    about: "How many at once. Without it 50,000.",
    least: 1,
    most: 100_000_000,
    fallback: undefined,
  }),
  maxEventBytes: integer({
    about: "Most bytes in a published event.",
    least: 1,
    most: GIB,
    fallback: 1024 ** 2,
  }),
  maxBatchEvents: integer({
    about: "Most events in a published batch.",
    least: 1,
    most: 1_000_000,
    fallback: 1000,
  }),
  maxBodyBytes: integer({
    about: "Most bytes in the body of a publishing request: they are held in memory.",
    least: 1,
    most: GIB,
    fallback: 8 * 1024 ** 2,
  }),
  pulseIntervalMs: integer({
    about: "How often an idle connection is written to, in milliseconds.",
    least: 100,
    most: 60_000,
    fallback: 1000,
  }),
  pulseDeadlineMs: integer({
    about: "After what silence a reader may give up; more than pulseIntervalMs.",
    least: 100,
    most: 120_000,
    fallback: 1700,
  }),
  heartbeatMs: integer({
    about: "Milliseconds between two heartbeats, the events that carry the cursor.",
    least: 1000,
    most: 300_000,
    fallback: 30_000,
  }),
  heartbeatType: text({
    about: "The event type of heartbeats, for clients that listen for one.",
    fallback: "throughline.heartbeat",
    expected: "1 to 256 characters in one line",
    pattern: /^[^\r\n\0]{1,256}$/,
  }),
  leaseMs: integer({
    about:
      "Milliseconds within which a reader renews its lease; after three times it is told to leave.",
    least: 1000,
    most: 600_000,
    fallback: 30_000,
  }),
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

/** What `throughline serve` was told to do. */
export type ServeConfig = ValuesOf<typeof SERVE_SETTINGS>;
