// WebSockets through the gateway: the handshake, bytes both ways, and the end of either side.

import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RawSocket } from "../hub/raw-socket.js";
import { PassStage } from "./pass-stage.js";

const HANDSHAKE = [
  "GET /socket?token=secret HTTP/1.1",
  "Host: dash.example",
  "Connection: keep-alive, Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
  "Cookie: session=secret",
];

const SWITCHED = [
  "HTTP/1.1 101 Switching Protocols",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  "Set-Cookie: a=1",
  "Set-Cookie: b=2",
  "",
  "",
].join("\r\n");

let stage: PassStage;

beforeEach(async () => {
  stage = await PassStage.open((request, response) => {
    response.end(`${request.method} ${request.url} ${request.headers.upgrade ?? "plain"}`);
  });
});

afterEach(async () => {
  await stage.close();
});

/** Shakes hands, and gives both ends. */
async function open(): Promise<{ client: RawSocket; backend: Socket; request: IncomingMessage }> {
  const upgraded = once(stage.backend, "upgrade");
  const client = await stage.raw();
  client.request(...HANDSHAKE);
  const [request, backend] = (await upgraded) as [IncomingMessage, Socket];
  backend.on("error", () => {});
  backend.write(SWITCHED);
  await client.until((text) => text.includes("\r\n\r\n"));
  return { client, backend, request };
}

describe("a WebSocket", () => {
  it("is opened with everything that both sides said", async () => {
    const { client, request } = await open();
    expect(request.url).toBe("/socket?token=secret");
    expect(request.headers).toMatchObject({
      host: "dash.example",
      connection: "Upgrade",
      upgrade: "websocket",
      cookie: "session=secret",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
      "x-forwarded-host": "dash.example",
    });
    expect(client.text).toMatch(/^HTTP\/1.1 101 /);
    expect(client.text).toMatch(/sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/i);
    expect(client.text.match(/set-cookie: [ab]=\d/gi)).toHaveLength(2);
    client.socket.destroy();
  });

  it("carries bytes both ways, in order", async () => {
    const { client, backend } = await open();
    backend.pipe(backend);
    const sent = Buffer.alloc(1_000_000, "0123456789");
    client.socket.write(sent);
    const text = await client.until(
      (text) => text.length >= sent.length + text.indexOf("\r\n\r\n"),
    );
    expect(text.endsWith("0123456789")).toBe(true);
    client.socket.destroy();
  });

  it("carries what came together with the handshake", async () => {
    const upgraded = once(stage.backend, "upgrade");
    const client = await stage.raw();
    client.socket.write(`${[...HANDSHAKE, "", ""].join("\r\n")}early`);
    const [, backend] = (await upgraded) as [IncomingMessage, Socket];
    backend.on("error", () => {});
    backend.write(`${SWITCHED}first`);
    backend.pipe(backend);
    await client.until((text) => text.endsWith("firstearly"));
    client.socket.destroy();
  });

  it.each(["end", "destroy", "resetAndDestroy"] as const)(
    "ends at the backend when the reader's does: %s",
    async (how) => {
      const { client, backend } = await open();
      const closed = new Promise((resolve) => backend.once("close", resolve));
      backend.once("end", () => backend.end());
      backend.resume();
      client.socket[how]();
      await closed;
      expect(stage.failures.filter(({ code }) => code !== "ECONNRESET")).toEqual([]);
    },
  );

  it.each(["end", "destroy", "resetAndDestroy"] as const)(
    "ends at the reader when the backend's does: %s",
    async (how) => {
      const { client, backend } = await open();
      backend[how]();
      await client.closed();
    },
  );

  it("that is silent for too long is broken off", async () => {
    await stage.pass.close();
    stage.use({ silenceMs: 50 });
    const { client } = await open();
    await client.closed();
  });

  it("is broken off when the gateway closes", async () => {
    const { client } = await open();
    await stage.pass.close({ withinMs: 1 });
    await client.closed();
    const late = await stage.raw();
    late.request(...HANDSHAKE);
    expect(await late.closed()).toMatch(/^HTTP\/1.1 503 [\s\S]*retry-after: 1/);
  });

  it("is one of no more than there may be", async () => {
    await stage.pass.close();
    stage.use({ maxUpgrades: 1 });
    const { client, backend } = await open();
    backend.once("end", () => backend.end());
    const second = await stage.raw();
    second.request(...HANDSHAKE);
    expect(await second.closed()).toMatch(/^HTTP\/1.1 503 /);
    client.socket.destroy();
    backend.resume();
    await new Promise((resolve) => backend.once("close", resolve));
    const third = await open();
    third.client.socket.destroy();
  });
});

describe("a handshake", () => {
  it("that the backend refuses is refused with its answer", async () => {
    stage.backend.on("upgrade", (_request, socket: Socket) => {
      socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 5\r\nX-Why: no\r\n\r\nno go");
    });
    const client = await stage.raw();
    client.request(...HANDSHAKE);
    const text = await client.closed();
    expect(text).toMatch(/^HTTP\/1.1 401 Unauthorized\r\n/);
    expect(text).toMatch(/x-why: no/i);
    expect(text).toMatch(/no go$/);
  });

  it("with a backend that is away is answered for with 502", async () => {
    stage.backend.close();
    await once(stage.backend, "close");
    const client = await stage.raw();
    client.request(...HANDSHAKE);
    expect(await client.closed()).toMatch(/^HTTP\/1.1 502 [\s\S]*retry-after: 1[\s\S]*}\n$/);
    expect(stage.failures.map(({ message }) => message)).toEqual([
      "the backend did not answer GET /socket: ECONNREFUSED",
    ]);
  });

  it("that takes too long is answered for with 504", async () => {
    await stage.pass.close();
    stage.use({ answerMs: 50 });
    stage.backend.on("upgrade", (_request, socket: Socket) => socket.on("error", () => {}));
    const client = await stage.raw();
    client.request(...HANDSHAKE);
    expect(await client.closed()).toMatch(/^HTTP\/1.1 504 /);
  });

  it("whose reader leaves is ended at the backend, at the latest when its time is up", async () => {
    await stage.pass.close();
    stage.use({ answerMs: 200 });
    const upgraded = once(stage.backend, "upgrade");
    const client = await stage.raw();
    client.request(...HANDSHAKE);
    const [, backend] = (await upgraded) as [IncomingMessage, Socket];
    backend.on("error", () => {});
    backend.resume();
    const closed = new Promise((resolve) => backend.once("close", resolve));
    client.socket.destroy();
    backend.once("end", () => backend.end());
    await closed;
  });

  it("for something else is answered as if it had not been one", async () => {
    const client = await stage.raw();
    client.request(
      "GET /plain HTTP/1.1",
      "Host: a",
      "Connection: Upgrade, HTTP2-Settings",
      "Upgrade: h2c",
      "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
    );
    const text = await client.closed();
    expect(text).toMatch(/^HTTP\/1.1 200 /);
    expect(text).toContain("GET /plain plain");
  });

  it("for something else with a body is refused", async () => {
    const client = await stage.raw();
    client.request(
      ...["POST /plain HTTP/1.1", "Host: a", "Connection: Upgrade", "Upgrade: h2c"],
      "Content-Length: 5",
    );
    client.socket.write("hello");
    expect(await client.closed()).toMatch(/^HTTP\/1.1 501 /);
  });
});
