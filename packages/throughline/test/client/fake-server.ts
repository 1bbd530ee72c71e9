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
  /** Answers the newest request; the body stays open. */
  answer(answer: FakeAnswer): Promise<void>;
  /** Sends more of the open body. */
  send(text: string): Promise<void>;
  /** Ends the open body in good order. */
  end(): Promise<void>;
  /** Breaks off the open body, or the newest request if it has none. */
  breakOff(): Promise<void>;
}

const PULSE = "interval=1000, deadline=1700";

/** A stream of a server with a pulse. */
export function bodyOf(text: string, headers: Record<string, string> = {}): FakeAnswer {
  const all = { "content-type": "text/event-stream", "throughline-pulse": PULSE, ...headers };
  return { status: 200, headers: all, text };
}

/** An answer that is no stream. */
export function refusal(status: number): FakeAnswer {
  return { status, headers: { "content-type": "text/plain" }, text: "" };
}

export function fakeServer(): FakeServer {
  const requests: FakeRequest[] = [];
  const leases: FakeRequest[] = [];
  let settle: { resolve: (r: FetchResponse) => void; reject: (e: unknown) => void } | undefined;
  let body: ReadableStreamDefaultController<Uint8Array> | undefined;

  const server: FakeServer = {
    requests,
    leases,
    leaseStatus: 200,
    fetch: (url, init) => {
      if (init.method === "POST") {
        leases.push({ ...init, url });
        const response = { status: server.leaseStatus, url, headers: new Headers(), body: null };
        return Promise.resolve(response);
      }
      requests.push({ ...init, url });
      body = undefined;
      return new Promise((resolve, reject) => {
        settle = { resolve, reject };
        const onAbort = () => reject(new DOMException("aborted", "AbortError"));
        init.signal.addEventListener("abort", onAbort);
      });
    },
    answer: async ({ status, headers, text }) => {
      const { url = "", signal } = requests.at(-1) ?? {};
      const stream = new ReadableStream<Uint8Array>({
        start: (controller) => {
          body = controller;
          signal?.addEventListener("abort", () => controller.error(new Error("aborted")));
        },
      });
      settle?.resolve({ status, url, headers: new Headers(headers), body: stream });
      await tasks();
      if (text !== "") await server.send(text);
    },
    send: async (text) => {
      body?.enqueue(new TextEncoder().encode(text));
      await tasks();
    },
    end: async () => {
      body?.close();
      await tasks();
    },
    breakOff: async () => {
      if (body === undefined) settle?.reject(new TypeError("network"));
      else body.error(new TypeError("network"));
      await tasks();
    },
  };
  return server;
}

/** Lets everything that is ready happen. */
export async function tasks(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}
