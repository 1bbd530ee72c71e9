// A server that answers request after request as it is told: for what no proper server would do.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export interface ScriptedServer {
  readonly url: string;
  readonly requests: readonly { readonly atMs: number; readonly lastEventId: string | undefined }[];
  close(): Promise<void>;
}

/** Starts it. When the script is over, its last answer is given again and again. */
export async function startScripted(...script: readonly Answer[]): Promise<ScriptedServer> {
  const requests: { atMs: number; lastEventId: string | undefined }[] = [];
  const server = createServer((request, response) => {
    const answer = script[Math.min(requests.length, script.length - 1)];
    const lastEventId = request.headers["last-event-id"];
    requests.push({ atMs: performance.now(), lastEventId: lastEventId?.toString() });
    answer?.(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** An event stream with this text, which then stays open. */
export function stream(text: string | Buffer, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream", ...headers });
    response.write(text);
  };
}

/** The same, which then ends in good order. */
export function ending(text: string | Buffer): Answer {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(text);
  };
}

/** The same, which is then reset. */
export function breaking(text: string): Answer {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(text, () => setTimeout(() => response.socket?.resetAndDestroy(), 20));
  };
}

/** A status and nothing else. */
export function status(code: number, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(code, { "content-type": "text/plain", ...headers });
    response.end("no");
  };
}
