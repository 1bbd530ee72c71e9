// What the client of a stream takes for `fetch`: asks the backend in the backend's own way, and understands
// its answers.

import type { FetchLike, FetchResponse } from "throughline";
import { createParser, EVENT_STREAM } from "throughline/core";
import { fits } from "./match.js";
import type { RefusalRule } from "./route.js";
import { readText, requestUpstream, type UpstreamResponse } from "./upstream-request.js";

/** A refusal of the backend, to be passed on to a reader who waits for it. */
export interface UpstreamAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  /** As much of it as may be passed on. */
  readonly body: string;
}

/** What a backend is asked for. */
export interface UpstreamQuestion {
  readonly url: URL;
  /** Whether it is told where to go on. */
  readonly isResuming: boolean;
}

/** What the data of an opening mark says where the backend was told where to go on. */
export const RESUMED = "resumed";

/** What a request needs to know of its stream. */
export interface UpstreamFetchOptions {
  /** What to ask for now. */
  ask(): UpstreamQuestion;
  readonly refusals: readonly RefusalRule[];
  /** The event type of the block that stands before each response, so that it is seen in order. */
  readonly openMark: string;
  /** Whether the same reader can be shown with other credentials. */
  readonly hasOtherCredentials: () => boolean;
  /** A request leaves. */
  onBegun(): void;
  /** The backend has refused. */
  onRefused(answer: UpstreamAnswer): void;
  /** The exchange is over: by the backend, or by us, which it will notice when it writes next. */
  onOver(by: "backend" | "us"): void;
}

/** Most of a refusal that is passed on. */
const MOST_REFUSAL_BYTES = 64 * 1024;

/** Redirects that are followed: a slash too many or too few. */
const MOST_REDIRECTS = 3;

/** Redirects that say where the same thing is. Others lead elsewhere, which is a login page. */
const MOVED = [301, 307, 308];

/** Makes the `fetch` of one stream. */
export function createUpstreamFetch(options: UpstreamFetchOptions): FetchLike {
  return async (_url, { headers, signal }) => {
    let isOver = false;
    const finish = () => {
      if (isOver) return;
      isOver = true;
      options.onOver(signal.aborted ? "us" : "backend");
    };
    options.onBegun();
    // Not only by the body: one that the backend has ended, and that nobody reads to its end, is never closed.
    signal.addEventListener("abort", finish, { once: true });
    try {
      const question = options.ask();
      const response = await follow(question.url, headers, signal);
      response.body.once("close", finish);
      return await understand(options, question, response);
    } catch (error) {
      finish();
      throw error;
    }
  };
}

async function follow(
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<UpstreamResponse> {
  let response = await requestUpstream({ url, headers, signal });
  for (let hops = 0; hops < MOST_REDIRECTS && MOVED.includes(response.status); hops += 1) {
    const target = toLocation(response, url);
    if (target === undefined || target.origin !== url.origin) break;
    response.body.destroy();
    response = await requestUpstream({ url: target, headers, signal });
  }
  return response;
}

function toLocation({ headers }: UpstreamResponse, base: URL): URL | undefined {
  const location = headers.get("location") ?? "";
  return URL.canParse(location, base.href) ? new URL(location, base) : undefined;
}

async function understand(
  options: UpstreamFetchOptions,
  { url, isResuming }: UpstreamQuestion,
  response: UpstreamResponse,
): Promise<FetchResponse> {
  const { headers, body } = response;
  const contentType = headers.get("content-type") ?? "";
  const status = isDenial(response.status) ? 401 : response.status;
  const refuse = (answer: UpstreamAnswer): FetchResponse => {
    options.onRefused(answer);
    // A 401 would have the client ask for other credentials: only where there are some.
    const isFinal = answer.status === 401 && !options.hasOtherCredentials();
    return { status: isFinal ? 403 : answer.status, url: url.href, headers, body: null };
  };
  const isStream = status === 200 && contentType.toLowerCase().startsWith(EVENT_STREAM);
  if (!isStream) {
    const text = await readText(body, MOST_REFUSAL_BYTES);
    const retryAfter = headers.get("retry-after") ?? undefined;
    return refuse({ status, contentType, retryAfter, body: text });
  }
  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity") {
    body.destroy();
    // Not 502, which says that nobody is there: its readers would wait for ever.
    const text = `The backend compresses its stream (${encoding}) although it was asked not to.`;
    return refuse({ status: 501, contentType: "text/plain", retryAfter: undefined, body: text });
  }
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const head = await readHead(chunks, options.refusals);
  if (head.refusal !== undefined) {
    body.destroy();
    return refuse(head.refusal);
  }
  const mark = Buffer.from(`event: ${options.openMark}\ndata: ${isResuming ? RESUMED : ""}\n\n`);
  const stream = ReadableStream.from(joined([mark, ...head.chunks], chunks));
  return { status, url: url.href, headers, body: stream as ReadableStream<Uint8Array> };
}

/** Whoever is led elsewhere is not logged in, and clients understand no other word for it. */
function isDenial(status: number): boolean {
  return (status >= 300 && status < 400) || status === 401 || status === 403;
}

async function* joined(
  first: readonly Buffer[],
  rest: AsyncIterator<Buffer>,
): AsyncGenerator<Uint8Array> {
  yield* first;
  for (;;) {
    const { done, value } = await rest.next();
    if (done === true) return;
    yield value;
  }
}

/** The beginning of a body, as far as it has to be known before anybody is answered. */
interface Head {
  readonly chunks: readonly Buffer[];
  readonly refusal?: UpstreamAnswer | undefined;
}

/** Reads up to the first event, where that may be a refusal. */
async function readHead(
  chunks: AsyncIterator<Buffer>,
  refusals: readonly RefusalRule[],
): Promise<Head> {
  const read: Buffer[] = [];
  if (refusals.length === 0) return { chunks: read };
  let first: string | undefined;
  const parser = createParser(
    {
      onEvent: ({ data }) => {
        first ??= data;
      },
    },
    { decoder: new TextDecoder("utf-8", { ignoreBOM: true }) },
  );
  while (first === undefined) {
    const { done, value } = await chunks.next();
    if (done === true) break;
    read.push(value);
    parser.push(value);
  }
  const refusal = first === undefined ? undefined : findRefusal(refusals, first);
  return { chunks: read, refusal };
}

function findRefusal(refusals: readonly RefusalRule[], data: string): UpstreamAnswer | undefined {
  const payload = parseJson(data);
  const rule = refusals.find(({ match }) => fits(payload, match));
  if (rule === undefined) return undefined;
  const { status } = rule;
  return { status, contentType: "application/json", retryAfter: undefined, body: data };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not JSON: no rule is meant for it.
    return undefined;
  }
}
