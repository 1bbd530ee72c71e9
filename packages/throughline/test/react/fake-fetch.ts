// A `fetch` whose answers a test writes as it goes.

import type { FetchInit, FetchLike, FetchResponse } from "throughline";

/** One request, and the server's side of it. */
export interface FakeRequest {
  readonly url: string;
  readonly init: FetchInit;
  readonly isAborted: boolean;
  /** Answers. Default: status 200 and an event stream. */
  respond(status?: number): void;
  /** Writes a piece of the body, in one chunk. */
  send(text: string): void;
  /** Ends the body in good order. */
  end(): void;
  /** Fails the request, or breaks the body off. */
  break(): void;
}

/** A `fetch`, and the requests it has seen. */
export interface FakeFetch {
  readonly fetch: FetchLike;
  readonly requests: readonly FakeRequest[];
  /** Requests that nobody has given up. */
  readonly open: readonly FakeRequest[];
  /** The newest request. */
  readonly newest: FakeRequest;
}

/** Makes a `fetch` that answers each request at once with an open stream, unless told otherwise. */
export function createFakeFetch({ answersAtOnce = true } = {}): FakeFetch {
  const requests: FakeRequest[] = [];
  return {
    fetch: (url, init) =>
      new Promise((resolve, reject) => {
        const request = createRequest(url, init, resolve, reject);
        requests.push(request);
        if (answersAtOnce) request.respond();
      }),
    requests,
    get open() {
      return requests.filter(({ isAborted }) => !isAborted);
    },
    get newest() {
      const newest = requests.at(-1);
      if (newest === undefined) throw new Error("There has been no request.");
      return newest;
    },
  };
}

function createRequest(
  url: string,
  init: FetchInit,
  resolve: (response: FetchResponse) => void,
  reject: (reason: Error) => void,
): FakeRequest {
  const { signal } = init;
  const stream = new TransformStream<Uint8Array, Uint8Array>();
  const writer = stream.writable.getWriter();
  const fail = (reason: Error) => {
    reject(reason);
    writer.abort(reason).catch(ignore);
  };
  signal.addEventListener("abort", () => fail(new Error("aborted")));
  return {
    url,
    init,
    get isAborted() {
      return signal.aborted;
    },
    respond: (status = 200) =>
      resolve({
        status,
        url,
        headers: new Headers({ "content-type": "text/event-stream" }),
        body: stream.readable,
      }),
    send: (text) => void writer.write(new TextEncoder().encode(text)).catch(ignore),
    end: () => void writer.close().catch(ignore),
    break: () => fail(new TypeError("network error")),
  };
}

/** What the client has abandoned cannot be written to any more, and need not be. */
function ignore(): void {}
