// That nothing changes on the way through: requests, responses, and what stands in their headers.

import type { RequestListener } from "node:http";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { bodyOf, dechunk } from "../hub/raw-socket.js";
import { PassStage } from "./pass-stage.js";

let stage: PassStage;

afterEach(async () => {
  await stage.close();
});

/** Answers with what came. */
const mirror: RequestListener = async (request, response) => {
  const { method, url, headers } = request;
  let body = "";
  for await (const chunk of request.setEncoding("latin1")) body += String(chunk);
  response.end(JSON.stringify({ method, url, headers, body }));
};

async function mirrored(...[path, options]: Parameters<PassStage["ask"]>) {
  const { body } = await stage.ask(path, options);
  return JSON.parse(body) as {
    method: string;
    url: string;
    headers: Record<string, string>;
    body: string;
  };
}

describe("a request", () => {
  it.each(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])(
    "arrives with its method, path, query and headers: %s",
    async (method) => {
      stage = await PassStage.open(mirror);
      const got = await mirrored("/a%2Fb//c?x=1&x=%20&y", {
        method,
        headers: { cookie: "a=1; b=2", "x-own": "v", range: "bytes=0-1" },
      });
      expect(got).toMatchObject({ method, url: "/a%2Fb//c?x=1&x=%20&y", body: "" });
      expect(got.headers).toMatchObject({ cookie: "a=1; b=2", "x-own": "v", range: "bytes=0-1" });
    },
  );

  it.each(["POST", "DELETE", "GET"])("arrives with its body: %s", async (method) => {
    stage = await PassStage.open(mirror);
    const headers = { "content-length": 5 };
    expect(await mirrored("/", { method, headers, body: "hello" })).toMatchObject({
      method,
      body: "hello",
    });
  });

  it.each(["POST", "DELETE"])("arrives with a body in chunks: %s", async (method) => {
    stage = await PassStage.open(mirror);
    const got = await mirrored("/", {
      method,
      headers: { "transfer-encoding": "chunked" },
      body: "hello",
    });
    expect(got).toMatchObject({ method, body: "hello" });
    expect(got.headers["content-length"]).toBeUndefined();
  });

  it("arrives with the host that was asked, and where it came from", async () => {
    stage = await PassStage.open(mirror);
    const { headers } = await mirrored("/", { headers: { host: "dash.example" } });
    expect(headers).toMatchObject({
      host: "dash.example",
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
      "x-forwarded-host": "dash.example",
    });
  });

  it("arrives with this hop after those before it", async () => {
    stage = await PassStage.open(mirror);
    const before = {
      "x-forwarded-for": "192.0.2.7",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "a.example",
      host: "b.example",
    };
    expect((await mirrored("/", { headers: before })).headers).toMatchObject({
      "x-forwarded-for": "192.0.2.7, 127.0.0.1",
      "x-forwarded-proto": "https, http",
      "x-forwarded-host": "a.example, b.example",
    });
  });

  it("loses what speaks to the next hop alone, and what its Connection header names", async () => {
    stage = await PassStage.open(mirror);
    const { headers } = await mirrored("/", {
      headers: {
        connection: "keep-alive, x-hop, Host, X-Forwarded-For",
        "x-hop": "1",
        te: "trailers",
        "keep-alive": "timeout=5",
        "proxy-connection": "keep-alive",
        "proxy-authorization": "Basic abc",
        host: "a.example",
        "x-forwarded-for": "192.0.2.7",
        "x-stays": "1",
      },
    });
    expect(Object.keys(headers).sort()).toEqual([
      "connection",
      "host",
      "x-forwarded-for",
      "x-forwarded-host",
      "x-forwarded-proto",
      "x-stays",
    ]);
    expect(headers["connection"]).toBe("close");
    expect(headers["x-forwarded-for"]).toBe("192.0.2.7, 127.0.0.1");
  });

  it("that expects to be told to continue is told, and arrives without the expectation", async () => {
    stage = await PassStage.open(mirror);
    const client = await stage.raw();
    client.request("POST / HTTP/1.1", "Host: a", "Expect: 100-continue", "Content-Length: 5");
    await client.until((text) => text.startsWith("HTTP/1.1 100 Continue\r\n\r\n"));
    client.socket.write("hello");
    const text = await client.until((text) => text.includes('"body":"hello"'));
    expect(text).not.toContain('"expect"');
    client.socket.destroy();
  });
});

describe("a response", () => {
  it("keeps its status, reason, header names, repeated headers and body", async () => {
    stage = await PassStage.open((_request, response) => {
      response.sendDate = false;
      response.writeHead(418, "Short And Stout", [
        ...["Set-Cookie", "a=1; Path=/"],
        ...["X-MiXed", "1"],
        ...["Set-Cookie", "b=2; HttpOnly"],
        ...["Link", "</a>"],
        ...["Link", "</b>"],
        ...["Date", "Wed, 25 Nov 2026 10:00:00 GMT"],
      ]);
      response.end("tea");
    });
    const got = await stage.ask("/");
    expect(got).toMatchObject({ status: 418, statusText: "Short And Stout", body: "tea" });
    expect(got.rawHeaders.slice(0, 12)).toEqual([
      ...["Set-Cookie", "a=1; Path=/", "X-MiXed", "1", "Set-Cookie", "b=2; HttpOnly"],
      ...["Link", "</a>", "Link", "</b>", "Date", "Wed, 25 Nov 2026 10:00:00 GMT"],
    ]);
  });

  it.each([301, 302, 303, 307, 308])("that redirects is not followed: %i", async (status) => {
    stage = await PassStage.open((_request, response) => {
      response.writeHead(status, { location: "http://127.0.0.1:1/login?next=%2F" }).end();
    });
    const got = await stage.ask("/");
    expect(got.status).toBe(status);
    expect(got.headers.location).toBe("http://127.0.0.1:1/login?next=%2F");
  });

  it("that is compressed is left so, byte for byte", async () => {
    const packed = gzipSync("hello");
    stage = await PassStage.open((_request, response) => {
      response.writeHead(200, { "content-encoding": "gzip", "content-length": packed.length });
      response.end(packed);
    });
    const got = await stage.ask("/", { headers: { "accept-encoding": "gzip" } });
    expect(Buffer.from(got.body, "latin1").equals(packed)).toBe(true);
    expect(got.headers["content-length"]).toBe(String(packed.length));
    expect(got.headers["transfer-encoding"]).toBeUndefined();
  });

  it("to HEAD keeps the length of the body that it has not", async () => {
    stage = await PassStage.open((_request, response) => {
      response.writeHead(200, { "content-length": 1234 }).end();
    });
    const got = await stage.ask("/", { method: "HEAD" });
    expect(got).toMatchObject({ status: 200, body: "" });
    expect(got.headers["content-length"]).toBe("1234");
  });

  it.each([204, 304])("without a body stays without: %i", async (status) => {
    stage = await PassStage.open((_request, response) => {
      response.writeHead(status, { etag: '"1"' }).end();
    });
    const got = await stage.ask("/");
    expect(got).toMatchObject({ status, body: "" });
    expect(got.headers.etag).toBe('"1"');
    expect(got.headers["transfer-encoding"]).toBeUndefined();
  });

  it("of a part is left so", async () => {
    stage = await PassStage.open((_request, response) => {
      response.writeHead(206, { "content-range": "bytes 0-1/5", "content-length": 2 }).end("he");
    });
    const got = await stage.ask("/", { headers: { range: "bytes=0-1" } });
    expect(got).toMatchObject({ status: 206, body: "he" });
    expect(got.headers["content-range"]).toBe("bytes 0-1/5");
  });

  it("keeps its trailers", async () => {
    stage = await PassStage.open((_request, response) => {
      response.writeHead(200, { trailer: "x-sum" });
      response.write("hello");
      response.addTrailers({ "x-sum": "5" });
      response.end();
    });
    const got = await stage.ask("/");
    expect(got).toMatchObject({ body: "hello", trailers: { "x-sum": "5" } });
    expect(got.headers.trailer).toBe("x-sum");
  });

  it("does not close the reader's connection because the backend closes its own", async () => {
    stage = await PassStage.open((_request, response) => {
      response.writeHead(200, { connection: "close, x-hop", "x-hop": "1", "content-length": 2 });
      response.end("ok");
    });
    const client = await stage.raw();
    client.request("GET /1 HTTP/1.1", "Host: a");
    const text = await client.until((text) => text.endsWith("ok"));
    expect(text).not.toMatch(/x-hop|connection: close/i);
    client.request("GET /2 HTTP/1.1", "Host: a", "Connection: close");
    expect((await client.closed()).match(/HTTP\/1\.1 200/g)).toHaveLength(2);
  });

  it("to HTTP/1.0 ends with its connection, without chunks or trailers", async () => {
    stage = await PassStage.open((_request, response) => {
      response.writeHead(200, { trailer: "x-sum" });
      response.write("hel");
      response.addTrailers({ "x-sum": "5" });
      response.end("lo");
    });
    const client = await stage.raw();
    client.request("GET / HTTP/1.0", "Host: a");
    const text = await client.closed();
    expect(text).not.toMatch(/transfer-encoding|trailer/i);
    expect(bodyOf(text)).toBe("hello");
  });

  it("that streams is not held back: neither its head nor an event of it", async () => {
    let send: (text: string) => void = () => {};
    stage = await PassStage.open((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      send = (text) => response.write(text);
    });
    const client = await stage.raw();
    client.request("GET /feed HTTP/1.1", "Host: a");
    await client.until((text) => text.includes("\r\n\r\n"));
    for (const event of ["data: 1\n\n", "data: 2\n\n"]) {
      send(event);
      await client.until((text) => text.includes(event));
    }
    expect(dechunk(bodyOf(client.text))).toEqual({
      payload: "data: 1\n\ndata: 2\n\n",
      isEnded: false,
    });
    client.socket.destroy();
  });
});

describe("closing", () => {
  it("answers what is new with 503, lets what is under way end, and then breaks off", async () => {
    const held: (() => void)[] = [];
    let arrived = () => {};
    stage = await PassStage.open((_request, response) => {
      held.push(() => response.end("done"));
      arrived();
    });
    const bothArrived = new Promise<void>((resolve) => {
      arrived = () => held.length === 2 && resolve();
    });
    const [first, second] = [await stage.raw(), await stage.raw()];
    for (const client of [first, second]) client.request("GET / HTTP/1.1", "Host: a");
    await bothArrived;
    const closing = stage.pass.close({ withinMs: 500 });
    const refused = await stage.ask("/");
    expect(refused.status).toBe(503);
    expect(refused.headers["retry-after"]).toBe("1");
    expect(JSON.parse(refused.body)).toMatchObject({ code: "shutting-down" });
    held[0]?.();
    await closing;
    // One of them was answered whole; the other ends without an answer.
    for (const client of [first, second]) client.socket.end();
    await Promise.all([first.closed(), second.closed()]);
    expect([first.text, second.text].filter((text) => text.includes("done"))).toHaveLength(1);
  });
});
