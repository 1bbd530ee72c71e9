// The hub as a handler of web-standard requests.

import { readBody } from "./body.js";
import type { HubCore } from "./core.js";
import type { BodyResult, HubRequest } from "./exchange.js";
import { route } from "./router.js";
import { WebSink } from "./web-sink.js";

/** Answers one web-standard request. Never rejects. */
export async function answerWeb(core: HubCore, request: Request): Promise<Response> {
  const answer = await route(core, toHubRequest(request));
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
  const sink = new WebSink(core.settings.highWaterBytes);
  answer.open(sink);
  request.signal.addEventListener("abort", () => sink.abort(), { once: true });
  return new Response(sink.body, { status: 200, headers: answer.headers });
}

function toHubRequest(request: Request): HubRequest {
  const { pathname, search } = new URL(request.url);
  return {
    method: request.method,
    target: pathname + search,
    header: (name) => request.headers.get(name) ?? undefined,
    raw: request,
    readBody: (maxBytes) => readWebBody(request, maxBytes),
  };
}

async function readWebBody({ headers, body }: Request, maxBytes: number): Promise<BodyResult> {
  if (Number(headers.get("content-length")) > maxBytes) return { kind: "too-large" };
  return body === null ? { kind: "text", text: "" } : readBody(body, maxBytes);
}
