// A connection of WebDriver BiDi (W3C): commands as JSON over a WebSocket, answers by their id.

import { once } from "node:events";
import { WebSocket } from "ws";

interface Waiting {
  readonly method: string;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

interface Answer {
  readonly id?: number | null;
  readonly type: "success" | "error" | "event";
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: string;
  readonly message?: string;
}

/** Commands may be under way at the same time. */
export class BidiConnection {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(event: string, params: unknown) => void>();
  #commands = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => this.#receive(JSON.parse(String(data)) as Answer));
    socket.on("close", () => {
      for (const { method, reject } of this.#waiting.values()) {
        reject(new Error(`${method}: the browser has gone`));
      }
      this.#waiting.clear();
    });
  }

  static async open(url: string): Promise<BidiConnection> {
    const socket = new WebSocket(url);
    await once(socket, "open");
    return new BidiConnection(socket);
  }

  /** Sends a command; rejects with what the browser says against it. */
  send<R>(method: string, params: object): Promise<R> {
    this.#commands += 1;
    const id = this.#commands;
    return new Promise<R>((resolve, reject) => {
      this.#waiting.set(id, { method, resolve: resolve as (result: unknown) => void, reject });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  /** Tells of everything that the session is subscribed to. */
  onEvent(listener: (event: string, params: unknown) => void): void {
    this.#listeners.add(listener);
  }

  close(): void {
    this.#socket.terminate();
  }

  #receive({ id, type, method, params, result, error, message }: Answer): void {
    if (type === "event" && method !== undefined) {
      for (const listener of this.#listeners) listener(method, params);
      return;
    }
    const waiting = typeof id === "number" ? this.#waiting.get(id) : undefined;
    if (waiting === undefined || typeof id !== "number") return;
    this.#waiting.delete(id);
    if (type === "success") waiting.resolve(result);
    else waiting.reject(new Error(`${waiting.method}: ${error} (${message})`));
  }
}
