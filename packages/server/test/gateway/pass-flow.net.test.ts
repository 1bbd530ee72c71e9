// Bodies of any size, and ends of any kind: back-pressure both ways, and no side outlives the other.

import { once } from "node:events";
import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect } from "node:net";
import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { PassThroughOptions } from "../../src/gateway/pass-through.js";
import { listen, PassStage } from "./pass-stage.js";

const MIB = 1024 * 1024;
const PIECE = Buffer.alloc(MIB, 7);

let stage: PassStage;

afterEach(async () => {
  await stage.close();
});

/** A stage whose backend hands over the request that arrives, and does nothing itself. */
async function openHeld(options: Partial<PassThroughOptions> = {}) {
  let arrive: (pair: [IncomingMessage, ServerResponse]) => void = () => {};
  const arrived = new Promise<[IncomingMessage, ServerResponse]>((resolve) => {
    arrive = resolve;
  });
  stage = await PassStage.open((incoming, response) => arrive([incoming, response]), options);
  return { arrived };
}

/** Writes many MiB, as fast as they are taken. */
class Source {
  sentBytes = 0;

  async run(into: Writable, mib: number): Promise<void> {
    for (let piece = 0; piece < mib; piece += 1) {
      const isTaken = into.write(PIECE);
      this.sentBytes += MIB;
      if (!isTaken) await once(into, "drain");
    }
    into.end();
  }

  /** Waits until nothing is taken any more. */
  async stalled(): Promise<void> {
    let before = -1;
    while (before !== this.sentBytes) {
      before = this.sentBytes;
      await sleep(300);
    }
  }
}

async function sizeOf(body: AsyncIterable<Buffer>): Promise<number> {
  let bytes = 0;
  for await (const chunk of body) bytes += chunk.length;
  return bytes;
}

describe("a body", () => {
  it("of 200 MiB goes through as it comes, and is never in memory as a whole", async () => {
    stage = await PassStage.open(async (incoming, response) => {
      response.end(String(await sizeOf(incoming)));
    });
    const upload = request({ port: stage.port, method: "POST", agent: false });
    const answered = once(upload, "response");
    const beforeBytes = process.memoryUsage().arrayBuffers;
    let mostBytes = 0;
    upload.on("drain", () => {
      mostBytes = Math.max(mostBytes, process.memoryUsage().arrayBuffers - beforeBytes);
    });
    await new Source().run(upload, 200);
    const [response] = (await answered) as [IncomingMessage];
    expect((await response.toArray()).join("")).toBe(String(200 * MIB));
    expect(mostBytes).toBeLessThan(64 * MIB);
  });

  it("is taken from the reader only as fast as the backend takes it", async () => {
    const { arrived } = await openHeld();
    const upload = request({ port: stage.port, method: "POST", agent: false });
    const source = new Source();
    const sent = source.run(upload, 100);
    const [incoming, response] = await arrived;
    await source.stalled();
    expect(source.sentBytes).toBeLessThan(50 * MIB);
    const answered = once(upload, "response");
    expect(await sizeOf(incoming)).toBe(100 * MIB);
    response.end();
    await Promise.all([sent, answered]);
  });

  it("is taken from the backend only as fast as the reader takes it", async () => {
    const { arrived } = await openHeld();
    const client = connect(stage.port, "127.0.0.1");
    client.pause();
    client.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    const [, response] = await arrived;
    const source = new Source();
    const sent = source.run(response, 100);
    await source.stalled();
    expect(source.sentBytes).toBeLessThan(50 * MIB);
    expect(await sizeOf(client)).toBeGreaterThan(100 * MIB);
    await sent;
  });
});

describe("a reader who leaves", () => {
  it("before the answer ends the request to the backend, and is no failure", async () => {
    const { arrived } = await openHeld();
    const client = await stage.raw();
    client.request("GET / HTTP/1.1", "Host: a");
    const [, response] = await arrived;
    client.socket.destroy();
    await once(response, "close");
    expect(response.writableFinished).toBe(false);
    expect(stage.failures).toEqual([]);
  });

  it("during the answer ends it at the backend, and is no failure", async () => {
    const { arrived } = await openHeld();
    const client = await stage.raw();
    client.request("GET / HTTP/1.1", "Host: a");
    const [, response] = await arrived;
    response.write("hel");
    await client.until((text) => text.includes("hel"));
    client.socket.destroy();
    await once(response, "close");
    expect(stage.failures).toEqual([]);
  });

  it("during an upload breaks it off at the backend", async () => {
    const { arrived } = await openHeld();
    const client = await stage.raw();
    client.request("POST / HTTP/1.1", "Host: a", "Content-Length: 100");
    client.socket.write("some");
    const [incoming] = await arrived;
    incoming.on("error", () => {});
    incoming.resume();
    const closed = new Promise((resolve) => incoming.once("close", resolve));
    client.socket.destroy();
    await closed;
    expect(incoming.complete).toBe(false);
  });

  it("with several requests in a row ends them all at the backend", async () => {
    const held: ServerResponse[] = [];
    let arrive = () => {};
    const allArrived = new Promise<void>((resolve) => {
      arrive = () => held.length === 20 && resolve();
    });
    stage = await PassStage.open(
      (_incoming, response) => {
        held.push(response);
        arrive();
      },
      { maxRequests: 20 },
    );
    const client = await stage.raw();
    for (let at = 0; at < 20; at += 1) client.request(`GET /${at} HTTP/1.1`, "Host: a");
    await allArrived;
    const closed = Promise.all(held.map((response) => once(response, "close")));
    client.socket.destroy();
    await closed;
    // None of them is counted any more.
    const asked = stage.ask("/");
    await once(stage.backend, "request");
    held.at(-1)?.end("ok");
    expect(await asked).toMatchObject({ status: 200, body: "ok" });
  });

  it("before anybody passed their request on takes nothing, and is not counted", async () => {
    let arrived = 0;
    const early: [IncomingMessage, ServerResponse][] = [];
    stage = await PassStage.open(
      (_incoming, response) => {
        arrived += 1;
        response.end("ok");
      },
      { maxRequests: 1 },
    );
    stage.server.removeAllListeners("request");
    const taken = new Promise<void>((resolve) => {
      stage.server.once("request", (request, response) => {
        early.push([request, response]);
        resolve();
      });
    });
    const client = await stage.raw();
    client.request("GET / HTTP/1.1", "Host: a");
    await taken;
    const [request, response] = early[0] ?? [];
    if (request === undefined || response === undefined) throw new Error("Nothing came.");
    const left = once(response, "close");
    client.socket.destroy();
    await left;
    stage.pass.handleNode(request, response);
    stage.server.on("request", (...pair) => stage.pass.handleNode(...pair));
    expect(await stage.ask("/")).toMatchObject({ status: 200 });
    expect(arrived).toBe(1);
  });

  it("while waiting for a connection to the backend takes nothing from it", async () => {
    const paths: (string | undefined)[] = [];
    let answerFirst = () => {};
    stage = await PassStage.open(
      (incoming, response) => {
        paths.push(incoming.url);
        answerFirst = () => response.end("ok");
        if (incoming.url !== "/1") response.end("ok");
      },
      { maxSockets: 1 },
    );
    const [first, second, third] = [await stage.raw(), await stage.raw(), await stage.raw()];
    const heard = once(stage.backend, "request");
    first.request("GET /1 HTTP/1.1", "Host: a");
    await heard;
    const taken = once(stage.server, "request");
    second.request("GET /2 HTTP/1.1", "Host: a");
    const [, response] = (await taken) as [IncomingMessage, ServerResponse];
    third.request("GET /3 HTTP/1.1", "Host: a");
    second.socket.destroy();
    await once(response, "close");
    answerFirst();
    await third.until((text) => text.includes("ok"));
    expect(paths).toEqual(["/1", "/3"]);
    for (const client of [first, third]) client.socket.destroy();
  });
});

describe("a backend", () => {
  it("that breaks off before it answers is answered for with 502", async () => {
    stage = await PassStage.open((incoming) => incoming.socket.destroy());
    const got = await stage.ask("/a/b?token=secret", { headers: { cookie: "session=secret" } });
    expect(got.status).toBe(502);
    expect(got.headers).toMatchObject({
      "retry-after": "1",
      "content-type": "application/problem+json",
      "cache-control": "no-store",
    });
    expect(JSON.parse(got.body)).toEqual({
      title: "Bad Gateway",
      status: 502,
      code: "backend-unavailable",
      detail: expect.any(String),
    });
    expect(stage.failures.map(({ message }) => message)).toEqual([
      "the backend did not answer GET /a/b: ECONNRESET",
    ]);
  });

  it("that is away is answered for with 502, and a body that still comes is read away", async () => {
    stage = await PassStage.open(() => {});
    stage.backend.close();
    await once(stage.backend, "close");
    const got = await stage.ask("/", { method: "POST", body: Buffer.alloc(5 * MIB) });
    expect(got.status).toBe(502);
    expect(got.headers["retry-after"]).toBe("1");
    expect(stage.failures.map(({ code }) => code)).toEqual(["ECONNREFUSED"]);
  });

  it("that breaks off during its answer breaks it off for the reader", async () => {
    stage = await PassStage.open((_incoming, response) => {
      response.writeHead(200, { "content-length": 10 });
      response.write("hello", () => response.destroy());
    });
    const client = await stage.raw();
    client.request("GET / HTTP/1.1", "Host: a");
    expect(await client.closed()).toMatch(/hello$/);
    expect(stage.failures.map(({ code }) => code)).toEqual(["ECONNRESET"]);
  });

  it("that breaks off an answer in chunks does not make it look whole", async () => {
    stage = await PassStage.open((_incoming, response) => {
      response.write("hello", () => response.destroy());
    });
    const client = await stage.raw();
    client.request("GET / HTTP/1.1", "Host: a");
    expect(await client.closed()).not.toMatch(/0\r\n\r\n$/);
  });

  it("that takes too long is answered for with 504, and left", async () => {
    const { arrived } = await openHeld({ answerMs: 50 });
    const asked = stage.ask("/slow");
    const [, response] = await arrived;
    const left = once(response, "close");
    expect(await asked).toMatchObject({ status: 504 });
    await left;
    expect(stage.failures.map(({ code }) => code)).toEqual(["ETIMEDOUT"]);
  });

  it("has as long as the body takes, and the time after it", async () => {
    stage = await PassStage.open(
      async (incoming, response) => response.end(String(await sizeOf(incoming))),
      { answerMs: 400 },
    );
    const upload = request({ port: stage.port, method: "POST", agent: false });
    const answered = once(upload, "response");
    for (let piece = 0; piece < 8; piece += 1) {
      upload.write("x");
      await sleep(100);
    }
    upload.end();
    const [response] = (await answered) as [IncomingMessage];
    expect((await response.toArray()).join("")).toBe("8");
  });

  it("is not blamed for a body that does not come", async () => {
    await openHeld({ answerMs: 50 });
    const client = await stage.raw();
    client.request("POST / HTTP/1.1", "Host: a", "Content-Length: 100");
    client.socket.write("some");
    expect(await client.until((text) => text.includes("}\n"))).toMatch(/^HTTP\/1.1 408 /);
    client.socket.destroy();
    expect(stage.failures).toEqual([]);
  });

  it("that is silent in its answer for too long is left, and so is the reader", async () => {
    const { arrived } = await openHeld({ silenceMs: 50 });
    const client = await stage.raw();
    client.request("GET / HTTP/1.1", "Host: a");
    const [, response] = await arrived;
    response.write("hel");
    const left = once(response, "close");
    await Promise.all([left, client.closed()]);
    expect(client.text).toContain("hel");
  });

  it("may answer a body before it has read it", async () => {
    stage = await PassStage.open((incoming, response) => {
      response.writeHead(413, { "content-length": 9 }).write("too large");
      incoming.resume().once("end", () => response.end());
    });
    const got = await stage.ask("/", { method: "POST", body: Buffer.alloc(20 * MIB) });
    expect(got).toMatchObject({ status: 413, body: "too large" });
    expect(stage.failures).toEqual([]);
  });

  it("may refuse a body, and close, before it has read it", async () => {
    stage = await PassStage.open((_incoming, response) => {
      response.writeHead(413).end("too large");
    });
    for (let round = 0; round < 20; round += 1) {
      const got = await stage.ask("/", { method: "POST", body: Buffer.alloc(20 * MIB) });
      expect(got).toMatchObject({ status: 413, body: "too large" });
    }
    expect(stage.failures).toEqual([]);
  });

  it("that breaks off during an upload is answered for with 502", async () => {
    stage = await PassStage.open((incoming) => {
      incoming.once("data", () => incoming.socket.resetAndDestroy());
      incoming.on("error", () => {});
    });
    const got = await stage.ask("/", { method: "POST", body: Buffer.alloc(20 * MIB) });
    expect(got.status).toBe(502);
  });

  it("is never asked by more connections than it may, and by no more requests", async () => {
    let most = 0;
    let open = 0;
    stage = await PassStage.open(
      (_incoming, response) => {
        open += 1;
        most = Math.max(most, open);
        response.once("close", () => {
          open -= 1;
        });
        setImmediate(() => response.end());
      },
      { maxSockets: 3, maxRequests: 10 },
    );
    const asked = await Promise.all(Array.from({ length: 30 }, () => stage.ask("/")));
    expect(most).toBeLessThanOrEqual(3);
    const statuses = new Set(asked.map(({ status }) => status));
    expect([...statuses].every((status) => status === 200 || status === 503)).toBe(true);
    expect(await stage.ask("/")).toMatchObject({ status: 200 });
  });

  it("that comes back is asked again", async () => {
    stage = await PassStage.open((_incoming, response) => {
      response.end("back");
    });
    stage.backend.close();
    await once(stage.backend, "close");
    expect(await stage.ask("/")).toMatchObject({ status: 502 });
    stage.use({ upstream: new URL(`http://127.0.0.1:${await listen(stage.backend)}`) });
    expect(await stage.ask("/")).toMatchObject({ status: 200, body: "back" });
  });
});
