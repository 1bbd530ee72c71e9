// The hub behind node:http and node:http2, and behind everything that hands out their requests and
// responses.

import { IncomingMessage, type ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { decodeUtf8, readStream } from "./body.js";
import type { HubCore } from "./core.js";
import type { BodyResult, HubAnswer, HubRequest, PlainAnswer, StreamAnswer } from "./exchange.js";
import { jsonText, MOST_LEVELS } from "./json-text.js";
import { isLean } from "./lean-server.js";
import type { BodyWatch } from "./limits/bodies.js";
import { type HeaderExtent, rawHeaderExtent } from "./limits/header-limit.js";
import { remoteAddress } from "./limits/remote-address.js";
import { breakOff, Http2Sink, ResponseSink, type SinkBounds, SocketSink } from "./node-sink.js";
import { route } from "./router.js";
import type { ServedStream } from "./served.js";

/** A request of `node:http`, or of `node:http2` through its compatibility interface. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;

/** The response to it. */
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** Answers one request of a Node server. Never rejects. */
export async function answerNode(
  core: HubCore,
  request: NodeRequest,
  response: NodeResponse,
  served?: ServedStream,
): Promise<void> {
  try {
    const answer = await route(core, new NodeHubRequest(core, request), served);
    if (answer === undefined) return;
    if (answer.kind === "plain") await core.turns.ended();
    respond(core, request, response, answer);
  } catch (error) {
    core.settings.onError(error, { operation: "respond" });
    breakOff(response);
  }
}

function respond(
  core: HubCore,
  request: NodeRequest,
  response: NodeResponse,
  answer: HubAnswer,
): void {
  if (answer.kind === "plain") {
    // One call for each kind: their overloads differ.
    if (isHttp2(response)) response.writeHead(answer.status, withoutConnection(answer.headers));
    else response.writeHead(answer.status, { ...answer.headers, ...lengthOf(answer.body) });
    response.end(answer.body);
  } else if (isGone(response)) {
    answer.abandon();
  } else if (isHttp2(response)) {
    streamHttp2(core, response, answer);
  } else {
    streamHttp1(core, request, response, answer);
  }
}

function streamHttp1(
  core: HubCore,
  request: NodeRequest,
  response: ServerResponse,
  answer: StreamAnswer,
): void {
  const socket = mayUseSocket(request, response) ? response.socket : null;
  // Header, greeting and the first page leave in one piece.
  socket?.cork();
  const isTaken =
    socket !== null && request instanceof IncomingMessage && answer.goesOn && isLean(response);
  const framing = socket === null ? undefined : { "transfer-encoding": "chunked" };
  // Who takes a connection out of node:http ends it with its answer.
  const ending = isTaken ? { connection: "close" } : undefined;
  beginAnswer(answer, () => {
    response.writeHead(200, { ...answer.headers, ...framing, ...ending });
    response.flushHeaders();
  });
  if (socket === null) {
    openResponse(core, request, response, answer);
    return;
  }
  const sink = new SocketSink(response, socket, boundsOf(core));
  answer.open(sink);
  socket.uncork();
  if (!isTaken) return;
  const take = () => sink.takeSocket(request);
  // Nothing that it may still say is of interest, but its end has to come. Taken then and not later, what
  // node:http has made for a crowd that comes at once is never there for all of them at once.
  if (request.readableEnded) core.environment.defer(take);
  else request.on("end", take).resume();
}

function streamHttp2(core: HubCore, response: Http2ServerResponse, answer: StreamAnswer): void {
  beginAnswer(answer, () => {
    response.writeHead(200, answer.headers);
  });
  const bounds = boundsOf(core);
  const isPlain = !isWrapped(response);
  answer.open(isPlain ? new Http2Sink(response, bounds) : new ResponseSink(response, bounds.meter));
}

function boundsOf({ settings, connections }: HubCore): SinkBounds {
  return { highWaterBytes: settings.highWaterBytes, meter: connections.meter };
}

/** Sends the head. Throws where somebody before us has begun to answer. */
function beginAnswer(answer: StreamAnswer, writeHead: () => void): void {
  try {
    writeHead();
  } catch (error) {
    answer.abandon();
    throw error;
  }
}

function openResponse(
  core: HubCore,
  request: NodeRequest,
  response: ServerResponse,
  answer: StreamAnswer,
): void {
  const sink = new ResponseSink(response, core.connections.meter);
  answer.open(sink);
  // A pipelined response that waits for its turn is not told when the connection breaks.
  if (response.socket === null) request.socket.once("close", () => sink.lose());
}

/**
 * Whether chunks may go straight to the socket, if the response has one: HTTP/1.1, and nobody has put
 * a wrapper around its methods (compressing middleware does).
 */
function mayUseSocket(request: NodeRequest, response: ServerResponse): boolean {
  return (
    request instanceof IncomingMessage && request.httpVersion === "1.1" && !isWrapped(response)
  );
}

function isWrapped(response: NodeResponse): boolean {
  return Object.hasOwn(response, "write") || Object.hasOwn(response, "end");
}

function isHttp2(response: NodeResponse): response is Http2ServerResponse {
  return "stream" in response;
}

/** Whether nobody can be answered any more. HTTP/2 responses do not say it of themselves. */
function isGone(response: NodeResponse): boolean {
  if (!isHttp2(response)) return response.destroyed;
  return response.stream.destroyed || response.stream.closed;
}

/** With a length head and body leave in one write; without one the body would be chunked. */
function lengthOf(body: string): Readonly<Record<string, number>> {
  return body === "" ? {} : { "content-length": Buffer.byteLength(body) };
}

/** What is about one HTTP/1.1 connection is forbidden in HTTP/2 (RFC 9113 §8.2.2). */
function withoutConnection(headers: PlainAnswer["headers"]): PlainAnswer["headers"] {
  const { connection: _, ...others } = headers;
  return others;
}

/** A class, because each request is one: closures would be made for each. */
class NodeHubRequest implements HubRequest {
  readonly raw: NodeRequest;
  readonly method: string;
  readonly target: string;
  readonly remoteAddress: string | undefined;
  heldBytes = 0;

  constructor({ settings }: HubCore, request: NodeRequest) {
    this.raw = request;
    this.method = request.method ?? "GET";
    this.target = request.url ?? "/";
    this.remoteAddress = remoteAddress(settings.proxyTrust, request.socket.remoteAddress, (name) =>
      this.header(name),
    );
  }

  header(name: string): string | undefined {
    const value = this.raw.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  headerExtent(): HeaderExtent {
    return rawHeaderExtent(this.raw.rawHeaders);
  }

  readBody(maxBytes: number, watch: BodyWatch | undefined): Promise<BodyResult> {
    return readNodeBody(this.raw, maxBytes, watch);
  }
}

async function readNodeBody(
  request: NodeRequest,
  maxBytes: number,
  watch: BodyWatch | undefined,
): Promise<BodyResult> {
  const parsed = bodyOf(request);
  if (parsed !== undefined) return parsedBody(parsed, maxBytes);
  if (Number(request.headers["content-length"]) > maxBytes) return { kind: "too-large" };
  return readStream(request, maxBytes, watch);
}

/** The body as body-reading middleware before us left it; then there is nothing left to read. */
function bodyOf(request: NodeRequest & { readonly body?: unknown }): unknown {
  return request.readableEnded ? request.body : undefined;
}

function parsedBody(body: unknown, maxBytes: number): BodyResult {
  // A batch and its events are around the data.
  const content = isContent(body) ? body : jsonText(body, MOST_LEVELS + 2);
  if (content === undefined) return { kind: "too-deep" };
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return bytes.length > maxBytes ? { kind: "too-large" } : decodeUtf8([bytes]);
}

function isContent(body: unknown): body is string | Buffer {
  return typeof body === "string" || Buffer.isBuffer(body);
}
