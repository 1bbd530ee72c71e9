// What the hub answers when it refuses: RFC 9457 problem details, with the reason as a code.

import type { PlainAnswer } from "./exchange.js";

/** Why a request was refused. The list is closed; PROTOCOL.md has it as a table. */
export type ProblemCode =
  | "invalid-body"
  | "invalid-cursor"
  | "invalid-event"
  | "invalid-header"
  | "invalid-stream"
  | "invalid-topics"
  | "invalid-wait"
  | "event-too-large"
  | "batch-too-large"
  | "body-too-large"
  | "body-too-slow"
  | "too-many-bodies"
  | "headers-too-large"
  | "target-too-long"
  | "unsupported-media-type"
  | "method-not-allowed"
  | "not-found"
  | "unknown-connection"
  | "other-hub"
  | "stream-sealed"
  | "producer-fenced"
  | "producer-out-of-order"
  | "too-many-connections"
  | "too-many-connections-of-address"
  | "too-many-connections-of-identity"
  | "too-often"
  | "too-many-streams"
  | "log-unavailable"
  | "shutting-down"
  | "unauthorized"
  | "forbidden"
  | "authorization-failed"
  | "internal-error";

/** A refusal. */
export interface Problem {
  readonly status: number;
  readonly code: ProblemCode;
  /** A sentence for people: what is wrong and what to do. Never a payload. */
  readonly detail: string;
  /** What would have been right. */
  readonly expected?: string | undefined;
  /** What came instead. Never a payload. */
  readonly got?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A refusal as an answer. */
export function problemAnswer({ headers, ...problem }: Problem): PlainAnswer {
  return {
    kind: "plain",
    status: problem.status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...headers,
    },
    body: `${JSON.stringify({ title: TITLES[problem.status] ?? "Error", ...problem })}\n`,
    refusal: problem.code,
  };
}

/** The reason phrases of the statuses in use (RFC 9110 §15). */
const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  413: "Content Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  421: "Misdirected Request",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** The answer of a hub that is being closed to whatever is new. */
export const SHUTTING_DOWN: Problem = {
  status: 503,
  code: "shutting-down",
  detail: "This hub is shutting down. Its successor will answer.",
  headers: { "retry-after": "1", connection: "close" },
};
