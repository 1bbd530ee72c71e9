// Reads one response of a server under test as it comes, and takes down everything.

import { once } from "node:events";
import { get, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { createParser, type ParsedEvent } from "throughline/core";

/** What is asked for beside the address. */
export interface ReadRequest {
  readonly lastEventId?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const LOOK_EVERY_MS = 2;

/** How long the head of an answer may take: a server that is well answers before its first event. */
const HEAD_WITHIN_MS = 5000;

/** One response, being read. */
export class StreamReader {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Every event, those of the protocol included. */
  readonly events: ParsedEvent[] = [];
  readonly retriesMs: number[] = [];
  /** When each piece came, on the clock of `performance.now()`. */
  readonly piecesMs: number[] = [];
  /** Everything that came, as text. */
  text = "";
  /** How it has ended; `undefined` while it goes on. */
  end: "whole" | "broken" | undefined;
  readonly #response: IncomingMessage;

  private constructor(response: IncomingMessage) {
    this.#response = response;
    this.status = response.statusCode ?? 0;
    this.headers = response.headers;
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    const parser = createParser({
      onEvent: (event) => this.events.push(event),
      onRetry: (ms) => this.retriesMs.push(ms),
    });
    response.on("data", (bytes: Uint8Array) => {
      this.piecesMs.push(performance.now());
      const text = decoder.decode(bytes, { stream: true });
      this.text += text;
      parser.push(text);
    });
    response.on("end", () => {
      this.end ??= "whole";
    });
    response.on("error", () => {
      this.end ??= "broken";
    });
    response.on("close", () => {
      this.end ??= "broken";
    });
  }

  /** Asks, and resolves with the head of the answer. */
  static async open(
    url: string,
    { lastEventId, headers }: ReadRequest = {},
  ): Promise<StreamReader> {
    const request = get(url, {
      agent: false,
      headers: {
        accept: "text/event-stream",
        ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }),
        ...headers,
      },
      signal: AbortSignal.timeout(60_000),
    });
    request.setTimeout(HEAD_WITHIN_MS, () => {
      request.destroy(new Error(`No head of an answer came within ${HEAD_WITHIN_MS} ms.`));
    });
    const [response] = (await once(request, "response")) as [IncomingMessage];
    request.setTimeout(0);
    return new StreamReader(response);
  }

  /** The last id that it was given; empty for none. */
  get lastEventId(): string {
    return this.events.at(-1)?.lastEventId ?? "";
  }

  /** The first event of a type. */
  find(type: string): ParsedEvent | undefined {
    return this.events.find((event) => event.type === type);
  }

  /** Resolves with whether it became true in time. */
  async becomes(isTrue: () => boolean, withinMs: number): Promise<boolean> {
    const dueMs = performance.now() + withinMs;
    while (!isTrue()) {
      if (performance.now() > dueMs) return false;
      await wait(LOOK_EVERY_MS);
    }
    return true;
  }

  /** Leaves as a network does that breaks: without a word. */
  drop(): void {
    this.#response.socket.resetAndDestroy();
  }

  close(): void {
    this.#response.destroy();
  }
}
