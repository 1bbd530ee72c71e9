// What a reader is answered who is not served.

import type { NodeResponse } from "../hub/index.js";
import type { UpstreamAnswer } from "./upstream-fetch.js";

/** A refusal in the gateway's own words. */
export interface GatewayRefusal {
  readonly status: 401 | 500 | 503;
  readonly code: "unauthorized" | "internal-error" | "rights-unknown" | "shutting-down";
  /** A sentence for people. Nothing of the request. */
  readonly detail: string;
  /** Seconds after which to ask again. */
  readonly retryAfter?: number | undefined;
}

/** The backend does not know who asks, or no longer. */
export const NOT_AUTHENTICATED: GatewayRefusal = {
  status: 401,
  code: "unauthorized",
  detail: "The server behind this one does not know who asks. Log in again.",
};

/** The backend cannot say at the moment. */
export const RIGHTS_UNKNOWN: GatewayRefusal = {
  status: 503,
  code: "rights-unknown",
  detail: "The server behind this one cannot say at the moment who may read this. Come back later.",
  retryAfter: 1,
};

export const GATEWAY_FAILED: GatewayRefusal = {
  status: 500,
  code: "internal-error",
  detail: "Something went wrong in the gateway; its operator has been told.",
};

/** Answers with a problem (RFC 9457). */
export function answerRefusal(response: NodeResponse, refusal: GatewayRefusal): void {
  const { retryAfter, ...problem } = refusal;
  const headers: Record<string, string> = {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    // A 401 has to name a scheme (RFC 9110 §15.5.2); who logs in by a cookie has none of the register.
    ...(refusal.status === 401 ? { "www-authenticate": "Session" } : {}),
    ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
  };
  answer(response, refusal.status, headers, `${JSON.stringify(problem)}\n`);
}

/** Passes on what the backend has answered in place of a stream. */
export function answerAsUpstream(response: NodeResponse, upstream: UpstreamAnswer): void {
  const { status, contentType, retryAfter, body } = upstream;
  if (status === 401) {
    answerRefusal(response, NOT_AUTHENTICATED);
    return;
  }
  const headers: Record<string, string> = {
    "content-type": contentType === "" ? "text/plain; charset=utf-8" : contentType,
    "cache-control": "no-store",
    ...(retryAfter === undefined ? {} : { "retry-after": retryAfter }),
  };
  answer(response, status, headers, body);
}

function answer(
  response: NodeResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): void {
  if (response.headersSent || response.destroyed) return;
  // One call for each kind: their overloads differ.
  if ("stream" in response) response.writeHead(status, headers);
  else response.writeHead(status, headers);
  response.end(body);
}
