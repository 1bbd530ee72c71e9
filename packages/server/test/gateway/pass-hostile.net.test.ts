// Requests and responses that are wrong on purpose.

import { createServer as createNetServer, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RawSocket } from "../hub/raw-socket.js";
import { listen, PassStage } from "./pass-stage.js";

let stage: PassStage;
/** What arrived at the backend. */
let seen: string[];

beforeEach(async () => {
  seen = [];
  stage = await PassStage.open((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    request.resume();
    response.end("ok");
  });
});

afterEach(async () => {
  await stage.close();
});

const SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

describe("a request that could be read in two ways", () => {
  it.each([
    ["both lengths", ["Content-Length: 6", "Transfer-Encoding: chunked"], `0\r\n\r\n${SMUGGLED}`],
    ["both, the other way round", ["Transfer-Encoding: chunked", "Content-Length: 4"], "0\r\n\r\n"],
    ["two lengths", ["Content-Length: 0", "Content-Length: 38"], SMUGGLED],
    ["a length that is a list", ["Content-Length: 0, 38"], SMUGGLED],
    ["a length with a sign", ["Content-Length: +38"], SMUGGLED],
    ["an unknown coding", ["Transfer-Encoding: xchunked"], `0\r\n\r\n${SMUGGLED}`],
    ["chunked not last", ["Transfer-Encoding: chunked, identity"], `0\r\n\r\n${SMUGGLED}`],
    ["a space before the colon", ["Transfer-Encoding : chunked"], `0\r\n\r\n${SMUGGLED}`],
    ["a folded line", ["X: a", " Transfer-Encoding: chunked"], `0\r\n\r\n${SMUGGLED}`],
    ["a chunk size that is none", ["Transfer-Encoding: chunked"], `0x0\r\n\r\n${SMUGGLED}`],
  ])("brings nothing past the gateway: %s", async (_name, headers, body) => {
    const client = await stage.raw();
    client.request("POST / HTTP/1.1", "Host: a", ...headers);
    client.socket.end(body);
    const text = await client.closed();
    expect(seen.filter((line) => line.includes("smuggled"))).toEqual([]);
    expect(text.match(/HTTP\/1\.1 \d/g) ?? []).not.toHaveLength(2);
  });

  it.each([
    ["both lengths", ["Content-Length: 6", "Transfer-Encoding: chunked"], 400],
    ["two lengths", ["Content-Length: 0", "Content-Length: 38"], 400],
    ["another coding", ["Transfer-Encoding: gzip, chunked"], 400],
  ])("is refused: %s", async (_name, headers, status) => {
    const client = await stage.raw();
    client.request("POST / HTTP/1.1", "Host: a", ...headers);
    client.socket.end("0\r\n\r\n");
    expect(await client.closed()).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(seen).toEqual([]);
  });
});

describe("a request", () => {
  it.each(["http://127.0.0.1:1/x", "*"])(
    "for a target that is no path is refused: %s",
    async (path) => {
      const client = await stage.raw();
      client.request(`OPTIONS ${path} HTTP/1.1`, "Host: a", "Connection: close");
      expect(await client.closed()).toMatch(/^HTTP\/1.1 400 /);
      expect(seen).toEqual([]);
    },
  );

  it("for a path that looks like another host goes to the backend all the same", async () => {
    await stage.ask("//evil.example/x");
    expect(seen).toEqual(["GET //evil.example/x"]);
  });

  it("with more headers than Node takes is refused", async () => {
    const client = await stage.raw();
    client.request("GET / HTTP/1.1", "Host: a", `X: ${"x".repeat(20_000)}`);
    expect(await client.closed()).toMatch(/^HTTP\/1.1 431 /);
    expect(seen).toEqual([]);
  });

  it("two of which are sent at once are answered in turn", async () => {
    const client = await stage.raw();
    client.request("GET /1 HTTP/1.1", "Host: a");
    client.request("GET /2 HTTP/1.1", "Host: a", "Connection: close");
    expect((await client.closed()).match(/HTTP\/1\.1 200/g)).toHaveLength(2);
    expect([...seen].sort()).toEqual(["GET /1", "GET /2"]);
  });
});

describe("a backend's answer", () => {
  let backend: Server | undefined;

  afterEach(() => {
    backend?.close();
  });

  async function answerWith(bytes: string): Promise<void> {
    backend = createNetServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end(Buffer.from(bytes, "latin1")));
    });
    stage.use({ upstream: new URL(`http://127.0.0.1:${await listen(backend)}`) });
  }

  it.each([
    ["no HTTP", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["nothing", ""],
    ["half a head", "HTTP/1.1 200 OK\r\nSet-Cookie: session=secret"],
    ["a line that is none", "HTTP/1.1 200 OK\r\nSet-Cookie: session=secret\r\nbad line\r\n\r\n"],
    [
      "both lengths",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["more headers than Node takes", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(20_000)}\r\n\r\n`],
  ])(
    "that is no answer becomes 502, and its bytes are told to nobody: %s",
    async (_name, bytes) => {
      await answerWith(bytes);
      expect(await stage.ask("/?q=secret")).toMatchObject({ status: 502 });
      expect(stage.failures).toHaveLength(1);
      expect(
        JSON.stringify(stage.failures, Object.getOwnPropertyNames(stage.failures[0])),
      ).not.toContain("secret");
      expect(stage.failures[0]?.stack).not.toContain("secret");
    },
  );

  it("in HTTP/1.0, ended by its connection, is passed on", async () => {
    await answerWith("HTTP/1.0 200 Fine\r\nX: 1\r\n\r\nhello");
    expect(await stage.ask("/")).toMatchObject({ status: 200, statusText: "Fine", body: "hello" });
  });

  it("keeps bytes beyond ASCII in its headers", async () => {
    await answerWith("HTTP/1.1 200 OK\r\nX: gr\xfc\xdfe\r\nContent-Length: 0\r\n\r\n");
    expect((await stage.ask("/")).headers["x"]).toBe("gr\xfc\xdfe");
  });

  it("leaves a connection usable for the reader", async () => {
    await answerWith("garbage\r\n");
    const client = await RawSocket.open(stage.port);
    client.request("GET /1 HTTP/1.1", "Host: a");
    await client.until((text) => text.includes("}\n"));
    client.request("GET /2 HTTP/1.1", "Host: a", "Connection: close");
    expect((await client.closed()).match(/HTTP\/1\.1 502/g)).toHaveLength(2);
  });
});
