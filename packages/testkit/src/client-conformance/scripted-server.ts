// A server that does what a case tells it, request by request, down to the way in which it ends.

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

const LOOK_EVERY_MS = 2;

/** One request, and the way to answer it. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly atMs = performance.now();
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request;
    this.#response = response;
  }

  /** Whether the client is gone, or the answer is over. */
  get isClosed(): boolean {
    return this.#response.closed;
  }

  /** `Last-Event-ID` as bytes that UTF-8 was made of; `undefined` without one. */
  get lastEventId(): string | undefined {
    const value = this.request.headers["last-event-id"];
    return typeof value === "string" ? Buffer.from(value, "latin1").toString("utf8") : undefined;
  }

  /** Begins an event stream, with a first piece of it. */
  stream(piece: string | Uint8Array = "", headers: Readonly<Record<string, string>> = {}): this {
    this.#response.writeHead(200, { "content-type": "text/event-stream", ...headers });
    this.#response.flushHeaders();
    return piece.length === 0 ? this : this.write(piece);
  }

  write(piece: string | Uint8Array): this {
    this.#response.write(piece);
    return this;
  }

  /** Ends the answer in good order. */
  end(): void {
    this.#response.end();
  }

  /** Ends the connection in the middle of the answer: by a bare FIN, or by RST. */
  cut(by: "fin" | "reset"): void {
    const { socket } = this.request;
    if (by === "reset") socket.resetAndDestroy();
    else socket.end();
  }

  /** Gives a whole answer. */
  answer(status: number, headers: Readonly<Record<string, string>> = {}, body = ""): void {
    this.#response.writeHead(status, headers).end(body);
  }
}

/** A server for one case. */
export class ScriptedServer {
  readonly url: string;
  /** Every request so far. */
  readonly exchanges: Exchange[] = [];
  readonly #server: Server;
  #taken = 0;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/stream`;
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      this.exchanges.push(new Exchange(request, response));
    });
  }

  static async start(): Promise<ScriptedServer> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new ScriptedServer(server);
  }

  /** The next request that has not been handed out; `undefined` where none comes in time. */
  async next(withinMs: number): Promise<Exchange | undefined> {
    const dueMs = performance.now() + withinMs;
    while (this.exchanges.length <= this.#taken) {
      if (performance.now() > dueMs) return undefined;
      await wait(LOOK_EVERY_MS);
    }
    this.#taken += 1;
    return this.exchanges[this.#taken - 1];
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
