// A backend of one stream, as a test wants it to be.

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A request that came for the stream. */
export interface Asked {
  readonly url: URL;
  readonly headers: IncomingMessage["headers"];
}

/** A backend on a port of its own. */
export class FakeBackend {
  /** Requests for `/feed`, in order. */
  readonly asked: Asked[] = [];
  /** Streams that are open. */
  readonly open = new Set<ServerResponse>();
  /** What a stream begins with. */
  greeting: readonly unknown[] = [{ type: "connection" }];
  /** What is answered in place of a stream; `undefined`: a stream. */
  instead: Handler | undefined;
  /** Users by session; anybody else is nobody. */
  readonly sessions = new Map<string, string>([
    ["s1", "anna"],
    ["s2", "bela"],
  ]);
  /** Whether the stream is refused to nobodies, and not only the page that says who they are. */
  isGuarded = false;
  checks = 0;
  port = 0;
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();

  async start(): Promise<this> {
    const server = createServer((request, response) => this.#handle(request, response));
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    server.listen(this.port, "127.0.0.1");
    await once(server, "listening");
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
    return this;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Sends payloads on every stream that is open, in one piece. */
  send(...payloads: readonly unknown[]): void {
    const text = payloads.map(toBlock).join("");
    for (const response of this.open) response.write(text);
  }

  /** Ends every stream in good order. */
  end(): void {
    for (const response of this.open) response.end();
  }

  /** Resets every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Is gone, with all its connections. {@link start} brings it back on the same port. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = once(server, "close");
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", this.origin);
    const user = this.sessions.get(/session=(\w+)/.exec(request.headers.cookie ?? "")?.[1] ?? "");
    if (url.pathname === "/status") {
      this.checks += 1;
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ authenticated: user !== undefined, user: user ?? null }));
      return;
    }
    if (url.pathname !== "/feed") {
      response.writeHead(200, { "content-type": "text/plain" });
      response.end(`${request.method} ${request.url}`);
      return;
    }
    this.asked.push({ url, headers: request.headers });
    if (this.instead !== undefined) {
      this.instead(request, response);
      return;
    }
    if (this.isGuarded && user === undefined) {
      response.writeHead(401);
      response.end();
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
    response.flushHeaders();
    this.open.add(response);
    response.once("close", () => this.open.delete(response));
    for (const payload of this.greeting) response.write(toBlock(payload));
  }
}

/** As Flask writes it: one line of data. */
function toBlock(payload: unknown): string {
  return `data: ${typeof payload === "string" ? payload : JSON.stringify(payload)}\n\n`;
}
