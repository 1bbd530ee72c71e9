// Servers that do with event streams what they should not, one trouble each.

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface BrokenServer {
  readonly port: number;
  /** The address of a stream. */
  readonly url: URL;
  stop(): Promise<void>;
}

/** Serves one answer for everything. */
export async function startBrokenServer(answer: Answer): Promise<BrokenServer> {
  const server = createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: new URL(`http://127.0.0.1:${port}/stream`),
    stop: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Begins an event stream. */
export function beginStream(
  response: ServerResponse,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(200, {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    ...headers,
  });
  response.flushHeaders();
}

/** Calls back every so many milliseconds as long as the response is open. */
export function every(response: ServerResponse, ms: number, write: (turn: number) => void): void {
  let turn = 0;
  const timer = setInterval(() => write(++turn), ms);
  response.on("close", () => clearInterval(timer));
}
