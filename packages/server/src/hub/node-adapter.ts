// The hub behind node:http, and behind everything that hands out its requests and responses.

import { IncomingMessage, type ServerResponse } from "node:http";
import { decodeUtf8, readBody } from "./body.js";
import type { HubCore } from "./core.js";
import type { BodyResult, HubAnswer, HubRequest, StreamAnswer } from "./exchange.js";
import type { BodyWatch } from "./limits/bodies.js";
import { rawHeaderExtent } from "./limits/header-limit.js";
import { QueueShare } from "./limits/queue-meter.js";
import { remoteAddress } from "./limits/remote-address.js";
import { ResponseSink, SocketSink } from "./node-sink.js";
import { route } from "./router.js";

/** Answers one request of a Node server. Never rejects. */
export async function answerNode(
  core: HubCore,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const answer = await route(core, toHubRequest(core, request));
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
  const socket = mayUseSocket(request, response) ? response.socket : null;
  // Header, greeting and the first page leave in one piece.
  socket?.cork();
  try {
    const framing = socket === null ? undefined : { "transfer-encoding": "chunked" };
    response.writeHead(200, { ...answer.headers, ...framing });
    response.flushHeaders();
  } catch (error) {
    // Somebody before us has begun to answer.
    answer.abandon();
    throw error;
  }
  if (socket === null) {
    openResponse(core, request, response, answer);
    return;
  }
  const { highWaterBytes } = core.settings;
  const share = new QueueShare(core.connections.meter);
  answer.open(new SocketSink(response, socket, { highWaterBytes, share }));
  socket.uncork();
}

function openResponse(
  core: HubCore,
  request: IncomingMessage,
  response: ServerResponse,
  answer: StreamAnswer,
): void {
  const sink = new ResponseSink(response, new QueueShare(core.connections.meter));
  answer.open(sink);
  // A pipelined response that waits for its turn is not told when the connection breaks.
  if (response.socket === null) request.socket.once("close", () => sink.lose());
}

/**
 * Whether chunks may go straight to the socket, if the response has one: HTTP/1.1, and nobody has put
 * a wrapper around its methods (compressing middleware does).
 */
function mayUseSocket(request: IncomingMessage, response: ServerResponse): boolean {
  return (
    request instanceof IncomingMessage &&
    request.httpVersion === "1.1" &&
    !Object.hasOwn(response, "write") &&
    !Object.hasOwn(response, "end")
  );
}

function toHubRequest({ settings }: HubCore, request: IncomingMessage): HubRequest {
  const header = (name: string) => {
    const value = request.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  };
  return {
    method: request.method ?? "GET",
    target: request.url ?? "/",
    remoteAddress: remoteAddress(settings.proxyTrust, request.socket.remoteAddress, header),
    header,
    headerExtent: () => rawHeaderExtent(request.rawHeaders),
    readBody: (maxBytes, watch) => readNodeBody(request, maxBytes, watch),
  };
}

async function readNodeBody(
  request: IncomingMessage,
  maxBytes: number,
  watch: BodyWatch | undefined,
): Promise<BodyResult> {
  const parsed = bodyOf(request);
  if (parsed !== undefined) return parsedBody(parsed, maxBytes);
  if (Number(request.headers["content-length"]) > maxBytes) return { kind: "too-large" };
  return readBody(request, maxBytes, watch);
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
