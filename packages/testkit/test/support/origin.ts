// Servers to stand behind the proxy: one that speaks HTTP, and one that sends whatever it is told.

import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface Origin {
  readonly address: { readonly host: string; readonly port: number };
  /** Targets of the requests so far, in order. */
  readonly targets: readonly string[];
  /** Connections accepted so far. */
  readonly accepted: readonly Socket[];
  /** The response to the next request for `/stream` that has not been handed out yet. */
  stream(): Promise<ServerResponse>;
}

/**
 * Answers `/stream` with an event stream that the test writes, `/reply` with `ok` and a length, and
 * other targets with 404.
 */
export async function startOrigin(): Promise<Origin> {
  const targets: string[] = [];
  const accepted: Socket[] = [];
  const streams = createHandover<ServerResponse>();
  const server = createServer((request, response) => {
    const target = request.url ?? "";
    targets.push(target);
    request.resume();
    if (target.startsWith("/stream")) {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      response.flushHeaders();
      streams.give(response);
    } else if (target === "/reply") {
      response.writeHead(200, { "Content-Length": 2 }).end("ok");
    } else {
      response.writeHead(404, { "Content-Length": 0 }).end();
    }
  });
  server.on("connection", (socket: Socket) => accepted.push(socket));
  await listenForTest(server);
  onTestFinished(() => server.closeAllConnections());
  return { address: addressOf(server), targets, accepted, stream: streams.take };
}

export interface TcpOrigin {
  readonly address: { readonly host: string; readonly port: number };
  /** The next connection that has not been handed out yet. */
  connection(): Promise<Socket>;
  /** Connections accepted so far. */
  readonly accepted: readonly Socket[];
}

/** Accepts connections and leaves everything else to the test. */
export async function startTcpOrigin(): Promise<TcpOrigin> {
  const accepted: Socket[] = [];
  const connections = createHandover<Socket>();
  const server = createTcpServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    accepted.push(socket);
    // What happens to the connection is for the test to say; an error alone must not end the run.
    socket.on("error", () => {});
    connections.give(socket);
  });
  await listenForTest(server);
  onTestFinished(() => {
    for (const socket of accepted) socket.destroy();
  });
  return { address: addressOf(server), accepted, connection: connections.take };
}

interface ListeningServer {
  listen(port: number, host: string, onListening: () => void): unknown;
  close(): unknown;
  address(): AddressInfo | string | null;
}

async function listenForTest(server: ListeningServer): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
  });
}

function addressOf(server: ListeningServer): { host: string; port: number } {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return { host: "127.0.0.1", port: address.port };
}

/** Hands items over in order to whoever asks, before or after they are there. */
function createHandover<Item>(): { give(item: Item): void; take(): Promise<Item> } {
  const items: Item[] = [];
  const takers: ((item: Item) => void)[] = [];
  return {
    give(item) {
      const taker = takers.shift();
      if (taker === undefined) items.push(item);
      else taker(item);
    },
    async take() {
      const item = items.shift();
      if (item !== undefined) return item;
      return await new Promise<Item>((resolve) => takers.push(resolve));
    },
  };
}
