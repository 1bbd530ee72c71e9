import type { IncomingMessage, ServerResponse } from "node:http";

/** One request to the test server with its answer, and the small steps that endpoints are made of. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
}

/** Answers one request. What it needs to remember from request to request is in its closure. */
export type Endpoint = (exchange: Exchange) => void;

/** What an answer consists of; everything but the body has the default of a healthy event stream. */
export interface Answer {
  readonly status?: number | undefined;
  readonly mime?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body: string;
}

/**
 * Sends a complete answer with a `Content-Length`, as most servers of finite streams do. CORS headers
 * that were put on the response before stay on it.
 */
export function answer(
  { response }: Exchange,
  { status = 200, mime, headers, body }: Answer,
): void {
  const bytes = Buffer.from(body, "utf8");
  // 204 and 205 carry no body, and Node refuses to send one with them.
  const hasBody = status !== 204 && status !== 205;
  response.writeHead(status, {
    "Content-Type": mime ?? "text/event-stream",
    ...(hasBody ? { "Content-Length": bytes.length } : {}),
    ...headers,
  });
  response.end(hasBody ? bytes : undefined);
}

/** A request header as the text that was meant: header bytes are UTF-8, Node reads them as Latin-1. */
export function headerText({ request }: Exchange, name: string): string {
  const value = request.headers[name];
  const text = Array.isArray(value) ? value.join(", ") : (value ?? "");
  return Buffer.from(text, "latin1").toString("utf8");
}

/** The value of a request cookie, or `undefined` where there is none of that name. */
export function cookie(exchange: Exchange, name: string): string | undefined {
  for (const pair of headerText(exchange, "cookie").split(/;\s*/)) {
    const [key, value] = pair.split("=", 2);
    if (key === name) {
      return value;
    }
  }
  return undefined;
}

/** The `Set-Cookie` value that sets a cookie for the whole host, or removes it when `value` is absent. */
export function setCookie(name: string, value?: string | undefined): string {
  return `${name}=${value ?? ""}; Path=/; HttpOnly${value === undefined ? "; Max-Age=0" : ""}`;
}
