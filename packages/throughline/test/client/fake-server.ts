// A fetch whose answers the test gives, one after the other, with virtual time.

import type { FetchInit, FetchLike, FetchResponse } from "throughline";

export interface FakeRequest extends FetchInit {
  readonly url: string;
}

export interface FakeAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly text: string;
}

export interface FakeServer {
  readonly fetch: FetchLike;
  /** All requests but renewals of leases. */
  readonly requests: readonly FakeRequest[];
  readonly leases: readonly FakeRequest[];
  /** The status that renewals are answered with. */
  leaseStatus: number;
  /** The body of that answer. */
  leaseText: string;
  // All of these are about the newest request, unless they are told the number of another one.
  /** Answers a request; the body stays open. */
  answer(answer: FakeAnswer, request?: number): Promise<void>;
  /** Sends more of the open body. */
  send(text: string, request?: number): Promise<void>;
  /** Ends the open body in good order. */
  end(request?: number): Promise<void>;
  /** Breaks off the open body, or the request if it has none. */
  breakOff(request?: number): Promise<void>;
}

const PULSE = "interval=1000, deadline=1700";

/** A stream of a server with a pulse. */
export function bodyOf(text: string, headers: Record<string, string> = {}): FakeAnswer {
  const all = { "content-type": "text/event-stream", "throughline-pulse": PULSE, ...headers };
  return { status: 200, headers: all, text };
}

/** The greeting of a Throughline server. */
export function hello(extra: object = {}): string {
  const data = JSON.stringify({
    protocol: 1,
    connection: "c1",
    pulse: { intervalMs: 1000, deadlineMs: 1700 },
    head: "e.9",
    resume: "replay",
    ...extra,
  });
  return `event: throughline.hello\ndata: ${data}\n\n`;
}

/** An event of a stream. */
export function event(id: string, data: string): string {
  return `id: ${id}\ndata: ${data}\n\n`;
}

/** An answer that is no stream. */
export function refusal(status: number): FakeAnswer {
  return { status, headers: { "content-type": "text/plain" }, text: "" };
}

interface Exchange {
  readonly settle: { resolve: (r: FetchResponse) => void; reject: (e: unknown) => void };
  body: ReadableStreamDefaultController<Uint8Array> | undefined;
}

export function fakeServer(): FakeServer {
  const requests: FakeRequest[] = [];
  const leases: FakeRequest[] = [];
  const exchanges: Exchange[] = [];
  const at = (request = exchanges.length - 1) => exchanges[request];

  const server: FakeServer = {
    requests,
    leases,
    leaseStatus: 200,
    leaseText: "",
    fetch: (url, init) => {
      // Renewals ask for no stream.
      if (init.headers["accept"] === undefined) {
        leases.push({ ...init, url });
        const { leaseStatus: status, leaseText } = server;
        const { body } = new Response(leaseText);
        return Promise.resolve({ status, url, headers: new Headers(), body });
      }
      requests.push({ ...init, url });
      return new Promise((resolve, reject) => {
        exchanges.push({ settle: { resolve, reject }, body: undefined });
        const onAbort = () => reject(new DOMException("aborted", "AbortError"));
        init.signal.addEventListener("abort", onAbort);
      });
    },
    answer: async ({ status, headers, text }, request = exchanges.length - 1) => {
      const { url = "", signal } = requests[request] ?? {};
      const exchange = at(request);
      const stream = new ReadableStream<Uint8Array>({
        start: (controller) => {
          if (exchange !== undefined) exchange.body = controller;
          signal?.addEventListener("abort", () => controller.error(new Error("aborted")));
        },
      });
      exchange?.settle.resolve({ status, url, headers: new Headers(headers), body: stream });
      await tasks();
      if (text !== "") await server.send(text, request);
    },
    send: async (text, request) => {
      at(request)?.body?.enqueue(new TextEncoder().encode(text));
      await tasks();
    },
    end: async (request) => {
      at(request)?.body?.close();
      await tasks();
    },
    breakOff: async (request) => {
      const exchange = at(request);
      if (exchange?.body === undefined) exchange?.settle.reject(new TypeError("network"));
      else exchange.body.error(new TypeError("network"));
      await tasks();
    },
  };
  return server;
}

/** Lets everything that is ready happen. */
export async function tasks(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}
