// The settings of `throughline serve`. Everything that can be set is here, or with what other commands
// share in server-settings.ts.

import {
  FRONT_SETTINGS,
  listenSettings,
  OPERATOR_SETTINGS,
  READER_SETTINGS,
  storeSettings,
  TLS_SETTINGS,
  WATCH_SETTINGS,
} from "./server-settings.js";
import { integer, text, toggle, type ValuesOf } from "./setting.js";

const DAY_MS = 86_400_000;
const GIB = 1024 ** 3;

export const SERVE_SETTINGS = {
  ...listenSettings({ port: 8081 }),
  ...TLS_SETTINGS,
  workers: integer({
    about:
      "Processes that serve readers, on one port and from one log: as many as there are processor " +
      "cores for them. 1 is a single process, which has the log itself.",
    least: 1,
    most: 128,
    fallback: 1,
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
  ...FRONT_SETTINGS,
  basePath: text({
    about: "The path before /streams and /leases.",
    fallback: "",
    expected: 'empty, or a path like "/events" without a slash at the end',
    pattern: /^(?:\/[A-Za-z0-9._~-]+)*$/,
  }),
  ...OPERATOR_SETTINGS,
  ...storeSettings({ dataDir: "throughline-data" }),
  ...READER_SETTINGS,
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
    about: "The event type of a second heartbeat beside each, for clients that listen for one.",
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
  ...WATCH_SETTINGS,
} as const;

/** What `throughline serve` was told to do. */
export type ServeConfig = ValuesOf<typeof SERVE_SETTINGS>;
