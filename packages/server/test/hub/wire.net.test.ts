// Every byte on a real socket, and the ways in which HTTP connections can be used.

import { createServer } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createHub } from "@throughline/server";
import { createMemoryLog } from "@throughline/server/log";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EventReader } from "./event-reader.js";
import { bodyOf, dechunk, RawSocket } from "./raw-socket.js";
import { listen, type RunningHub, startNodeHub, stopServer } from "./running-hub.js";
import { epochs } from "./stage.js";

const GET = "GET /streams/news HTTP/1.1";
const HOST = "Host: hub";
const HEARTBEAT = "id: e1.0\nevent: throughline.heartbeat\ndata: {}\n\n";

let running: RunningHub;
beforeEach(async () => {
  running = await startNodeHub({ pulse: { intervalMs: 60_000, deadlineMs: 90_000 } });
});
afterEach(async () => {
  await running.stop();
  expect(running.errors).toEqual([]);
});

/** What differs from run to run, by name. Sizes of chunks depend on it, so they are left out, too. */
function normalise(text: string): string {
  return text
    .replace(/leases\/[\w-]{8}\//g, "leases/<hub>/")
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<connection>")
    .replace(/retry: \d+/g, "retry: <ms>")
    .replace(/Date: [^\r]+/g, "Date: <date>")
    .replace(/\r\n\r\n[0-9a-f]+\r\nretry/, "\r\n\r\n<size>\r\nretry");
}

describe("on HTTP/1.1", () => {
  it("exactly these bytes come", async () => {
    const client = (await RawSocket.open(running.port)).request(GET, HOST);
    await client.until((text) => text.includes("heartbeat"));
    await running.hub.publish("news", { type: "alert", data: "ü\nx" });
    await client.until((text) => text.includes("data: x"));
    await running.hub.publish("news", [{ data: "1" }, { data: "2" }]);
    await client.until((text) => text.includes("data: 2"));
    await running.hub.end("news", "over");
    await client.until((text) => text.endsWith("\r\n0\r\n\r\n"));
    const head = [
      "HTTP/1.1 200 OK",
      "content-type: text/event-stream",
      "cache-control: no-store, no-cache, no-transform",
      "x-accel-buffering: no",
      "throughline-pulse: interval=60000, deadline=90000",
      "access-control-expose-headers: throughline-pulse, throughline-told",
      "x-request-id: <connection>",
      "transfer-encoding: chunked",
      "Date: <date>",
      "Connection: keep-alive",
      "Keep-Alive: timeout=5",
    ];
    const hello =
      '{"protocol":1,"connection":"<connection>","pulse":{"intervalMs":60000,"deadlineMs":90000},' +
      '"head":"e1.0","resume":"caught-up",' +
      '"lease":{"url":"../leases/<hub>/<connection>","everyMs":30000}}';
    const chunks = [
      ["<size>", `retry: <ms>\n\nevent: throughline.hello\ndata: ${hello}\n\n${HEARTBEAT}`],
      // Bytes, not characters: "ü" has two of them, which are seen one by one here.
      ["28", "id: e1.1\nevent: alert\ndata: \u00c3\u00bc\ndata: x\n\n"],
      ["24", "id: e1.2\ndata: 1\n\nid: e1.3\ndata: 2\n\n"],
      ["39", 'id: e1.3\nevent: throughline.end\ndata: {"reason":"over"}\n\n'],
      ["0", ""],
    ];
    const body = chunks.map(([size, text]) => `${size}\r\n${text}\r\n`).join("");
    expect(normalise(client.text)).toBe(`${head.join("\r\n")}\r\n\r\n${body}`);
  });

  it("the connection can be used again after a stream has ended", async () => {
    await running.hub.publish("news", { data: "x" });
    await running.hub.end("news");
    const client = await RawSocket.open(running.port);
    for (const count of [1, 2]) {
      client.request("GET /streams/news?cursor=earliest HTTP/1.1", HOST);
      await client.until((text) => text.split("\r\n0\r\n\r\n").length === count + 1);
    }
    expect(client.text.match(/^HTTP\/1\.1 200 OK/gm)).toHaveLength(2);
    client.socket.destroy();
  });

  it("pipelined requests are answered one after the other, whole", async () => {
    await running.hub.publish("news", [{ data: "1" }, { data: "2" }]);
    const client = await RawSocket.open(running.port);
    client.request(GET, HOST).request("GET /streams/other HTTP/1.1", HOST);
    await client.until((text) => text.includes("heartbeat"));
    await running.hub.publish("other", { data: "while it waits" });
    expect(client.text.match(/200 OK/g)).toHaveLength(1);
    await running.hub.end("news");
    const text = await client.until((all) => all.includes("while it waits"));
    const second = text.slice(text.lastIndexOf("HTTP/1.1 200 OK"));
    const { payload } = dechunk(bodyOf(second));
    expect(payload).toMatch(/hello[\s\S]*heartbeat[\s\S]*while it waits/);
    await running.hub.end("other");
    await client.until((all) => all.split("\r\n0\r\n\r\n").length === 3);
    client.socket.destroy();
  });

  it("a pipelined stream that never had its turn is freed with the connection", async () => {
    const client = await RawSocket.open(running.port);
    client.request(GET, HOST).request("GET /streams/other HTTP/1.1", HOST);
    await eventually(() => open() === 2);
    client.socket.destroy();
    await eventually(() => open() === 0);
  });

  it("HEAD has the headers and no body, and the connection goes on", async () => {
    const client = await RawSocket.open(running.port);
    client.request("HEAD /streams/news HTTP/1.1", HOST).request("GET /nothing HTTP/1.1", HOST);
    const text = await client.until((all) => all.includes("not-found"));
    const [head = "", next = ""] = text.split("\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\ncontent-type: text\/event-stream\r\n/);
    expect(head).not.toMatch(/content-length/i);
    expect(next).toMatch(/^HTTP\/1\.1 404/);
    client.socket.destroy();
  });

  it("a client that closes its side is let go", async () => {
    const client = (await RawSocket.open(running.port)).request(GET, HOST);
    await client.until((text) => text.includes("heartbeat"));
    client.socket.end();
    await client.closed();
    await eventually(() => open() === 0);
  });

  it("a reset during a replay frees the connection", async () => {
    await running.hub.publish("news", Array(900).fill({ data: "x".repeat(10_000) }));
    const client = await RawSocket.open(running.port);
    client.socket.pause();
    client.request("GET /streams/news?cursor=earliest HTTP/1.1", HOST);
    await eventually(() => running.hub.stats().connections.replaying === 1);
    client.socket.resetAndDestroy();
    await eventually(() => open() === 0);
  });
});

describe("a body that is too large", () => {
  const POST = ["POST /streams/news HTTP/1.1", HOST, "Content-Type: application/json"];

  it("is refused before it is sent, where it says how large it is", async () => {
    const client = await RawSocket.open(running.port);
    client.request(...POST, "Content-Length: 9000000");
    expect(await client.closed()).toMatch(/^HTTP\/1\.1 413 [\s\S]*"code":"body-too-large"/);
  });

  it("is refused while it is sent, and the refusal arrives", async () => {
    const client = await RawSocket.open(running.port);
    client.request(...POST, "Transfer-Encoding: chunked");
    const chunk = `10000\r\n${" ".repeat(0x10000)}\r\n`;
    // One chunk more than is allowed, and no more: what would come after it has nobody to read it.
    for (let bytes = 0; bytes <= 8 * 1024 * 1024; bytes += 0x10000) client.socket.write(chunk);
    expect(await client.closed()).toMatch(/^HTTP\/1\.1 413 [\s\S]*"code":"body-too-large"/);
  });
});

describe("on HTTP/1.0", () => {
  it("the stream comes without chunks, and its end closes the connection", async () => {
    const client = (await RawSocket.open(running.port)).request("GET /streams/news HTTP/1.0");
    await client.until((text) => text.includes("heartbeat"));
    await running.hub.publish("news", { data: "x" });
    await client.until((text) => text.includes("data: x"));
    await running.hub.end("news");
    const text = await client.closed();
    expect(text).not.toMatch(/transfer-encoding/i);
    expect(bodyOf(text)).toMatch(/^retry: \d+\n\nevent: throughline\.hello\n/);
    expect(bodyOf(text)).toMatch(/\n\nid: e1\.1\ndata: x\n\nid: e1\.1\nevent: throughline\.end\n/);
  });
});

describe("on HTTP/2", () => {
  it("the stream comes as data of the request's own stream", async () => {
    const hub = createHub({ log: createMemoryLog({ createEpoch: epochs() }) });
    const handle = hub.handleNode as unknown as Parameters<typeof createHttp2Server>[1];
    const server = createHttp2Server({}, handle);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const request = session.request({ ":path": "/streams/news" });
    let text = "";
    request.setEncoding("utf8");
    request.on("data", (part: string) => {
      text += part;
    });
    const ended = new Promise<void>((resolve) => request.on("end", resolve));
    await eventually(() => text.includes("heartbeat"));
    await hub.publish("news", { data: "x" });
    await hub.end("news");
    await ended;
    expect(text).toMatch(
      /^retry[\s\S]*\n\nid: e1\.1\ndata: x\n\nid: e1\.1\nevent: throughline\.end/,
    );
    await eventually(() => hub.stats().connections.draining === 0);
    session.close();
    server.close();
    await hub.close();
  });
});

describe("behind a framework", () => {
  it("a body that was read before is used as it was left", async () => {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      Object.assign(request, { body: JSON.parse(Buffer.concat(chunks).toString()) });
      running.hub.handleNode(request, response);
    });
    const port = await listen(server);
    const response = await fetch(`http://127.0.0.1:${port}/streams/news`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '[{"data":{"a":1}}]',
    });
    expect([response.status, await response.json()]).toEqual([
      201,
      { cursors: ["e1.1"], duplicates: [] },
    ]);
    await stopServer(server);
  });

  it("a response that somebody else has begun is broken off, and costs no place", async () => {
    const server = createServer((request, response) => {
      response.writeHead(200);
      running.hub.handleNode(request, response);
    });
    const port = await listen(server);
    await expect(fetch(`http://127.0.0.1:${port}/streams/news`)).rejects.toThrow();
    expect(running.errors.splice(0)).toMatchObject([{ code: "ERR_HTTP_HEADERS_SENT" }]);
    await running.hub.close({ withinMs: 0 });
    await stopServer(server);
  });

  it("a response whose methods were wrapped is written through them", async () => {
    let written = 0;
    const server = createServer((request, response) => {
      const { write } = response;
      response.write = ((chunk: Uint8Array) => {
        written += chunk.byteLength;
        return write.call(response, chunk, "utf8");
      }) as typeof write;
      running.hub.handleNode(request, response);
    });
    const port = await listen(server);
    const reader = new EventReader((await fetch(`http://127.0.0.1:${port}/streams/news`)).body);
    await reader.payload("throughline.hello");
    expect(written).toBeGreaterThan(100);
    await reader.cancel();
    await stopServer(server);
  });
});

const open = () => {
  const { live, replaying, draining } = running.hub.stats().connections;
  return live + replaying + draining;
};

async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5);
}
