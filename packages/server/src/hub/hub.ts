// The hub: serves the streams of a log over HTTP.

import { StreamError } from "throughline/core";
import type { NewEvent } from "../log/event.js";
import type { AppendOptions } from "../log/event-log.js";
import { append } from "./append.js";
import { type CloseOptions, closeConnections, resolveCloseMs } from "./closing.js";
import { createCore, type HubCore } from "./core.js";
import { nodeEnvironment } from "./environment.js";
import { encodeFrame } from "./frame.js";
import { renewOwnLease } from "./lease.js";
import { answerNode, type NodeRequest, type NodeResponse } from "./node-adapter.js";
import { invalidOption } from "./option-checks.js";
import { type HubOptions, resolveHubOptions } from "./options.js";
import type { LeaseRenewal, LimitUse, PeerAnswer } from "./peers.js";
import { parsePublicStream } from "./public-stream.js";
import { checkBatch, type Published, publishedOf } from "./publishing.js";
import type { ServedStream } from "./served.js";
import type { HubSession } from "./session.js";
import type { SessionMatch } from "./sessions.js";
import { type Remark, remarksText } from "./stream-text.js";
import { answerWeb, type FetchContext } from "./web-adapter.js";

/** A hub at this moment. */
export interface HubStats {
  /** Open connections by the state of their delivery. */
  readonly connections: {
    readonly replaying: number;
    readonly live: number;
    readonly draining: number;
  };
  /** Bytes that wait in the process for readers to take them. */
  readonly queuedBytes: number;
  /** Streams that are read, or were until half a minute ago. */
  readonly feeds: number;
  /** Connections that were accepted, and that were refused for lack of room, since the start. */
  readonly acceptedTotal: number;
  readonly refusedTotal: number;
  /** Requests that came too often, since the start. */
  readonly throttledTotal: number;
  /** Connections that were cut off because too much waited for all readers, since the start. */
  readonly shedTotal: number;
}

/**
 * Serves streams to subscribers, and takes what is published.
 *
 * What a reader is sent is in the order of the log and has no holes; where something is missing for
 * good, a gap says so before any later event. A slow reader costs a constant amount of memory and
 * delays nobody else.
 */
export interface Hub {
  /** Names this hub in the addresses of its leases; see `HubPeers`. */
  readonly id: string;
  /**
   * A listener for `node:http` and `node:http2` (also with `allowHTTP1`), and a handler for frameworks
   * that hand out their objects.
   */
  readonly handleNode: (request: NodeRequest, response: NodeResponse) => void;
  /**
   * A handler for web-standard frameworks. Never rejects. The second argument says what the request
   * does not: the reader's address.
   */
  readonly fetch: (request: Request, context?: FetchContext) => Promise<Response>;
  /**
   * Serves a stream at whatever address the request came to: for an endpoint that a stream takes the
   * place of. What is asked of the `authorize` hook, and how a cursor is shown, is as at `/streams`;
   * topics are not chosen. Its leases are renewed at the same address, so that POST requests that
   * `isServedRenewal` knows belong here too.
   */
  serve(request: NodeRequest, response: NodeResponse, served: ServedStream): void;
  /**
   * Says something to whoever reads a stream at this moment. It is not stored, has no id, and nobody
   * hears it who comes later, or whose connection has no room.
   */
  say(stream: string, remarks: readonly Remark[]): void;
  /**
   * Appends one event or a batch (all of it or nothing) to a stream. Resolves when the log has it;
   * readers are served by then or in the same turn of the event loop.
   *
   * Safe to repeat where events have an `id`, or the batch the stamp of a producer: what the stream
   * has already is not stored again, and named in `duplicates`.
   *
   * @throws StreamError `invalid-stream`; `invalid-event`, also for what exceeds the hub's limits;
   *   and what the log throws, such as `stream-sealed` and `producer-fenced`
   */
  publish(
    stream: string,
    events: NewEvent | readonly NewEvent[],
    options?: AppendOptions,
  ): Promise<Published>;
  /**
   * Declares a stream complete: readers get all of it, then `throughline.end`, and are closed. Who
   * asks later gets what is left, or 204 where nothing is. Ending again changes nothing.
   *
   * @param reason what `throughline.end` says; default `"complete"`
   */
  end(stream: string, reason?: string): Promise<void>;
  /**
   * Ends what is being served to somebody at once and in good order: subscriptions, of which the
   * last bytes may take up to 10 s to a slow reader; what is just being published; and what the
   * `authorize` hook was asked about before and has not answered yet. Whoever comes back is asked
   * about anew, so end the session itself first.
   *
   * @param whom an identity from the grants of the hook, or a predicate, which must not throw
   * @returns how many connections and requests were ended; 0 in a hub without a hook
   * @throws StreamError `invalid-option` where `whom` is neither
   */
  revoke(whom: { readonly identity: string } | ((session: HubSession) => boolean)): number;
  /**
   * Shuts down in good order: new requests are answered 503, and readers are told to go elsewhere.
   * Resolves when the last is gone. Closing again waits for the same end. The log stays open.
   *
   * @throws StreamError `invalid-option`
   */
  close(options?: CloseOptions): Promise<void>;
  /**
   * Opens the tails of all streams that are read anew, each from where it stands: for a log that has
   * gone deaf, which means that it takes and answers, and its tails hear nothing (see `createHealth`).
   * What was missed is delivered, nothing twice; of a log that is well nothing is noticed.
   */
  reopenTails(): void;
  /** Renews a lease that this hub has given, for a peer that was asked to. */
  renewLease(renewal: LeaseRenewal): PeerAnswer;
  /**
   * Takes note of what other hubs have let in, which then counts towards the limits of this one as well:
   * the three limits of connections and the two rates. Between hubs a limit may so be exceeded by
   * what is let in while they tell each other.
   */
  countElsewhere(uses: readonly LimitUse[]): void;
  /** How it is now. Costs a look at every connection. */
  stats(): HubStats;
}

/**
 * Creates a hub.
 *
 * @throws StreamError `invalid-option`
 */
export function createHub(options: HubOptions): Hub {
  const core = createCore(nodeEnvironment, resolveHubOptions(options));
  let closing: Promise<void> | undefined;
  return {
    id: core.hubId,
    handleNode: (request, response) => void answerNode(core, request, response),
    fetch: (request, context) => answerWeb(core, request, context),
    serve: (request, response, served) => void answerNode(core, request, response, served),
    say: (stream, remarks) => {
      const feed = core.feeds.find(parsePublicStream(stream));
      if (feed !== undefined && remarks.length > 0) feed.say(encodeFrame(remarksText(remarks)));
    },
    publish: (stream, events, append) => publish(core, stream, events, append),
    end: async (stream, reason) => {
      await core.settings.log.seal(parsePublicStream(stream), reason);
    },
    revoke: (whom) => core.sessions?.revoke(toMatch(whom)) ?? 0,
    close: async (closeOptions = {}) => {
      closing ??= closeConnections(core, resolveCloseMs(closeOptions));
      await closing;
    },
    reopenTails: () => {
      core.feeds.reopenTails((error, stream) =>
        core.settings.onError(error, { operation: "deliver", stream }),
      );
    },
    renewLease: (renewal) => renewOwnLease(core, renewal),
    countElsewhere: (uses) => {
      for (const use of uses) countElsewhere(core, use);
    },
    stats: () => stats(core),
  };
}

async function publish(
  core: HubCore,
  stream: string,
  events: NewEvent | readonly NewEvent[],
  options: AppendOptions | undefined,
): Promise<Published> {
  const batch = isBatch(events) ? events : [events];
  const name = parsePublicStream(stream);
  const problem = checkBatch(batch, core.settings);
  if (problem !== undefined) {
    const { detail, expected, got } = problem;
    const message = `${detail} Expected ${expected}${got === undefined ? "" : `; got ${got}`}.`;
    throw new StreamError(message, { code: "invalid-event", fault: "local" });
  }
  return publishedOf(await append(core, name, batch, options));
}

function countElsewhere({ connections, throttle }: HubCore, use: LimitUse): void {
  if (use.what === "places") connections.countElsewhere(use.key, use.count);
  else throttle.countElsewhere(use);
}

/** `identity: undefined` would mean everybody who has none, which nobody asks for on purpose. */
function toMatch(whom: Parameters<Hub["revoke"]>[0]): SessionMatch {
  if (typeof whom === "function") return whom;
  const wanted: unknown = whom?.identity;
  if (typeof wanted === "string") return ({ identity }) => identity === wanted;
  throw invalidOption("identity", "a string, or a predicate in place of it", typeof wanted);
}

function isBatch(events: NewEvent | readonly NewEvent[]): events is readonly NewEvent[] {
  return Array.isArray(events);
}

function stats({ connections, feeds, throttle }: HubCore): HubStats {
  const byState = { replaying: 0, live: 0, draining: 0, closed: 0 };
  let queuedBytes = 0;
  for (const subscriber of connections.all()) {
    byState[subscriber.state] += 1;
    queuedBytes += subscriber.queuedBytes;
  }
  const { replaying, live, draining } = byState;
  const { acceptedTotal, refusedTotal } = connections;
  return {
    connections: { replaying, live, draining },
    queuedBytes,
    feeds: feeds.size,
    acceptedTotal,
    refusedTotal,
    throttledTotal: throttle.throttledTotal,
    shedTotal: connections.meter.shedTotal,
  };
}
