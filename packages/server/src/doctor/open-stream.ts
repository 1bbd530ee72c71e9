// Asks for a stream as a browser does: with redirects followed, and credentials shown to nobody else.

import { CURSOR_PARAMETER, EVENT_STREAM, LAST_EVENT_ID_HEADER } from "throughline/core";
import type { Answer, Line, Reply } from "./exchange.js";
import { openLine } from "./line.js";
import { maskLocation, maskUrl } from "./mask.js";
import { type Hop, type Opening, SHOWN_HEADERS } from "./observation.js";
import { lookAtPage } from "./page.js";

/** Who asks for what. */
export interface StreamRequest {
  readonly url: URL;
  /** What shows who asks: authorization, cookie. Sent to the origin of the address only. */
  readonly credentials: Readonly<Record<string, string>>;
  /** How long the headers of an answer may take. */
  readonly headersWithinMs: number;
}

/** A stream that was opened, or why not. */
export interface OpenedStream {
  readonly opening: Opening;
  /** Where the answer is a stream: it, its address, and when it was asked for. */
  readonly open:
    | { readonly answer: Answer; readonly url: URL; readonly beganMs: number }
    | undefined;
}

/** The Fetch standard has 20; what is not there after five is not coming. */
const MOST_REDIRECTS = 5;

/** How long a HEAD request may take, which says who is there when a GET is not answered. */
const HEAD_WITHIN_MS = 2000;

/** What browsers say, apart from who they are. */
const STREAM_HEADERS = {
  accept: EVENT_STREAM,
  "accept-encoding": "gzip, deflate, br",
  "cache-control": "no-cache",
};

/** How a cursor is shown. */
export type ShownCursor = { readonly cursor: string; readonly by: "header" | "query" } | undefined;

/** Opens a stream, over a connection of its own, or several after redirects. */
export async function openStream(
  request: StreamRequest,
  shown?: ShownCursor,
): Promise<OpenedStream> {
  const hops: Hop[] = [];
  let url = shown?.by === "query" ? withCursor(request.url, shown.cursor) : request.url;
  for (;;) {
    const opened = await openLine(url);
    if (opened.kind === "unreachable") return failed({ ...opened, url: maskUrl(url) });
    const { line } = opened;
    const own = { ...request, url, credentials: credentialsFor(url, request) };
    const beganMs = performance.now();
    const reply = await askForStream(line, own, shown);
    if (reply.kind !== "answer") {
      line.close();
      return failed(await explainSilence(reply, own, hops));
    }
    const { answer } = reply;
    const last = hopOf(answer, url, line);
    const next = redirectOf(answer, url);
    if (next !== undefined && hops.length < MOST_REDIRECTS) {
      hops.push(last);
      answer.close();
      line.close();
      url = next;
      continue;
    }
    if (isStream(answer)) {
      const close = () => {
        answer.close();
        line.close();
      };
      const opening: Opening = { kind: "answered", hops, last };
      return { opening, open: { answer: { ...answer, close }, url, beganMs } };
    }
    const page = await lookAtPage(answer, url);
    line.close();
    return failed({ kind: "answered", hops, last: { ...last, page } });
  }
}

/** Sends the request for a stream on a line. */
export function askForStream(
  line: Line,
  { url, credentials, headersWithinMs }: StreamRequest,
  shown?: ShownCursor,
): Promise<Reply> {
  const cursor =
    shown?.by === "header" ? { [LAST_EVENT_ID_HEADER]: headerText(shown.cursor) } : undefined;
  return line.request({
    method: "GET",
    url,
    headers: { ...STREAM_HEADERS, ...credentials, ...cursor },
    withinMs: headersWithinMs,
  });
}

/** Credentials go to the origin that the caller has named, and to no other. */
export function credentialsFor(
  url: URL,
  request: Pick<StreamRequest, "url" | "credentials">,
): StreamRequest["credentials"] {
  return url.origin === request.url.origin ? request.credentials : {};
}

function failed(opening: Opening): OpenedStream {
  return { opening, open: undefined };
}

async function explainSilence(
  reply: Exclude<Reply, { kind: "answer" }>,
  request: StreamRequest,
  hops: readonly Hop[],
): Promise<Opening> {
  const url = maskUrl(request.url);
  if (reply.kind === "broken") return { kind: "unreachable", code: reply.code, url };
  const { waitedMs } = reply;
  return { kind: "silent", url, waitedMs, hops, head: await askHead(request) };
}

/** Whether an answer is one that a reader takes for a stream. */
export function isStream({ status, headers }: Pick<Answer, "status" | "headers">): boolean {
  return status === 200 && /^text\/event-stream\s*(?:;|$)/i.test(headers["content-type"] ?? "");
}

/** The answer to a HEAD request, if there is one soon. */
async function askHead({ url, credentials }: StreamRequest): Promise<Hop | undefined> {
  const opened = await openLine(url);
  if (opened.kind === "unreachable") return undefined;
  const { line } = opened;
  const headers = { ...STREAM_HEADERS, ...credentials };
  const reply = await line.request({ method: "HEAD", url, headers, withinMs: HEAD_WITHIN_MS });
  const hop = reply.kind === "answer" ? hopOf(reply.answer, url, line) : undefined;
  line.close();
  return hop;
}

function hopOf({ httpVersion, status, headers, headersMs }: Answer, url: URL, line: Line): Hop {
  const shown = SHOWN_HEADERS.flatMap((name) => {
    const value = headers[name];
    if (value === undefined) return [];
    return [[name, name === "location" ? maskLocation(value, url) : value] as const];
  });
  return {
    url: maskUrl(url),
    httpVersion,
    status,
    headers: Object.fromEntries(shown),
    connectMs: line.connectMs,
    headersMs,
  };
}

function redirectOf({ status, headers }: Answer, url: URL): URL | undefined {
  const location = headers["location"];
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  if (!URL.canParse(location, url.href)) return undefined;
  const next = new URL(location, url);
  return /^https?:$/.test(next.protocol) ? next : undefined;
}

/** The address with a cursor in its query. */
function withCursor(url: URL, cursor: string): URL {
  const next = new URL(url);
  next.searchParams.set(CURSOR_PARAMETER, cursor);
  return next;
}

/** Browsers send ids as UTF-8; Node takes the bytes as characters. */
function headerText(cursor: string): string {
  return Buffer.from(cursor, "utf8").toString("latin1");
}
