// Redirects and compression, as `fetch` carries them out on a real network: what goes along, and what is
// asked after a drop.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createBrotliCompress, createGzip, constants as zlib } from "node:zlib";
import { EventSource, type EventSourceOptions } from "throughline";
import { afterEach, describe, expect, it } from "vitest";
import { collect, untilState } from "./watch.js";

interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

type Respond = (response: ServerResponse, request: SeenRequest) => void;

interface Endpoint {
  readonly origin: string;
  readonly seen: readonly SeenRequest[];
}

const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Starts a server of an origin of its own. */
async function serve(respond: Respond): Promise<Endpoint> {
  const seen: SeenRequest[] = [];
  const server = createServer(async (incoming, response) => {
    let body = "";
    for await (const chunk of incoming) body += chunk;
    const { method = "", url: path = "", headers } = incoming;
    const request = { method, path, headers, body };
    seen.push(request);
    respond(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

function open(url: string, options?: EventSourceOptions): EventSource {
  const source = new EventSource(url, options);
  // Before the servers, which would be a drop to it.
  closers.unshift(() => source.close());
  return source;
}

const redirect = (response: ServerResponse, status: number, location: string) =>
  response.writeHead(status, { location }).end();

/** The event with this id, and for the first of them the end of the connection. */
function answer(response: ServerResponse, id: number): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(`id: ${id}\ndata: ${id}\n\n`);
  if (id === 1) setTimeout(() => response.socket?.resetAndDestroy(), 20);
}

/** What comes after the place that a request shows. */
const next = ({ headers }: SeenRequest) => Number(headers["last-event-id"] ?? 0) + 1;

describe("a redirected stream", () => {
  it.each([301, 302, 303, 307, 308])(
    "of status %i is resumed at its first address, and the place goes along",
    async (status) => {
      const { origin, seen } = await serve((response, request) => {
        if (request.path === "/old") redirect(response, status, "/new");
        else answer(response, next(request));
      });
      const source = open(`${origin}/old`);
      expect(await collect(source, 2)).toEqual(["1", "2"]);
      expect(seen.map(({ path }) => path)).toEqual(["/old", "/new", "/old", "/new"]);
      expect(seen.map(({ headers }) => headers["last-event-id"])).toEqual([
        undefined,
        undefined,
        "1",
        "1",
      ]);
      expect(source.url).toBe(`${origin}/old`);
    },
  );

  it("of another origin gets the place and no credentials, and names the origin of events", async () => {
    const other = await serve((response, request) => answer(response, next(request)));
    const first = await serve((response) => redirect(response, 307, `${other.origin}/feed`));
    const source = open(`${first.origin}/feed`, { headers: { authorization: "Bearer secret" } });
    const origins: string[] = [];
    source.addEventListener("message", (event) => origins.push(event.origin));
    expect(await collect(source, 2)).toEqual(["1", "2"]);
    const shown = (endpoint: Endpoint) =>
      endpoint.seen.map(({ headers }) => [headers.authorization, headers["last-event-id"]]);
    expect(shown(first)).toEqual([
      ["Bearer secret", undefined],
      ["Bearer secret", "1"],
    ]);
    expect(shown(other)).toEqual([
      [undefined, undefined],
      [undefined, "1"],
    ]);
    expect(origins).toEqual([other.origin, other.origin]);
  });

  it.each([
    { status: 307, method: "POST", body: "question" },
    { status: 308, method: "POST", body: "question" },
    { status: 301, method: "GET", body: "" },
    { status: 302, method: "GET", body: "" },
    { status: 303, method: "GET", body: "" },
  ])("of status $status that was asked for by POST is asked for by $method", async (row) => {
    const { origin, seen } = await serve((response, request) => {
      if (request.path === "/old") redirect(response, row.status, "/new");
      else answer(response, next(request));
    });
    expect(await collect(open(`${origin}/old`, { body: "question" }), 2)).toEqual(["1", "2"]);
    const { method, body } = row;
    const old = { path: "/old", method: "POST", body: "question" };
    expect(seen).toMatchObject([old, { path: "/new", method, body }, old, { method, body }]);
  });

  it("that turns in a circle counts as a failed path, until it does not", async () => {
    let isCircle = true;
    const { origin } = await serve((response, request) => {
      if (isCircle) redirect(response, 302, "/feed");
      else answer(response, next(request));
    });
    const source = open(`${origin}/feed`);
    await untilState(source, "waiting");
    isCircle = false;
    expect(await collect(source, 2)).toEqual(["1", "2"]);
  });
});

describe("a compressed stream", () => {
  /** Each write is flushed, as a server has to that compresses a stream. */
  const compressions = {
    gzip: () => createGzip({ flush: zlib.Z_SYNC_FLUSH }),
    br: () => createBrotliCompress({ flush: zlib.BROTLI_OPERATION_FLUSH }),
  };

  it.each(["gzip", "br"] as const)(
    "(%s) is read as it comes, and resumed where it was cut",
    async (encoding) => {
      const more: ((text: string) => void)[] = [];
      const { origin, seen } = await serve((response, request) => {
        const compressed = compressions[encoding]();
        compressed.pipe(response);
        response.writeHead(200, {
          "content-type": "text/event-stream",
          "content-encoding": encoding,
        });
        compressed.write(`id: ${next(request)}\ndata: ${next(request)}\n\n`);
        more.push((text) => void compressed.write(text));
        if (next(request) === 3) return;
        compressed.write("id: 2\ndata: 2\n\nid: 9\ndata: half");
        setTimeout(() => response.socket?.resetAndDestroy(), 50);
      });
      const source = open(`${origin}/feed`);
      const both = collect(source, 4);
      await collect(source, 3);
      // The response is open: what is written now comes now.
      more[1]?.("id: 4\ndata: 4\n\n");
      expect(await both).toEqual(["1", "2", "3", "4"]);
      expect(seen.map(({ headers }) => headers["last-event-id"])).toEqual([undefined, "2"]);
    },
  );

  it("that is no such thing is a broken path, and not data", async () => {
    const { origin } = await serve((response) => {
      response.writeHead(200, {
        "content-type": "text/event-stream",
        "content-encoding": "gzip",
      });
      response.write("data: plain\n\n");
    });
    const source = open(`${origin}/feed`);
    const seen: string[] = [];
    source.onmessage = ({ data }) => seen.push(data);
    await untilState(source, "waiting");
    expect(source.connection.reason).toBe("network");
    expect(seen).toEqual([]);
  });
});
