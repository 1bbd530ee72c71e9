// Which handler a request belongs to, and what becomes of what goes wrong there.

import { StreamError } from "throughline/core";
import { ProducerOrderError } from "../log/producer.js";
import type { StreamName } from "../log/stream-name.js";
import type { HubCore } from "./core.js";
import { answerPreflight, isPreflight, shareAnswer } from "./cors.js";
import { enter } from "./entry.js";
import { type HubAnswer, type HubRequest, type NamedRequest, visitorOf } from "./exchange.js";
import { type Renewal, renewLease } from "./lease.js";
import { refuseHeaders } from "./limits/header-limit.js";
import type { RequestRefused } from "./observer.js";
import type { HubErrorContext } from "./options.js";
import { type Problem, problemAnswer, SHUTTING_DOWN } from "./problem.js";
import { parsePublicStream } from "./public-stream.js";
import { publishRequest } from "./publish-request.js";
import { REQUEST_ID_HEADER, requestContext } from "./request-context.js";
import { LEASE_PARAMETER, type ServedStream } from "./served.js";
import { subscribe } from "./subscribe.js";

/** Longest path and query that are looked at, in characters. */
export const LONGEST_TARGET = 8192;

/** Seconds after which a request that the log or the hook could not serve may come again. */
const RETRY_AFTER_S = "1";

const HOOK_FAILED = "It cannot be found out at the moment who may do this. Come back later.";

/**
 * Answers a request; `undefined` where nobody is there any more to be answered. Never rejects. Every
 * request passes here and nowhere else.
 *
 * @param served what is asked for, where the application says so and not the address
 */
export async function route(
  core: HubCore,
  request: HubRequest,
  served?: ServedStream,
): Promise<HubAnswer | undefined> {
  const { cors } = core.settings;
  // Browsers keep the answer, which is the same for all, and nobody looks for its id.
  if (cors !== undefined && isPreflight(request)) return answerPreflight(cors, request);
  const context = requestContext(request, core.environment);
  const target =
    served === undefined
      ? parseTarget(request.target, core.settings.basePath)
      : servedTarget(request, served);
  // The adapter made the request for this call alone; copying it costs more than routing it.
  const own = await routeTarget(core, Object.assign(request, { context }), target);
  // With what pages of other origins have to be told, where there may be any.
  const answer = cors === undefined || own === undefined ? own : shareAnswer(cors, request, own);
  if (answer?.kind === "plain" && answer.status >= 400) {
    const { status, refusal: code = "other" } = answer;
    const operation = operationOf(target, request);
    core.observer?.({ kind: "request-refused", operation, status, code, request: context });
  }
  if (answer === undefined) return undefined;
  const headers = { ...answer.headers, [REQUEST_ID_HEADER]: context.requestId };
  return { ...answer, headers };
}

async function routeTarget(
  core: HubCore,
  request: NamedRequest,
  target: Target,
): Promise<HubAnswer | undefined> {
  try {
    const refusal = refuseHeaders(core, request);
    if (refusal !== undefined) return refusal;
    if (target.kind === "invalid") return problemAnswer(target.problem);
    return target.kind === "stream"
      ? await routeStream(core, request, target)
      : await routeLease(core, request, target);
  } catch (error) {
    const problem = toProblem(error);
    if (problem.status >= 500) core.settings.onError(error, contextOf(request));
    return problemAnswer(problem);
  } finally {
    core.bodies.release(request);
  }
}

type Target =
  | {
      readonly kind: "stream";
      readonly name: string;
      /** As it was sent: who publishes has none, and is not to pay for it. */
      readonly query: string;
      readonly served?: ServedStream | undefined;
    }
  | ({ readonly kind: "lease" } & Renewal)
  | { readonly kind: "invalid"; readonly problem: Problem };

function parseTarget(target: string, basePath: string): Target {
  if (target.length > LONGEST_TARGET) return { kind: "invalid", problem: TOO_LONG };
  const [path = "", query = ""] = splitOnce(target, "?");
  const rest = path.startsWith(`${basePath}/`) ? path.slice(basePath.length + 1) : "";
  const [collection, name = ""] = splitOnce(rest, "/");
  if (collection === "streams" && name !== "") {
    return { kind: "stream", name: decodePath(name), query };
  }
  if (collection === "leases" && name !== "") {
    const [hubId, connection = ""] = splitOnce(name, "/");
    return { kind: "lease", hubId, connection, query: new URLSearchParams(query) };
  }
  return { kind: "invalid", problem: NOT_FOUND };
}

/** At the address of a served stream its leases are renewed too, and nothing is published. */
function servedTarget({ target, method }: HubRequest, served: ServedStream): Target {
  if (target.length > LONGEST_TARGET) return { kind: "invalid", problem: TOO_LONG };
  const text = splitOnce(target, "?")[1] ?? "";
  if (method !== "POST") return { kind: "stream", name: served.stream, query: text, served };
  const query = new URLSearchParams(text);
  const [hubId, connection = ""] = splitOnce(query.get(LEASE_PARAMETER) ?? "", "/");
  return { kind: "lease", hubId, connection, query };
}

function routeStream(
  core: HubCore,
  request: NamedRequest,
  { name, query, served }: Extract<Target, { kind: "stream" }>,
): HubAnswer | Promise<HubAnswer | undefined> {
  const { method } = request;
  if (method !== "GET" && method !== "HEAD" && method !== "POST")
    return notAllowed("GET, HEAD, POST");
  const stream = parsePublicStream(name);
  if (core.isClosing) return problemAnswer(SHUTTING_DOWN);
  return method === "POST"
    ? publish(core, request, stream)
    : subscribe(core, request, { stream, query: new URLSearchParams(query), served });
}

/**
 * Nothing of the body is read before it is known that whoever asks may publish. A request counts for its
 * address before the hook is asked, so that nobody can have it asked without end, and for its identity
 * as soon as there is one.
 */
async function publish(
  core: HubCore,
  request: HubRequest,
  stream: StreamName,
): Promise<HubAnswer | undefined> {
  const early = core.throttle.publication(visitorOf(request));
  if (early !== undefined) return early;
  const wish = { action: "publish", stream, topics: undefined } as const;
  // Not awaited where nobody is asked: the body may come in this very turn, and is cheap to read then.
  const entering = enter(core.sessions, request, wish);
  const entry = entering instanceof Promise ? await entering : entering;
  if (entry.kind === "refused") return problemAnswer(entry.problem);
  const { session } = entry;
  try {
    const identity = session?.identity;
    const throttled =
      identity === undefined ? undefined : core.throttle.publication(visitorOf(request, identity));
    return throttled ?? (await publishRequest(core, request, stream, session));
  } finally {
    session?.close();
  }
}

async function routeLease(
  core: HubCore,
  request: HubRequest,
  renewal: Renewal,
): Promise<HubAnswer | undefined> {
  return request.method === "POST" ? renewLease(core, request, renewal) : notAllowed("POST");
}

function notAllowed(allow: string): HubAnswer {
  return problemAnswer({
    status: 405,
    code: "method-not-allowed",
    detail: "This method is not for this address.",
    expected: allow,
    headers: { allow },
  });
}

/** What an error of the log, or a bug, is to the one who asked. */
function toProblem(error: unknown): Problem {
  if (!(error instanceof StreamError)) return INTERNAL;
  const { code, message: detail } = error;
  const headers = { "retry-after": RETRY_AFTER_S };
  switch (code) {
    case "invalid-stream":
    case "invalid-event":
      return { status: 400, code, detail };
    case "producer-out-of-order": {
      const isKnown = error instanceof ProducerOrderError;
      const expected = isKnown ? `Producer-Seq: ${error.expectedSequence}` : undefined;
      return { status: 409, code, detail, expected };
    }
    case "stream-sealed":
    case "producer-fenced":
      return { status: 409, code, detail };
    case "authorization-failed":
      return { status: 503, code, detail: HOOK_FAILED, headers };
    case "too-many-streams":
      return { status: 503, code, detail, headers };
    default: {
      const unavailable = "The log cannot be used at the moment. Come back later.";
      return { status: 503, code: "log-unavailable", detail: unavailable, headers };
    }
  }
}

function operationOf(target: Target, { method }: HubRequest): RequestRefused["operation"] {
  if (target.kind === "invalid") return "other";
  if (target.kind === "lease") return "lease";
  return method === "POST" ? "publish" : "subscribe";
}

function contextOf({ method }: HubRequest): HubErrorContext {
  return { operation: method === "POST" ? "publish" : "subscribe" };
}

function splitOnce(text: string, separator: string): readonly [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** Undoes percent-encoding. What cannot be undone stays, and is then refused as a name. */
function decodePath(path: string): string {
  if (!path.includes("%")) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    // Malformed encoding: `%` is in no stream name, which says the same with a better message.
    return path;
  }
}

const TOO_LONG: Problem = {
  status: 414,
  code: "target-too-long",
  detail: "The address is too long.",
  expected: `at most ${LONGEST_TARGET} characters`,
};

const NOT_FOUND: Problem = {
  status: 404,
  code: "not-found",
  detail: "There is nothing at this address.",
  expected: "/streams/<name> or /leases/<hub>/<connection>",
};

const INTERNAL: Problem = {
  status: 500,
  code: "internal-error",
  detail: "Something went wrong in the hub; its operator has been told.",
};
