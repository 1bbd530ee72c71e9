// The fetch of `unreferenced()`: that it is as much of a fetch as a source needs. That it lets the
// process end is tested in every runtime (test/runtimes).

import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { EventSource, type FetchInit } from "throughline";
import { unreferenced } from "throughline/node";
import { expect, it, onTestFinished } from "vitest";

const fetchUnreferenced = unreferenced().fetch ?? fetch;

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function init(extra: Partial<FetchInit> = {}): FetchInit {
  const { signal } = new AbortController();
  return {
    method: "GET",
    headers: {},
    credentials: "same-origin",
    cache: "no-store",
    signal,
    ...extra,
  };
}

it("gives status, headers, body and the final URL, after redirects", async () => {
  const url = await serve((request, response) => {
    if (request.url === "/a") response.writeHead(302, { location: "/b" }).end();
    else response.writeHead(200, { "x-two": ["1", "2"] }).end(`${request.method} ${request.url}`);
  });
  const response = await fetchUnreferenced(`${url}/a`, init());
  expect([response.status, response.url]).toEqual([200, `${url}/b`]);
  expect(response.headers.get("X-Two")).toBe("1, 2");
  expect(response.headers.get("x-none")).toBeNull();
  expect(await new Response(response.body).text()).toBe("GET /b");
});

it("shows credentials to no other origin, and repeats a POST only where the redirect says so", async () => {
  const seen: string[] = [];
  const other = await serve((request, response) => {
    const { authorization = "none", "x-mine": mine } = request.headers;
    seen.push(`${request.method} ${authorization} ${mine}`);
    response.end();
  });
  const url = await serve((request, response) => {
    response.writeHead(Number(request.url?.slice(1)), { location: other }).end();
  });
  const headers = { authorization: "Bearer secret", "x-mine": "kept" };
  await fetchUnreferenced(`${url}/302`, init({ headers, method: "POST", body: "x" }));
  await fetchUnreferenced(`${url}/307`, init({ headers, method: "POST", body: "x" }));
  expect(seen).toEqual(["GET none kept", "POST none kept"]);
});

it("gives up after 20 redirects, and rejects where nobody listens", async () => {
  let requests = 0;
  const url = await serve((_request, response) => {
    requests += 1;
    response.writeHead(301, { location: "/again" }).end();
  });
  await expect(fetchUnreferenced(url, init())).rejects.toThrow("More than 20 redirects");
  expect(requests).toBe(21);
  await expect(fetchUnreferenced("http://127.0.0.1:1/", init())).rejects.toThrow("ECONNREFUSED");
});

it("carries a source through a reset, and is left when the source is closed", async () => {
  let leave = () => {};
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const ids: (string | undefined)[] = [];
  const url = await serve((request, response) => {
    ids.push(request.headers["last-event-id"] as string | undefined);
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`id: ${ids.length}\ndata: ${ids.length}\n\n`);
    if (ids.length === 1) setTimeout(() => request.socket.resetAndDestroy(), 50);
    else response.once("close", leave);
  });
  const source = new EventSource(url, unreferenced());
  const data: string[] = [];
  await new Promise<void>((resolve) => {
    source.onmessage = (event) => {
      data.push(event.data);
      if (data.length === 2) resolve();
    };
  });
  source.close();
  await left;
  expect([data, ids]).toEqual([
    ["1", "2"],
    [undefined, "1"],
  ]);
});
