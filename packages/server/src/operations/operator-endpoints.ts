// GET /healthz, /readyz and /metrics, for operators and their machines.

import { createHash, timingSafeEqual } from "node:crypto";
import type { NodeRequest, NodeResponse } from "../hub/index.js";
import type { Health } from "./health.js";
import type { Metrics } from "./metrics.js";

/** What is shown, and to whom. */
export interface OperatorEndpointsOptions {
  readonly health: Pick<Health, "live" | "ready">;
  /** Default: there is no `/metrics`. */
  readonly metrics?: Pick<Metrics, "text" | "contentType"> | undefined;
  /**
   * Who is answered. `"loopback"`: programs on the same machine that do not come through a proxy, as
   * far as its headers tell; for a server that faces the network. `"anybody"`: for a server of their
   * own that does not. Default `"loopback"`.
   */
  readonly openTo?: "loopback" | "anybody" | undefined;
  /**
   * The path before `/healthz`, `/readyz` and `/metrics`, for a server whose own addresses may have
   * such names. Default `""`.
   */
  readonly prefix?: string | undefined;
  /** What `/metrics` must be asked with, as `Authorization: Bearer …`. Default: nothing. */
  readonly metricsToken?: string | undefined;
}

/**
 * Answers a request if it is for one of these addresses and from somebody who may ask.
 *
 * @returns whether it has been, or is being, answered; else it is somebody else's
 */
export type OperatorEndpoints = (request: NodeRequest, response: NodeResponse) => boolean;

/** Creates the handler of a hub's operator endpoints. */
export function createOperatorEndpoints(options: OperatorEndpointsOptions): OperatorEndpoints {
  const { health, metrics, openTo = "loopback", prefix = "", metricsToken } = options;
  return (request, response) => {
    const url = request.url ?? "";
    const end = url.indexOf("?");
    const whole = end < 0 ? url : url.slice(0, end);
    const path = whole.startsWith(prefix) ? whole.slice(prefix.length) : "";
    const isOurs = path === "/healthz" || path === "/readyz" || path === "/metrics";
    if (!isOurs || (path === "/metrics" && metrics === undefined)) return false;
    if (openTo === "loopback" && !isFromThisMachine(request)) return false;
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      answerJson(response, 405, { ok: false, reason: "only GET and HEAD" });
    } else if (path === "/healthz") {
      const liveness = health.live();
      answerJson(response, liveness.ok ? 200 : 503, liveness);
    } else if (path === "/readyz") {
      const readiness = health.ready();
      answerJson(response, readiness.ok ? 200 : 503, readiness);
    } else if (metricsToken !== undefined && !showsToken(request, metricsToken)) {
      response.setHeader("www-authenticate", "Bearer");
      answerJson(response, 401, { ok: false, reason: "a bearer token is needed" });
    } else if (metrics !== undefined) {
      void answerMetrics(response, metrics);
    }
    return true;
  };
}

async function answerMetrics(
  response: NodeResponse,
  metrics: Pick<Metrics, "text" | "contentType">,
): Promise<void> {
  try {
    const body = await metrics.text();
    answer(response, 200, metrics.contentType, body);
  } catch {
    // What gathers the numbers has failed; the request must not hang, and there is nothing to show.
    answerJson(response, 500, { ok: false, reason: "the metrics could not be gathered" });
  }
}

function answerJson(response: NodeResponse, status: number, value: unknown): void {
  answer(response, status, "application/json", `${JSON.stringify(value)}\n`);
}

function answer(response: NodeResponse, status: number, type: string, body: string): void {
  response.statusCode = status;
  response.setHeader("content-type", type);
  response.setHeader("content-length", Buffer.byteLength(body));
  response.setHeader("cache-control", "no-store");
  response.end(body);
}

/** What proxies add to the requests that they pass on. */
const FORWARDING_HEADERS = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

/**
 * Whether a request comes from a program on this machine. One that a proxy on this machine passes on
 * looks like it if the proxy adds no header at all: such a proxy must not pass these addresses on.
 */
function isFromThisMachine(request: NodeRequest): boolean {
  const { headers } = request;
  const isLoopback = /^(?:::1|(?:::ffff:)?127(?:\.\d{1,3}){3})$/.test(addressOf(request));
  return isLoopback && FORWARDING_HEADERS.every((name) => headers[name] === undefined);
}

function addressOf({ socket }: NodeRequest): string {
  try {
    return socket.remoteAddress ?? "";
  } catch {
    // The socket of an HTTP/2 session that has gone meanwhile throws. Nobody waits for the answer.
    return "";
  }
}

function showsToken({ headers }: NodeRequest, token: string): boolean {
  const [, shown = ""] = /^Bearer ([^\s]+)$/i.exec(headers.authorization ?? "") ?? [];
  // Digests have one length, which timingSafeEqual needs and which says nothing about the token's.
  return timingSafeEqual(digest(shown), digest(token));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
