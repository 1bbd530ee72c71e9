// What is answered in the backend's place: RFC 9457 problem details, like the hub's.

import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { NodeResponse } from "../hub/index.js";

/** Why a request got no answer of the backend's. */
export type PassProblemCode =
  | "backend-timeout"
  | "backend-unavailable"
  | "body-too-slow"
  | "invalid-request"
  | "shutting-down"
  | "too-many-requests"
  | "unsupported-encoding"
  | "unsupported-upgrade";

/** An answer in the backend's place. */
export interface PassProblem {
  readonly status: 400 | 408 | 501 | 502 | 503 | 504;
  readonly code: PassProblemCode;
  /** A sentence for people. Nothing of the request. */
  readonly detail: string;
  /** Seconds after which to ask again. */
  readonly retryAfter?: number | undefined;
}

export const BACKEND_UNAVAILABLE: PassProblem = {
  status: 502,
  code: "backend-unavailable",
  detail: "The server behind this one cannot be reached, or broke off. Try again.",
  retryAfter: 1,
};

export const BACKEND_TIMEOUT: PassProblem = {
  status: 504,
  code: "backend-timeout",
  detail: "The server behind this one did not answer in time.",
};

export const BODY_TOO_SLOW: PassProblem = {
  status: 408,
  code: "body-too-slow",
  detail: "The body did not come in time.",
};

export const TOO_MANY_REQUESTS: PassProblem = {
  status: 503,
  code: "too-many-requests",
  detail:
    "As many requests are under way to the server behind this one as may be. Come back later.",
  retryAfter: 1,
};

export const GATEWAY_SHUTTING_DOWN: PassProblem = {
  status: 503,
  code: "shutting-down",
  detail: "This gateway is shutting down. Its successor will answer.",
  retryAfter: 1,
};

/** Answers a request of which nothing was answered yet. */
export function answerProblem(response: NodeResponse, problem: PassProblem): void {
  const headers = headersOf(problem);
  // One call for each kind: their overloads differ.
  if ("stream" in response) response.writeHead(problem.status, headers);
  else response.writeHead(problem.status, headers);
  response.end(bodyOf(problem));
}

/** Answers an upgrade on its socket, which is of no further use. */
export function refuseUpgrade(socket: Duplex, problem: PassProblem): void {
  if (!socket.writable) return;
  const body = bodyOf(problem);
  const headers = {
    ...headersOf(problem),
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const status = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ""}`;
  socket.end([status, ...lines, "", body].join("\r\n"));
}

function headersOf({ retryAfter }: PassProblem): Record<string, string> {
  return {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    ...(retryAfter === undefined ? undefined : { "retry-after": String(retryAfter) }),
  };
}

function bodyOf({ status, code, detail }: PassProblem): string {
  return `${JSON.stringify({ title: STATUS_CODES[status], status, code, detail })}\n`;
}
