// Which header fields go on to the other side, and what is added for the backend (RFC 9110 §7.6).

import type {
  ClientRequest,
  IncomingHttpHeaders,
  IncomingMessage,
  OutgoingHttpHeaders,
} from "node:http";
import type { NodeRequest } from "../hub/index.js";

/** Fields that speak to the next hop alone. `trailer` is not among them: trailers are passed on. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

/** What a `Connection` header may name as it likes, without changing where a message ends or goes. */
const NEVER_NAMED: ReadonlySet<string> = new Set(["content-length", "host", "transfer-encoding"]);

/** Names that a `Connection` header adds to those that speak to the next hop alone. */
function namedByConnection(headers: IncomingHttpHeaders): readonly string[] {
  const names = (headers.connection ?? "").toLowerCase().split(",");
  return names.map((name) => name.trim()).filter((name) => name !== "" && !NEVER_NAMED.has(name));
}

/**
 * Makes the headers of a request that is about to leave those that the backend is to see. The body's
 * framing and `connection: close` are there already.
 */
export function prepareUpstreamHeaders(outgoing: ClientRequest, request: NodeRequest): void {
  for (const name of namedByConnection(request.headers)) {
    if (name !== "close" && name !== "upgrade") outgoing.removeHeader(name);
  }
  for (const name of HOP_BY_HOP) {
    if (name !== "connection" && name !== "transfer-encoding") outgoing.removeHeader(name);
  }
  // Trailers of requests are not passed on, so they are not announced either.
  outgoing.removeHeader("trailer");
  frameBody(outgoing, request);
  addForwarded(outgoing, request);
}

/**
 * HTTP/2 frames bodies by itself; to the backend one without a length has to go in chunks, also with
 * a method for which Node would write it without any framing.
 */
function frameBody(outgoing: ClientRequest, request: NodeRequest): void {
  if (!("stream" in request) || request.stream.endAfterHeaders) return;
  if (declaredLength(request) !== undefined) return;
  outgoing.removeHeader("content-length");
  outgoing.setHeader("transfer-encoding", "chunked");
}

/** The length as it was sent: the proxy library writes one of its own into `headers`. */
function declaredLength({ rawHeaders }: NodeRequest): string | undefined {
  const at = rawHeaders.findIndex(
    (name, index) => index % 2 === 0 && name.toLowerCase() === "content-length",
  );
  return at === -1 ? undefined : rawHeaders[at + 1];
}

/**
 * Appends this hop to `X-Forwarded-For`, `-Proto` and `-Host`. What came before is passed on, whoever
 * wrote it: a backend has to count from the right, as werkzeug's `ProxyFix` does.
 */
export function addForwarded(outgoing: ClientRequest, request: NodeRequest): void {
  const { headers, socket } = request;
  const isSecure = "encrypted" in socket && socket.encrypted === true;
  const host = headers.host ?? headers[":authority"];
  append(outgoing, "x-forwarded-for", headers["x-forwarded-for"], socket.remoteAddress);
  append(outgoing, "x-forwarded-proto", headers["x-forwarded-proto"], isSecure ? "https" : "http");
  append(outgoing, "x-forwarded-host", headers["x-forwarded-host"], host);
}

function append(
  outgoing: ClientRequest,
  name: string,
  before: string | readonly string[] | undefined,
  value: string | readonly string[] | undefined,
): void {
  const values = [before, value].flat().filter((part) => part !== undefined && part !== "");
  if (values.length > 0) outgoing.setHeader(name, values.join(", "));
}

/** The header of the backend's response as it goes on over HTTP/1: order, case and repetition kept. */
export function rawResponseHeaders(
  incoming: IncomingMessage,
  { maySendTrailers }: { readonly maySendTrailers: boolean },
): string[] {
  const dropped = droppedFields(incoming, maySendTrailers);
  const kept: string[] = [];
  for (let at = 0; at + 1 < incoming.rawHeaders.length; at += 2) {
    const [name = "", value = ""] = incoming.rawHeaders.slice(at, at + 2);
    if (!dropped.has(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
}

/** The same over HTTP/2, where a field that may come once has to come once. */
export function mergedResponseHeaders(incoming: IncomingMessage): OutgoingHttpHeaders {
  const dropped = droppedFields(incoming, true);
  const kept: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined && !dropped.has(name)) kept[name] = value;
  }
  return kept;
}

function droppedFields({ headers }: IncomingMessage, keepsTrailer: boolean): ReadonlySet<string> {
  const dropped = new Set([...HOP_BY_HOP, ...namedByConnection(headers)]);
  // Node refuses to announce trailers that the framing has no place for.
  if (!keepsTrailer) dropped.add("trailer");
  return dropped;
}
