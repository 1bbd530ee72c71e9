// What the servers do not do, as they are set up here, in the versions that package.json names.

/** The name of a case, and why it fails. */
type Failures = Readonly<Record<string, string>>;

const BUFFERED = "asks proxies not to buffer the stream, nor to change it";

/** What nobody can do who comes back with nothing to go on from, or to somebody who has kept nothing. */
const NOTHING_KEPT = [
  "goes on exactly behind the id that a client shows",
  "loses and repeats nothing over two breaks in a row",
  "keeps what is published while nobody reads",
];

/** For each server that is examined. */
export const KNOWN_FAILURES: Readonly<Record<string, Failures>> = {
  "better-sse": {},
  "better-sse as its documentation begins": {
    ...because("it keeps nothing", NOTHING_KEPT),
    "gives two clients the same events in the same order, under the same ids":
      "it makes up an id for each client",
  },
  Hono: { [BUFFERED]: "`streamSSE` sends Cache-Control: no-cache alone" },
  Fastify: {},
  "Express without ids": {
    ...because("it has no ids", NOTHING_KEPT),
    "sends a client that has missed nothing only what comes next": "it has no ids",
    "gives every event an id of its own": "it has no ids",
    "gives ids that every client can send back in a header": "it has no ids",
    [BUFFERED]: "it sends Cache-Control: no-cache alone",
  },
  nchan: {
    [BUFFERED]: "it stands in the proxy, and says nothing to those before it",
    "forbids caches to keep the stream": "it sends no Cache-Control",
  },
};

function because(reason: string, names: readonly string[]): Failures {
  return Object.fromEntries(names.map((name) => [name, reason]));
}
