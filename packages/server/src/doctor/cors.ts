// What a page of another origin is allowed, by the three requests that show it.

import { LAST_EVENT_ID_HEADER } from "throughline/core";
import type { Answer } from "./exchange.js";
import { openLine } from "./line.js";
import type { CorsAnswer, CorsSeen } from "./observation.js";
import { askForStream, type StreamRequest } from "./open-stream.js";

/** An origin that nobody can have allowed by name (RFC 6761: the name never exists). */
const STRANGER = "https://stranger.invalid";

/** How long an answer may take. */
const ANSWER_WITHIN_MS = 4000;

/** Asks as a page of `origin` would, and as one of an origin that nobody knows. */
export async function askAsPage(request: StreamRequest, origin: string): Promise<CorsSeen> {
  const [simple, stranger, preflight] = await Promise.all([
    askFrom(request, origin),
    askFrom(request, STRANGER),
    askPreflight(request, origin),
  ]);
  return { origin, simple, stranger, preflight };
}

async function askFrom(request: StreamRequest, origin: string): Promise<CorsAnswer | undefined> {
  const opened = await openLine(request.url);
  if (opened.kind === "unreachable") return undefined;
  const credentials = { ...request.credentials, origin };
  const timed = { ...request, credentials, headersWithinMs: ANSWER_WITHIN_MS };
  const reply = await askForStream(opened.line, timed);
  opened.line.close();
  return reply.kind === "answer" ? readHeaders(reply.answer) : undefined;
}

/** As for a reconnect with a cursor in the header. Preflights carry no credentials. */
async function askPreflight({ url, credentials }: StreamRequest, origin: string) {
  const opened = await openLine(url);
  if (opened.kind === "unreachable") return undefined;
  const wanted = [LAST_EVENT_ID_HEADER];
  if (credentials["authorization"] !== undefined) wanted.unshift("authorization");
  const reply = await opened.line.request({
    method: "OPTIONS",
    url,
    headers: {
      origin,
      "access-control-request-method": "GET",
      "access-control-request-headers": wanted.join(","),
    },
    withinMs: ANSWER_WITHIN_MS,
  });
  opened.line.close();
  if (reply.kind !== "answer") return undefined;
  return { ...readHeaders(reply.answer), status: reply.answer.status };
}

function readHeaders({ headers }: Answer): CorsAnswer {
  return {
    allowOrigin: headers["access-control-allow-origin"],
    allowCredentials: headers["access-control-allow-credentials"] === "true",
    allowHeaders: list(headers["access-control-allow-headers"]),
    allowMethods: list(headers["access-control-allow-methods"]),
    exposeHeaders: list(headers["access-control-expose-headers"]),
    vary: headers["vary"],
  };
}

function list(value: string | undefined): readonly string[] {
  return (value ?? "")
    .split(",")
    .map((word) => word.trim().toLowerCase())
    .filter((word) => word !== "");
}
