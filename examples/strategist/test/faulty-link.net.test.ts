import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { createFaultProxy, type FaultProxy } from "@throughline/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { forward } from "../server/faulty-link.js";

let inner: Server;
let proxy: FaultProxy;
let front: Server;
/** Responses of the inner server, in the order of their requests. */
let responses: ServerResponse[];
let clients: Socket[];

beforeEach(async () => {
  responses = [];
  clients = [];
  inner = createServer((request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream", "x-path": request.url ?? "" });
    response.write("data: first\n\n");
    responses.push(response);
  });
  await listen(inner);
  proxy = await createFaultProxy({ upstream: { host: "127.0.0.1", port: portOf(inner) } });
  const target = { host: "127.0.0.1", port: proxy.port };
  front = createServer((request, response) => {
    forward(target, request.url ?? "/", request, response);
  });
  await listen(front);
});

afterEach(async () => {
  for (const client of clients) client.destroy();
  await proxy.close();
  for (const server of [front, inner]) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(server: Server): Promise<void> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** A bare client, which can tell FIN from RST. */
interface Client {
  text(): string;
  /** Resolves when the text has come. */
  until(text: string): Promise<void>;
  /** How the connection ended. */
  readonly ending: Promise<"fin" | "reset">;
  leave(): void;
}

function open(path = "/live/streams/feed?x=1"): Client {
  const socket = connect(portOf(front), "127.0.0.1");
  clients.push(socket);
  let received = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    received += chunk;
  });
  socket.write(`GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`);
  const ending = new Promise<"fin" | "reset">((resolve) => {
    socket.on("end", () => resolve("fin"));
    socket.on("error", () => resolve("reset"));
  });
  return {
    text: () => received,
    until: async (text) => {
      while (!received.includes(text)) await once(socket, "data");
    },
    ending,
    leave: () => socket.destroy(),
  };
}

test("status, headers, path and bytes go through as they come", async () => {
  const client = open();
  await client.until("data: first");
  expect(client.text()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(client.text()).toContain("content-type: text/event-stream");
  expect(client.text()).toContain("x-path: /live/streams/feed?x=1");
  responses[0]?.write("data: second\n\n");
  await client.until("data: second");
});

test("a reset of the link is a reset for the client", async () => {
  const client = open();
  await client.until("data: first");
  await proxy.set({ kind: "reset" });
  expect(await client.ending).toBe("reset");
});

test("an early end of the link is an early end for the client, without a last chunk", async () => {
  const client = open();
  await client.until("data: first");
  await proxy.set({ kind: "fin" });
  expect(await client.ending).toBe("fin");
  expect(client.text()).not.toContain("\r\n0\r\n\r\n");
});

test("a proper end of the response is a proper end for the client", async () => {
  const client = open();
  await client.until("data: first");
  await proxy.set({ kind: "end-cleanly" });
  await client.until("\r\n0\r\n\r\n");
});

test("an error status of the link reaches the client with its headers", async () => {
  await proxy.set({ kind: "http-error", status: 503, retryAfter: 7 });
  const client = open();
  await client.until("\r\n\r\n");
  expect(client.text()).toMatch(/^HTTP\/1\.1 503 /);
  expect(client.text().toLowerCase()).toContain("retry-after: 7");
});

test("a link that refuses the connection is a reset for the client", async () => {
  await proxy.set({ kind: "refuse" });
  expect(await open().ending).toBe("reset");
});

test("silence of the link is silence for the client, on open and on new connections", async () => {
  const opened = open();
  await opened.until("data: first");
  await proxy.set({ kind: "freeze", direction: "both" });
  const before = opened.text();
  const asked = open();
  responses[0]?.write("data: unheard\n\n");
  const quiet = new Promise((resolve) => setTimeout(resolve, 400, "quiet"));
  expect(await Promise.race([opened.ending, asked.ending, quiet])).toBe("quiet");
  expect(opened.text()).toBe(before);
  expect(asked.text()).toBe("");
});

test("a client that leaves takes its connection behind the link with it", async () => {
  const client = open();
  await client.until("data: first");
  const [response] = responses;
  if (response === undefined) throw new Error("the request did not arrive");
  const closed = once(response, "close");
  client.leave();
  await closed;
});
