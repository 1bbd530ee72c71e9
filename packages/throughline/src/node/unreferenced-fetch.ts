// A fetch whose sockets do not keep the process running; as much of it as a source needs.

import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { Readable } from "node:stream";
import type { FetchInit, FetchResponse } from "../client/index.js";

/** As many as the fetch standard allows (§4.4, HTTP-redirect fetch). */
const MAX_REDIRECTS = 20;

/** What another origin must not learn from a redirect (fetch standard, §4.4, and what browsers add). */
const CREDENTIALS = new Set(["authorization", "cookie", "proxy-authorization"]);

/** Sends a request and follows redirects. Rejects when there is no answer, or the signal aborts. */
export async function fetchUnreferenced(url: string, init: FetchInit): Promise<FetchResponse> {
  let wanted = { url, init };
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await send(wanted.url, wanted.init);
    const next = redirected(wanted, response);
    if (next === undefined) return toResponse(wanted.url, response);
    response.destroy();
    wanted = next;
  }
  throw new TypeError(`More than ${MAX_REDIRECTS} redirects, beginning at ${url}.`);
}

interface Wanted {
  readonly url: string;
  readonly init: FetchInit;
}

function send(url: string, { method, headers, body, signal }: FetchInit): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = url.startsWith("https:") ? requestHttps : requestHttp;
    // Without an agent: a stream has its connection for itself.
    const sent = request(url, { method, headers, signal, agent: false });
    sent.on("socket", (socket) => socket.unref());
    sent.on("response", resolve);
    // Also after the response, where the body tells of it: an error without a listener is fatal.
    sent.on("error", reject);
    sent.end(body);
  });
}

/** The request that a redirect asks for; `undefined` where the response is none. */
function redirected({ url, init }: Wanted, response: IncomingMessage): Wanted | undefined {
  const { statusCode = 0 } = response;
  const { location } = response.headers;
  if (![301, 302, 303, 307, 308].includes(statusCode) || location === undefined) return undefined;
  const target = new URL(location, url);
  const isElsewhere = target.origin !== new URL(url).origin;
  const kept = Object.entries(init.headers).filter(
    ([name]) => !isElsewhere || !CREDENTIALS.has(name.toLowerCase()),
  );
  const next: FetchInit = { ...init, headers: Object.fromEntries(kept) };
  if (statusCode >= 307 || init.method === "GET") return { url: target.href, init: next };
  const { body: _body, ...withoutBody } = next;
  return { url: target.href, init: { ...withoutBody, method: "GET" } };
}

function toResponse(url: string, response: IncomingMessage): FetchResponse {
  return {
    status: response.statusCode ?? 0,
    url,
    headers: {
      get: (name) => {
        const value = response.headers[name.toLowerCase()];
        return Array.isArray(value) ? value.join(", ") : (value ?? null);
      },
    },
    body: Readable.toWeb(response) as ReadableStream<Uint8Array>,
  };
}
