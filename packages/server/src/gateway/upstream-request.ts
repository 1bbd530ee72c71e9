// One request to a backend, as the client of a stream makes it: over node:http, with a socket of its own, so
// that it is known for certain what becomes of the backend's thread.

import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { Readable } from "node:stream";

/** Keep-alive probes of the socket begin after so long without a byte: peers that are gone are found. */
const PROBE_AFTER_MS = 10_000;

/** Longest head of an answer. */
const MAX_HEADER_BYTES = 64 * 1024;

/** A request. */
export interface UpstreamRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** An answer; its body has not been read. */
export interface UpstreamResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: Readable;
}

/** Asks. Redirects are not followed. Rejects where there is no answer. */
export function requestUpstream({
  url,
  headers,
  signal,
}: UpstreamRequest): Promise<UpstreamResponse> {
  const request = url.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method: "GET",
      headers: { ...headers, "accept-encoding": "identity" },
      agent: false,
      maxHeaderSize: MAX_HEADER_BYTES,
      signal,
    });
    outgoing.setSocketKeepAlive(true, PROBE_AFTER_MS);
    outgoing.setNoDelay(true);
    outgoing.once("response", (response) => resolve(toUpstreamResponse(response)));
    outgoing.on("error", reject);
    outgoing.end();
  });
}

function toUpstreamResponse(response: IncomingMessage): UpstreamResponse {
  // Whoever reads the body is told of its errors; one that nobody reads must not end the process.
  response.on("error", () => {});
  return {
    status: response.statusCode ?? 0,
    headers: {
      get: (name) => {
        const value = response.headers[name.toLowerCase()];
        return value === undefined ? null : String(value);
      },
    },
    body: response,
  };
}

/** Reads at most so many bytes of a body as text, and leaves the rest. */
export async function readText(body: Readable, mostBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      const piece = chunk as Buffer;
      chunks.push(piece.subarray(0, mostBytes - bytes));
      bytes += piece.length;
      if (bytes >= mostBytes) break;
    }
  } catch {
    // Cut short: what has come says more than nothing.
  } finally {
    body.destroy();
  }
  return Buffer.concat(chunks).toString("utf8");
}
