// The thread of a backend: when the gateway takes an exchange with it to be over, and by whom.

import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { createUpstreamFetch } from "../../src/gateway/upstream-fetch.js";

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** Asks a backend for a stream; its answer is not read by anybody. */
async function ask(backend: RequestListener) {
  const server = createServer(backend).listen(0, "127.0.0.1");
  await once(server, "listening");
  stops.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  const { port } = server.address() as AddressInfo;
  const over: string[] = [];
  const fetch = createUpstreamFetch({
    ask: () => ({ url: new URL(`http://127.0.0.1:${port}/`), isResuming: false }),
    refusals: [],
    openMark: "open",
    hasOtherCredentials: () => false,
    onBegun: () => {},
    onRefused: () => {},
    onOver: (by) => over.push(by),
  });
  const controller = new AbortController();
  const init = { method: "GET", headers: {}, credentials: "omit", cache: "no-store" } as const;
  const response = await fetch("", { ...init, signal: controller.signal });
  return { over, controller, response, server };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it("is over by us, once, where we leave a stream that the backend has ended and nobody has read", async () => {
  const { over, controller } = await ask((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream", connection: "close" });
    response.end(`data: ${"x".repeat(4000)}\n\n`);
  });
  await pause(200);
  controller.abort();
  await pause(200);
  expect(over).toEqual(["us"]);
});

it("is over by the backend, and stays so, where it has ended a stream that was read", async () => {
  const { over, controller, response } = await ask((_request, answer) => {
    answer.writeHead(200, { "content-type": "text/event-stream" }).end("data: 1\n\n");
  });
  const reader = response.body?.getReader();
  while (reader !== undefined && !(await reader.read()).done);
  await pause(50);
  controller.abort();
  await pause(50);
  expect(over).toEqual(["backend"]);
});
