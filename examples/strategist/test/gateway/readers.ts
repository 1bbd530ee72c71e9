// Readers of the feed: the drop-in, and one that does what a browser's own EventSource does. What they have
// seen is held against the rows that were written.

import { type IncomingMessage, request } from "node:http";
import { EventSource, type GapNotice } from "throughline";
import { createParser } from "throughline/core";
import { expect, vi } from "vitest";

/** A payload of the feed, as far as tests look into it. */
export interface FeedPayload {
  readonly type?: string;
  readonly data?: { readonly id?: unknown; readonly items?: readonly { readonly id: unknown }[] };
}

/** What browsers wait where no `retry:` has come. */
const BROWSER_RETRY_MS = 3000;

/** What a reader has seen. */
class FeedLedger {
  readonly payloads: FeedPayload[] = [];
  /** When each row came, by kind and id. */
  readonly arrivals = new Map<string, number>();
  readonly repeated: string[] = [];

  get rows(): string[] {
    return [...this.arrivals.keys()];
  }

  async sees(...rows: readonly string[]): Promise<void> {
    await eventually(() => expect(this.rows).toEqual(expect.arrayContaining([...rows])));
  }

  protected take(data: string): void {
    const payload = JSON.parse(data) as FeedPayload;
    this.payloads.push(payload);
    for (const key of rowsOf(payload)) {
      if (this.arrivals.has(key)) this.repeated.push(key);
      this.arrivals.set(key, Date.now());
    }
  }
}

/** The drop-in. */
export class FeedReader extends FeedLedger {
  readonly source: EventSource;
  readonly gaps: GapNotice[] = [];

  constructor(url: string, cookie: string) {
    super();
    this.source = new EventSource(url, {
      headers: { cookie },
      onGap: (gap) => this.gaps.push(gap),
    });
    this.source.onmessage = ({ data }) => this.take(data);
  }
}

/**
 * Comes back with the id of the last event after every end, and gives up for good where it is answered
 * with anything but a stream, as the HTML standard has it. It knows nothing else.
 */
export class NativeReader extends FeedLedger {
  /** Gaps that were told in an event that a browser's code would have to listen for. */
  gaps = 0;
  heartbeats = 0;
  connections = 0;
  /** What `retry:` fields have said. */
  readonly retries: number[] = [];
  /** The status that ended it for good. */
  failedWith: number | undefined;
  lastEventId = "";
  readonly #target: { readonly url: string; readonly cookie: string };
  readonly #waitMs: number | undefined;
  #close = () => {};
  #isClosed = false;

  /** @param waitMs its own wait, in place of what `retry:` says */
  constructor(url: string, cookie: string, waitMs?: number) {
    super();
    this.#target = { url, cookie };
    this.#waitMs = waitMs;
    this.#connect();
  }

  close(): void {
    this.#isClosed = true;
    this.#close();
  }

  #connect(): void {
    const { url, cookie } = this.#target;
    const place = this.lastEventId === "" ? {} : { "last-event-id": this.lastEventId };
    const headers = { accept: "text/event-stream", cookie, ...place };
    const outgoing = request(url, { agent: false, headers });
    let timer: NodeJS.Timeout | undefined;
    const comeBack = () => {
      if (this.#isClosed || this.failedWith !== undefined) return;
      timer ??= setTimeout(
        () => this.#connect(),
        this.#waitMs ?? this.retries.at(-1) ?? BROWSER_RETRY_MS,
      );
    };
    outgoing.on("error", comeBack);
    outgoing.once("response", (response) => {
      response.on("error", comeBack);
      response.once("close", comeBack);
      this.#read(response);
    });
    outgoing.end();
    this.#close = () => {
      clearTimeout(timer);
      outgoing.destroy();
    };
  }

  #read(response: IncomingMessage): void {
    const { statusCode = 0, headers } = response;
    if (statusCode !== 200 || headers["content-type"]?.startsWith("text/event-stream") !== true) {
      this.failedWith = statusCode;
      response.resume();
      return;
    }
    this.connections += 1;
    const parser = createParser(
      {
        onEvent: ({ type, data, id }) => {
          this.lastEventId = id ?? this.lastEventId;
          if (type === "message") this.take(data);
          if (type === "throughline.gap") this.gaps += 1;
          if (type === "heartbeat") this.heartbeats += 1;
        },
        onId: (id) => {
          this.lastEventId = id;
        },
        onRetry: (retryMs) => this.retries.push(retryMs),
      },
      { decoder: new TextDecoder("utf-8", { ignoreBOM: true }) },
    );
    parser.reset(this.lastEventId);
    response.on("data", (chunk: Buffer) => parser.push(chunk));
  }
}

/** `alert 7`, `post 3`: what a payload tells of, in either generation. */
function rowsOf({ type, data }: FeedPayload): string[] {
  if (type === "alert") return [`alert ${data?.id}`];
  if (data?.items !== undefined) return data.items.map(({ id }) => `post ${id}`);
  const found = /^(alert|post)_(\d+)$/.exec(String(data?.id));
  return found === null ? [] : [`${found[1]} ${found[2]}`];
}

export function eventually(check: () => void | Promise<void>, timeout = 20_000): Promise<void> {
  return vi.waitFor(check, { timeout, interval: 25 });
}
