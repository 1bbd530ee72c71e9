// The hub behind node:http, and behind everything that hands out its requests and responses.

import { IncomingMessage, type ServerResponse } from "node:http";
import { decodeUtf8, readBody } from "./body.js";
import type { HubCore } from "./core.js";
import type { BodyResult, HubAnswer, HubRequest, StreamAnswer } from "./exchange.js";
import { ResponseSink, SocketSink } from "./node-sink.js";
import { route } from "./router.js";

/** Answers one request of a Node server. Never rejects. */
export async function answerNode(
  core: HubCore,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const answer = await route(core, toHubRequest(request));
    if (answer !== undefined) respond(core, request, response, answer);
  } catch (error) {
    core.settings.onError(error, { operation: "respond" });
    response.destroy();
  }
}

function respond(
  core: HubCore,
  request: IncomingMessage,
  response: ServerResponse,
  answer: HubAnswer,
): void {
  if (answer.kind === "plain") {
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  } else if (response.destroyed) {
    answer.abandon();
  } else {
    stream(core, request, response, answer);
  }
}

function stream(
  core: HubCore,
  request: IncomingMessage,
  response: ServerResponse,
  answer: StreamAnswer,
): void {
  const { highWaterBytes } = core.settings;
  const socket = response.socket;
  if (socket === null || !mayUseSocket(request, response)) {
    response.writeHead(200, answer.headers);
    response.flushHeaders();
    answer.open(new ResponseSink(response));
    return;
  }
  // Header, greeting and the first page leave in one piece.
  socket.cork();
  response.writeHead(200, { ...answer.headers, "transfer-encoding": "chunked" });
  response.flushHeaders();
  answer.open(new SocketSink(response, socket, highWaterBytes));
  socket.uncork();
}

/**
 * Whether chunks may go straight to the socket: HTTP/1.1, the response owns the socket now, and
 * nobody has put a wrapper around its methods (compressing middleware does).
 */
function mayUseSocket(request: IncomingMessage, response: ServerResponse): boolean {
  return (
    request instanceof IncomingMessage &&
    request.httpVersion === "1.1" &&
    !Object.hasOwn(response, "write") &&
    !Object.hasOwn(response, "end")
  );
}

function toHubRequest(request: IncomingMessage): HubRequest {
  return {
    method: request.method ?? "GET",
    target: request.url ?? "/",
    header: (name) => {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
    readBody: (maxBytes) => readNodeBody(request, maxBytes),
  };
}

async function readNodeBody(request: IncomingMessage, maxBytes: number): Promise<BodyResult> {
  const parsed = bodyOf(request);
  if (parsed !== undefined) return parsedBody(parsed, maxBytes);
  if (Number(request.headers["content-length"]) > maxBytes) return { kind: "too-large" };
  return readBody(request, maxBytes);
}

/** The body as body-reading middleware before us left it; then there is nothing left to read. */
function bodyOf(request: IncomingMessage & { readonly body?: unknown }): unknown {
  return request.readableEnded ? request.body : undefined;
}

function parsedBody(body: unknown, maxBytes: number): BodyResult {
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  return bytes.length > maxBytes ? { kind: "too-large" } : decodeUtf8([bytes]);
}
