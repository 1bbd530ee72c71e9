// Cross-origin requests: which pages of other origins may talk to the hub (Fetch standard, §3.2).

import { LAST_EVENT_ID_HEADER, PULSE_HEADER, TOLD_HEADER } from "throughline/core";
import type { HubAnswer, HubRequest, PlainAnswer } from "./exchange.js";
import { integerOption, invalidOption } from "./option-checks.js";

/** Which pages of other origins may talk to the hub. */
export interface CorsOptions {
  /**
   * The origins, exactly as browsers name them (`https://app.example`, no slash at the end), or
   * `"*"` for all, which goes without credentials only.
   */
  readonly origins: readonly string[] | "*";
  /** Whether requests may carry cookies. Default `false`. */
  readonly credentials?: boolean | undefined;
  /**
   * Seconds for which a browser may remember a preflight's answer. Default 7200, which is the
   * longest that Chromium does (and for requests with `cache: "no-store"` not at all); a reconnect
   * then costs one request and not two. At most a day.
   */
  readonly maxAgeS?: number | undefined;
}

/** The options with everything decided. */
export interface CorsSettings {
  readonly isAny: boolean;
  readonly origins: ReadonlySet<string>;
  readonly credentials: boolean;
  readonly maxAgeS: number;
}

const DAY_S = 86_400;

/** What a page may send beside what needs no leave. Publishers in a page name themselves. */
const ALLOWED_HEADERS = [
  LAST_EVENT_ID_HEADER,
  "authorization",
  "content-type",
  "cache-control",
  "idempotency-key",
  "producer-id",
  "producer-epoch",
  "producer-seq",
  "traceparent",
].join(", ");

/** What a page may read: the pulse, what the stream says, and why it was refused. */
const EXPOSED_HEADERS = `${PULSE_HEADER}, ${TOLD_HEADER}, retry-after, www-authenticate`;

/** @throws StreamError `invalid-option` */
export function resolveCors(options: CorsOptions): CorsSettings {
  const { origins, credentials = false, maxAgeS = 7200 } = options;
  if (origins !== "*" && !Array.isArray(origins)) {
    throw invalidOption("cors.origins", 'a list of origins, or "*"', typeof origins);
  }
  if (typeof credentials !== "boolean") {
    throw invalidOption("cors.credentials", "true or false", credentials);
  }
  if (origins === "*" && credentials) {
    // Any page anywhere could read whatever its visitor may.
    throw invalidOption("cors.origins", "a list of origins where credentials are allowed", "*");
  }
  const list: readonly string[] = origins === "*" ? [] : origins;
  for (const [index, origin] of list.entries()) checkOrigin(`cors.origins[${index}]`, origin);
  return {
    isAny: origins === "*",
    origins: new Set(list),
    credentials,
    maxAgeS: integerOption("cors.maxAgeS", maxAgeS, 0, DAY_S),
  };
}

/** Whether a request is a browser's question whether a page may send another one. */
export function isPreflight(request: HubRequest): boolean {
  return (
    request.method === "OPTIONS" && request.header("access-control-request-method") !== undefined
  );
}

/**
 * The answer to a preflight. The same for every address and everybody, so that it says nothing about
 * what there is, and can be remembered.
 */
export function answerPreflight(cors: CorsSettings, request: HubRequest): PlainAnswer {
  const headers = originHeaders(cors, request);
  const leave = {
    "access-control-allow-methods": "GET, HEAD, POST",
    "access-control-allow-headers": ALLOWED_HEADERS,
    "access-control-max-age": String(cors.maxAgeS),
  };
  const isAllowed = headers[ALLOW_ORIGIN] !== undefined;
  return {
    kind: "plain",
    status: 204,
    headers: isAllowed ? { ...headers, ...leave } : headers,
    body: "",
  };
}

/** An answer that the pages that may can read, also where it is a refusal. */
export function shareAnswer<T extends HubAnswer>(
  cors: CorsSettings,
  request: HubRequest,
  answer: T,
): T {
  const shared = { "access-control-expose-headers": EXPOSED_HEADERS };
  return { ...answer, headers: { ...answer.headers, ...originHeaders(cors, request), ...shared } };
}

const ALLOW_ORIGIN = "access-control-allow-origin";

function originHeaders(
  { isAny, origins, credentials }: CorsSettings,
  request: HubRequest,
): Readonly<Record<string, string>> {
  if (isAny) return { [ALLOW_ORIGIN]: "*" };
  const origin = request.header("origin");
  // Also an answer without leave depends on who asks, and must not be kept for somebody else.
  const vary = { vary: "Origin" };
  if (origin === undefined || !origins.has(origin)) return vary;
  const leave = credentials ? { "access-control-allow-credentials": "true" } : {};
  return { ...vary, [ALLOW_ORIGIN]: origin, ...leave };
}

/**
 * Origins are compared as texts: one that browsers never send would silently allow nobody. `null`,
 * the origin of every sandboxed frame, would allow anybody.
 */
function checkOrigin(name: string, origin: string): void {
  if (typeof origin === "string" && /^[a-z][a-z0-9+.-]*:\/\/[^\s,*/?#@]+$/.test(origin)) {
    const isWeb = /^https?:/.test(origin);
    if (!isWeb || (URL.canParse(origin) && new URL(origin).origin === origin)) return;
  }
  const expected = "an origin like https://app.example, without a path or a port that goes unsaid";
  throw invalidOption(name, expected, origin);
}
