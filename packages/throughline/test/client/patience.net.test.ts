// A real server that sends the head of its answer with its first event, as generators of Flask do.

import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { EventSource } from "throughline";
import { afterEach, expect, it } from "vitest";

/** From a request to its first event: far longer than answers are waited for at first. */
const FIRST_EVENT_MS = 1200;
const TIMEOUTS = { connectTimeoutMs: 50, maxConnectTimeoutMs: 100 };

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function startSlowServer() {
  let requests = 0;
  const open = new Set<ServerResponse>();
  const server = createServer((_request, response) => {
    requests += 1;
    const data = String(requests);
    const timer = setTimeout(() => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`data: ${data}\n\n`);
      open.add(response);
    }, FIRST_EVENT_MS);
    response.on("close", () => {
      clearTimeout(timer);
      open.delete(response);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests: () => requests,
    drop: () => {
      for (const response of open) response.destroy();
    },
  };
}

async function nextMessage(source: EventSource): Promise<string> {
  const [event] = (await once(source, "message")) as [MessageEvent<string>];
  return event.data;
}

it("is heard in the end, and after a drop at once: it is asked once, and given its time", async () => {
  const server = await startSlowServer();
  const source = new EventSource(server.url, TIMEOUTS);
  closers.push(() => source.close());
  await nextMessage(source);
  const before = server.requests();
  expect(before).toBeGreaterThan(8);
  server.drop();
  await nextMessage(source);
  expect(server.requests() - before).toBe(1);
});

it("is not heard where patience is as short as the timeout", async () => {
  const server = await startSlowServer();
  const limits = { ...TIMEOUTS, patienceMs: 100, retryLimit: 15 };
  const source = new EventSource(server.url, { ...limits, quiet: true });
  closers.push(() => source.close());
  await once(source, "error");
  expect(source.connection.snapshot).toMatchObject({ state: "failed", reason: "retry-limit" });
  expect(server.requests()).toBe(16);
});
