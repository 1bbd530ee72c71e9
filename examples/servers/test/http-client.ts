// A client of HTTP/1.1 over TCP or TLS, and of HTTP/2: what was answered, as it comes.

import { request as requestHttp } from "node:http";
import { type ClientHttp2Session, connect } from "node:http2";
import { request as requestHttps } from "node:https";
import type { Readable } from "node:stream";
import { createParser, type ParsedEvent } from "throughline/core";

/** What is asked. */
export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What was answered. The body may still be coming. */
export class Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly events: ParsedEvent[] = [];
  text = "";
  /** How the body ended; `undefined` while it has not. */
  end: "whole" | "cut" | undefined;
  readonly #break: () => void;
  #wake: () => void = () => {};

  constructor(
    status: number,
    headers: Readonly<Record<string, unknown>>,
    body: { readonly stream: Readable; break(): void },
  ) {
    this.status = status;
    this.headers = headers;
    this.#break = () => body.break();
    const parser = createParser(
      { onEvent: (event) => this.events.push(event) },
      { decoder: new TextDecoder("utf-8", { ignoreBOM: true }) },
    );
    body.stream.on("data", (bytes: Buffer) => {
      this.text += bytes.toString("utf8");
      parser.push(bytes);
      this.#wake();
    });
    body.stream.on("end", () => this.#over("whole"));
    body.stream.on("error", () => this.#over("cut"));
    body.stream.on("close", () => this.#over("cut"));
  }

  /** The data of the application's events so far. */
  get data(): readonly string[] {
    return this.events
      .filter(({ type }) => !type.startsWith("throughline."))
      .map(({ data }) => data);
  }

  get lastId(): string {
    return this.events.findLast(({ id }) => id !== undefined)?.id ?? "";
  }

  /** Waits until something holds; fails when the body ends before. */
  async until(holds: (answer: Answer) => boolean): Promise<this> {
    while (!holds(this)) {
      if (this.end !== undefined) throw new Error(`${this.end} after ${JSON.stringify(this.text)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this;
  }

  async ended(): Promise<this> {
    return this.until(({ end }) => end !== undefined);
  }

  /** Breaks the connection, or the stream of HTTP/2. */
  break(): void {
    this.#break();
  }

  #over(end: "whole" | "cut"): void {
    this.end ??= end;
    this.#wake();
  }
}

/** Asks a server; resolves when the head of the answer has come. */
export type HttpClient = {
  ask(path: string, what?: Ask): Promise<Answer>;
  close(): void;
};

/** Each request over a connection of its own. */
export function createHttp1Client(origin: string): HttpClient {
  return {
    ask: (path, { method = "GET", headers = {}, body } = {}) =>
      new Promise((resolve, reject) => {
        const send = origin.startsWith("https:") ? requestHttps : requestHttp;
        const options = { method, headers, agent: false as const, rejectUnauthorized: false };
        const request = send(new URL(path, origin), options, (response) => {
          const { statusCode = 0, headers } = response;
          resolve(
            new Answer(statusCode, headers, { stream: response, break: () => request.destroy() }),
          );
        });
        request.on("error", reject);
        request.end(body);
      }),
    close: () => {},
  };
}

/** All requests over one connection. */
export function createHttp2Client(origin: string): HttpClient {
  let session: ClientHttp2Session | undefined;
  const connected = () => {
    if (session === undefined || session.closed || session.destroyed) {
      session = connect(origin, { rejectUnauthorized: false });
      // Requests that fail say it themselves.
      session.on("error", () => {});
    }
    return session;
  };
  return {
    ask: (path, { method = "GET", headers = {}, body } = {}) =>
      new Promise((resolve, reject) => {
        const stream = connected().request({ ":method": method, ":path": path, ...headers });
        stream.on("response", (answer) => {
          const { ":status": status = 0, ...rest } = answer;
          resolve(new Answer(status, rest, { stream, break: () => stream.destroy() }));
        });
        stream.on("error", reject);
        stream.end(body);
      }),
    close: () => session?.close(),
  };
}
