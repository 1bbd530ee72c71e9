// The gateway: readers on one side, a backend that streams already on the other, and a log between them.
// event → HERE (backend → log) → delivery → wire → connection → app

import { CURSOR_PARAMETER, LAST_EVENT_ID_HEADER, StreamError } from "throughline/core";
import { nodeEnvironment } from "../hub/environment.js";
import {
  type AccessAnswer,
  createHub,
  type FreshStart,
  type Hub,
  isServedRenewal,
  type NodeRequest,
  type NodeResponse,
  type RawRequest,
} from "../hub/index.js";
import {
  answerAsUpstream,
  answerRefusal,
  GATEWAY_FAILED,
  NOT_AUTHENTICATED,
  RIGHTS_UNKNOWN,
} from "./answers.js";
import { newCounts } from "./counts.js";
import type { Gateway, GatewayStats } from "./gateway-types.js";
import { type HeaderReader, identityHeaders, identityKey } from "./identity.js";
import { parseMoment } from "./moment.js";
import { type GatewayOptions, type GatewaySettings, resolveGatewayOptions } from "./options.js";
import { createPassThrough, type PassThrough } from "./pass-through.js";
import type { Resource } from "./resource.js";
import { Resources } from "./resources.js";
import { createRights, type Rights, type Verdict } from "./rights.js";
import { createRouteTable, type RouteMatch, type RouteTable } from "./route-table.js";
import { ThreadBudget } from "./thread-budget.js";

/**
 * How long a reader waits for the backend with nothing sent: less than the 1.7 s after which the client
 * takes a request for lost. Then its stream is open, and it waits with that.
 */
const READY_WITHIN_MS = 1400;

/** Whose stream it is where it is everybody's. No identity has this form. */
const EVERYBODY = "shared";

/** Who asks for what. */
interface Visit {
  readonly match: RouteMatch;
  readonly headers: HeaderReader;
  readonly identity: string;
  /** Whether the hub has let it in; from then on rights are checked anew each time. */
  isEntered: boolean;
}

/**
 * Creates a gateway.
 *
 * @throws StreamError `invalid-option`
 */
export function createGateway(options: GatewayOptions): Gateway {
  return new RunningGateway(resolveGatewayOptions(options));
}

class RunningGateway implements Gateway {
  readonly hub: Hub;
  readonly #settings: GatewaySettings;
  readonly #routes: RouteTable;
  readonly #passThrough: PassThrough;
  readonly #threads: ThreadBudget;
  readonly #resources: Resources;
  readonly #counts = newCounts();
  /** `undefined`: rights are the backend's answer to the stream's own request. */
  readonly #rights: Rights | undefined;
  readonly #visits = new WeakMap<RawRequest, Visit>();

  constructor(settings: GatewaySettings) {
    const { upstream, routes, check, identity, log, hubOptions, onError } = settings;
    this.#settings = settings;
    this.#routes = createRouteTable(routes);
    this.#threads = new ThreadBudget({
      maxThreads: settings.maxUpstreams,
      environment: nodeEnvironment,
    });
    this.#passThrough = createPassThrough({
      upstream,
      onError: (failure) => onError(failure, { operation: "respond" }),
    });
    this.#rights = check && createRights({ upstream, rules: check, identity });
    const heartbeats = new Map(routes.map(({ name, heartbeatType }) => [name, heartbeatType]));
    this.hub = createHub({
      ...hubOptions,
      log,
      heartbeatType: (stream) => heartbeats.get(stream.split("/", 1)[0] ?? "") ?? DEFAULT_HEARTBEAT,
      authorize: ({ request }) => this.#authorize(request),
      reauthorizeMs: check?.everyMs ?? 0,
    });
    this.#resources = new Resources(
      {
        hub: this.hub,
        onError: (error, stream) => onError(error, { operation: "deliver", stream }),
        endReaders: (resource, identity) => this.#endReaders(resource, identity),
      },
      { log, threads: this.#threads, upstream, counts: this.#counts },
    );
  }

  readonly handleNode = (request: NodeRequest, response: NodeResponse): void => {
    const { method = "GET", url = "/" } = request;
    const isRenewal = isServedRenewal(method, url);
    const match = this.#routes.find(isRenewal ? "GET" : method, url);
    if (match === undefined) this.#passThrough.handleNode(request, response);
    else if (isRenewal) this.hub.serve(request, response, { stream: match.route.name });
    else void this.#serve(request, response, match);
  };

  readonly handleUpgrade: Gateway["handleUpgrade"] = (request, socket, head) => {
    this.#passThrough.handleUpgrade(request, socket, head);
  };

  stats(): GatewayStats {
    const { busy, ghosts, waiting } = this.#threads.stats();
    const streams = this.#resources.all();
    const stale = streams.filter(({ source }) => source.state === "stale").length;
    const threads = { busy, ghosts, waiting };
    return { streams: streams.length, stale, threads, totals: { ...this.#counts } };
  }

  async close(options: Parameters<Gateway["close"]>[0] = {}): Promise<void> {
    // Readers first: until the last has left, its stream goes on.
    await this.hub.close(options);
    await this.#resources.close();
    this.#rights?.close();
    this.#threads.close();
    await this.#passThrough.close();
  }

  async #serve(request: NodeRequest, response: NodeResponse, match: RouteMatch): Promise<void> {
    let release = () => {};
    response.once("close", () => release());
    const beganMs = performance.now();
    try {
      const { identity: rules } = this.#settings;
      const headers: HeaderReader = { header: (name) => headerOf(request, name) };
      const identity = identityKey(headers, rules);
      const verdict = await this.#check(match, headers);
      if (verdict.kind !== "allowed") {
        const refusal = verdict.kind === "denied" ? NOT_AUTHENTICATED : RIGHTS_UNKNOWN;
        answerRefusal(response, refusal);
        return;
      }
      if (response.destroyed) return;
      const { route } = match;
      const query = queryOf(request);
      const owner = route.identity === "own" ? identity : EVERYBODY;
      const cursor =
        headers.header(LAST_EVENT_ID_HEADER) || query.get(CURSOR_PARAMETER) || undefined;
      const { resume } = route.upstream;
      const since = (resume.by === "since" && query.get(resume.parameter)) || undefined;
      const resource = this.#resources.find({ match, owner, cursor, since });
      release = resource.hold(identity, identityHeaders(headers, rules));
      if (response.destroyed) release();
      const leftMs = READY_WITHIN_MS - (performance.now() - beganMs);
      const readiness = await resource.ready(Math.max(0, leftMs));
      if (readiness.kind === "refused") {
        release();
        answerAsUpstream(response, readiness.answer);
        return;
      }
      this.#visits.set(request, { match, headers, identity, isEntered: false });
      this.hub.serve(request, response, {
        stream: resource.stream,
        fresh: freshStart(match, since),
        remarks: ({ isFresh }) => resource.remarks(isFresh),
      });
    } catch (error) {
      release();
      this.#settings.onError(error, { operation: "subscribe" });
      answerRefusal(response, GATEWAY_FAILED);
    }
  }

  async #check({ route }: RouteMatch, headers: HeaderReader): Promise<Verdict> {
    if (this.#rights === undefined || !route.isChecked) return ALLOWED;
    return this.#rights.check(headers);
  }

  /** The hub's question. The first time it is answered already, a moment ago. */
  async #authorize(request: RawRequest): Promise<AccessAnswer> {
    const visit = this.#visits.get(request);
    // Nobody gets at a stream but through a route.
    if (visit === undefined) return { status: 403 };
    const verdict = visit.isEntered ? await this.#check(visit.match, visit.headers) : ALLOWED;
    visit.isEntered = true;
    if (verdict.kind === "denied") return { status: 401 };
    if (verdict.kind === "allowed") return { identity: visit.identity };
    throw new StreamError("The backend cannot say at the moment who may read.", {
      code: "authorization-failed",
      fault: "remote",
    });
  }

  #endReaders({ stream }: Resource, identity: string | undefined): void {
    this.hub.revoke(
      (session) =>
        session.stream === stream && (identity === undefined || session.identity === identity),
    );
  }
}

const ALLOWED: Verdict = { kind: "allowed", byGrace: false };

/** Of streams that are of no route, such as the canary of a health check. */
const DEFAULT_HEARTBEAT = "throughline.heartbeat";

function headerOf({ headers }: NodeRequest, name: string): string | undefined {
  const value = headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(", ") : value;
}

function queryOf({ url = "" }: NodeRequest): URLSearchParams {
  const mark = url.indexOf("?");
  return new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1));
}

/**
 * Where a reader begins that shows no cursor: at the moment it names, if that can be understood. One
 * without a zone cannot: it is in the backend's.
 */
function freshStart({ route }: RouteMatch, since: string | undefined): FreshStart {
  const moment = parseMoment(since);
  const isAbsolute = moment?.notation.kind !== "text" || moment.notation.suffix === "Z";
  return moment !== undefined && isAbsolute ? { sinceMs: moment.ms } : route.fresh;
}
