// The hub as a handler of web-standard requests.

import { readBody } from "./body.js";
import type { HubCore } from "./core.js";
import type { BodyResult, HubRequest } from "./exchange.js";
import type { BodyWatch } from "./limits/bodies.js";
import { rawHeaderExtent } from "./limits/header-limit.js";
import { QueueShare } from "./limits/queue-meter.js";
import { remoteAddress } from "./limits/remote-address.js";
import { route } from "./router.js";
import { WebSink } from "./web-sink.js";

/** What a framework knows about a request beside the request itself. */
export interface FetchContext {
  /**
   * The address of the other end of the connection. Web-standard requests do not say it: without it
   * nothing is counted by address.
   */
  readonly remoteAddress?: string | undefined;
}

/** Answers one web-standard request. Never rejects. */
export async function answerWeb(
  core: HubCore,
  request: Request,
  context?: FetchContext,
): Promise<Response> {
  const answer = await route(core, toHubRequest(core, request, context));
  if (answer === undefined) return new Response(null, { status: 499 });
  if (answer.kind === "plain") {
    const { status, headers, body } = answer;
    const isBodiless = status === 204 || request.method === "HEAD";
    return new Response(isBodiless ? null : body, { status, headers });
  }
  if (request.signal.aborted) {
    answer.abandon();
    return new Response(null, { status: 499 });
  }
  const share = new QueueShare(core.connections.meter);
  const sink = new WebSink(core.settings.highWaterBytes, share);
  answer.open(sink);
  request.signal.addEventListener("abort", () => sink.abort(), { once: true });
  return new Response(sink.body, { status: 200, headers: answer.headers });
}

function toHubRequest(
  { settings }: HubCore,
  request: Request,
  context: FetchContext | undefined,
): HubRequest {
  const { pathname, search } = new URL(request.url);
  const header = (name: string) => request.headers.get(name) ?? undefined;
  const peer = context?.remoteAddress;
  return {
    method: request.method,
    target: pathname + search,
    raw: request,
    // Frameworks put what they like into the second argument of a handler.
    remoteAddress: remoteAddress(
      settings.proxyTrust,
      typeof peer === "string" ? peer : undefined,
      header,
    ),
    header,
    headerExtent: () => rawHeaderExtent([...request.headers].flat()),
    readBody: (maxBytes, watch) => readWebBody(request, maxBytes, watch),
  };
}

async function readWebBody(
  { headers, body }: Request,
  maxBytes: number,
  watch: BodyWatch | undefined,
): Promise<BodyResult> {
  if (Number(headers.get("content-length")) > maxBytes) return { kind: "too-large" };
  if (body === null) return { kind: "text", text: "" };
  return readBody(chunksOf(body, watch?.signal), maxBytes, watch);
}

/** The chunks of a body. Cancels it when they are not wanted any more, also while none comes. */
async function* chunksOf(
  body: NonNullable<Request["body"]>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  // A body that fails to be cancelled has failed: there is nothing to be done about it.
  const cancel = () => void reader.cancel().catch(() => {});
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    cancel();
  }
}
