// The same way through, for readers of HTTP/2 over TLS, and for those of HTTP/1.1 at the same port.

import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import {
  type ClientHttp2Session,
  connect,
  createSecureServer,
  type Http2SecureServer,
  type OutgoingHttpHeaders,
} from "node:http2";
import { request as secureRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { writeCertificate } from "../cli/certificate.js";
import { listen, PassStage } from "./pass-stage.js";

let folder: string;
let key: string;
let cert: string;
let stage: PassStage;
let server: Http2SecureServer;
let session: ClientHttp2Session;
let port: number;
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "throughline-pass-"));
  const files = await writeCertificate(folder);
  cert = files.cert;
  key = await readFile(files.keyPath, "utf8");
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

beforeEach(async () => {
  stage = await PassStage.open((request, response) => answer(request, response));
  server = createSecureServer({ key, cert, allowHTTP1: true }, (request, response) => {
    stage.pass.handleNode(request, response);
  });
  port = await listen(server);
  session = connect(`https://localhost:${port}`, { ca: cert });
  session.on("error", () => {});
});

afterEach(async () => {
  session.destroy();
  server.close();
  await stage.close();
});

/** Asks over HTTP/2. */
async function ask(headers: OutgoingHttpHeaders, body?: string) {
  const stream = session.request(headers, { endStream: body === undefined });
  const responded = once(stream, "response");
  let trailers = {};
  stream.on("trailers", (fields) => {
    trailers = fields;
  });
  if (body !== undefined) stream.end(body);
  const [fields] = (await responded) as [Record<string, string | string[]>];
  let text = "";
  for await (const chunk of stream.setEncoding("utf8")) text += String(chunk);
  return { fields, text, trailers };
}

const mirror = async (request: IncomingMessage, response: ServerResponse) => {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += String(chunk);
  const { method, url, headers } = request;
  response.end(JSON.stringify({ method, url, headers, body }));
};

describe("a request of HTTP/2", () => {
  it("arrives as one of HTTP/1.1", async () => {
    answer = mirror;
    const { text } = await ask({ ":path": "/a?b=1", cookie: ["a=1", "b=2"], "x-own": "v" });
    const got = JSON.parse(text) as { url: string; headers: Record<string, string> };
    expect(got.url).toBe("/a?b=1");
    expect(got.headers).toMatchObject({
      host: `localhost:${port}`,
      cookie: "a=1; b=2",
      "x-own": "v",
      "x-forwarded-proto": "https",
      "x-forwarded-host": `localhost:${port}`,
    });
    expect(Object.keys(got.headers).filter((name) => name.startsWith(":"))).toEqual([]);
  });

  it.each(["POST", "PUT", "DELETE", "GET", "OPTIONS"])(
    "arrives with a body of no declared length: %s",
    async (method) => {
      answer = mirror;
      const { text } = await ask({ ":method": method, ":path": "/" }, "hello");
      expect(JSON.parse(text)).toMatchObject({ method, body: "hello" });
    },
  );

  it("arrives with a body of a declared length", async () => {
    answer = mirror;
    const { text } = await ask({ ":method": "DELETE", "content-length": 5 }, "hello");
    const got = JSON.parse(text) as { headers: Record<string, string> };
    expect(got).toMatchObject({ body: "hello" });
    expect(got.headers).toMatchObject({ "content-length": "5" });
  });

  it("is ended at the backend when it is reset", async () => {
    const arrived = new Promise<ServerResponse>((resolve) => {
      answer = (_request, response) => resolve(response);
    });
    const stream = session.request({ ":path": "/" });
    stream.on("error", () => {});
    const response = await arrived;
    stream.close(8);
    await once(response, "close");
    expect(stage.failures).toEqual([]);
  });
});

describe("a response over HTTP/2", () => {
  it("has what the backend's had, without what only HTTP/1.1 knows", async () => {
    answer = (_request, response) => {
      response.writeHead(302, "Go There", [
        ...["Set-Cookie", "a=1"],
        ...["Set-Cookie", "b=2"],
        ...["Connection", "close, x-hop"],
        ...["X-Hop", "1"],
        ...["Keep-Alive", "timeout=5"],
        ...["Location", "/login?next=%2F"],
        ...["Trailer", "x-sum"],
      ]);
      response.write("hello");
      response.addTrailers({ "x-sum": "5" });
      response.end();
    };
    const { fields, text, trailers } = await ask({ ":path": "/" });
    expect(fields).toMatchObject({
      ":status": 302,
      "set-cookie": ["a=1", "b=2"],
      location: "/login?next=%2F",
    });
    expect(fields).not.toHaveProperty("x-hop");
    expect(fields).not.toHaveProperty("connection");
    expect(text).toBe("hello");
    expect(trailers).toMatchObject({ "x-sum": "5" });
  });

  it("that streams is not held back", async () => {
    const opened = new Promise<ServerResponse>((resolve) => {
      answer = (_request, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
        resolve(response);
      };
    });
    const stream = session.request({ ":path": "/feed" });
    stream.on("error", () => {});
    await once(stream, "response");
    const backend = await opened;
    backend.write("data: 1\n\n");
    const [chunk] = (await once(stream, "data")) as [Buffer];
    expect(chunk.toString()).toBe("data: 1\n\n");
    stream.close();
    await once(backend, "close");
  });

  it("that the backend broke off does not look whole", async () => {
    answer = (_request, response) => {
      response.write("hello", () => response.destroy());
    };
    const stream = session.request({ ":path": "/" });
    const failed = once(stream, "error");
    stream.resume();
    await once(stream, "response");
    stream.resume();
    expect(((await failed) as unknown[])[0] ?? stream.rstCode).toBeDefined();
    expect(stream.rstCode).toBe(2);
  });

  it("is 502 where the backend is away", async () => {
    stage.backend.close();
    await once(stage.backend, "close");
    const { fields, text } = await ask({ ":path": "/" });
    expect(fields).toMatchObject({ ":status": 502, "retry-after": "1" });
    expect(JSON.parse(text)).toMatchObject({ code: "backend-unavailable" });
  });
});

describe("a reader of HTTP/1.1 at the same port", () => {
  it("is served as well, and known to come over TLS", async () => {
    answer = mirror;
    const asked = secureRequest({ port, host: "localhost", ca: cert, path: "/x", agent: false });
    asked.end();
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    const got = JSON.parse((await response.toArray()).join("")) as {
      headers: Record<string, string>;
    };
    expect(got.headers).toMatchObject({ "x-forwarded-proto": "https" });
  });
});
