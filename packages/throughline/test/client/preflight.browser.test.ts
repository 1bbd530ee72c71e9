// Preflights and compression in Chromium: what a stream of another origin costs each time that its reader
// comes back, counted at the server.

import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { constants, createGzip } from "node:zlib";
import { bundleScript, launchChromium } from "@throughline/browsers";
import { createHub, createMemoryLog, parseStreamName } from "@throughline/server";
import type { Browser, Page } from "playwright-core";
import type { EventSourceOptions } from "throughline";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

const DROPS = 5;

interface PageGlobals {
  readonly DropIn: typeof import("throughline").EventSource;
  seen: string[];
}

interface Started {
  readonly origin: string;
  /** The methods of all requests, in order. */
  readonly methods: string[];
  /** Breaks all connections. */
  drop(): void;
}

let script: string;
let browser: Browser;
let page: Page;
let pageOrigin: string;
const closers: (() => void)[] = [];

beforeAll(async () => {
  script = await bundleScript(new URL("class-page.ts", import.meta.url));
  browser = await launchChromium();
});
beforeEach(async () => {
  const server = await start((_, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end("<!doctype html>");
  });
  pageOrigin = server.origin;
  page = await browser.newPage();
  await page.goto(pageOrigin);
  await page.addScriptTag({ content: script });
});
afterEach(async () => {
  await page.close();
  for (const close of closers.splice(0)) close();
});
afterAll(() => browser.close());

async function start(listener: RequestListener): Promise<Started> {
  const methods: string[] = [];
  const server = createServer((request, response) => {
    if (request.url !== "/favicon.ico") methods.push(request.method ?? "");
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { origin, methods, drop: () => server.closeAllConnections() };
}

/** Opens a stream in the page; `globalThis.seen` has the data of its events. */
async function follow(url: string, options: EventSourceOptions): Promise<void> {
  const init = options as { headers?: Record<string, string> };
  await page.evaluate(
    ({ url, init }) => {
      const globals = globalThis as unknown as PageGlobals;
      globals.seen = [];
      const source = new globals.DropIn(url, init);
      source.onmessage = ({ data }) => globals.seen.push(data);
    },
    { url, init },
  );
}

async function untilSeen(data: string): Promise<void> {
  await page.waitForFunction(
    (wanted) => (globalThis as unknown as PageGlobals).seen.at(-1) === wanted,
    data,
  );
}

const count = ({ methods }: Started, method: string) =>
  methods.filter((each) => each === method).length;

describe("a stream of another origin", () => {
  it("that is ours costs two preflights for its headers, however often its reader comes back", async () => {
    const log = createMemoryLog();
    const hub = createHub({ log, cors: { origins: "*" } });
    const server = await start((request, response) => hub.handleNode(request, response));
    closers.unshift(() => void hub.close({ withinMs: 0 }));
    await follow(`${server.origin}/streams/news`, { headers: { authorization: "Bearer x" } });
    for (let n = 0; n <= DROPS; n += 1) {
      // The one that comes first may come before the reader, who is told what comes next.
      const data = String(n);
      const writing = setInterval(() => void append(data), 50);
      const append = (text: string) =>
        log.append(parseStreamName("news"), [{ type: "message", data: text }]);
      await untilSeen(data);
      clearInterval(writing);
      if (n < DROPS) server.drop();
    }
    // One before anything is known of the server, and one that is then remembered.
    expect(count(server, "OPTIONS")).toBe(2);
    expect(count(server, "GET")).toBe(DROPS + 1);
  });

  it("that is not costs a preflight each time, and is never read from the cache", async () => {
    let last = 0;
    const server = await start((request, response) => {
      response.setHeader("access-control-allow-origin", "*");
      response.setHeader("access-control-allow-headers", "x-key, last-event-id");
      response.setHeader("access-control-max-age", "600");
      // As careless as servers are that have never heard of streams.
      response.setHeader("cache-control", "max-age=600");
      if (request.method === "OPTIONS") response.writeHead(204).end();
      else {
        last += 1;
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.end(`retry: 1\nid: ${last}\ndata: ${last}\n\n`);
      }
    });
    await follow(`${server.origin}/feed`, { headers: { "x-key": "1" } });
    await untilSeen("3");
    expect(count(server, "OPTIONS")).toBe(count(server, "GET"));
  });
});

describe("a compressed stream", () => {
  it("is read as it comes", async () => {
    const server = await start((_, response) => {
      const compressed = createGzip({ flush: constants.Z_SYNC_FLUSH });
      compressed.pipe(response);
      response.writeHead(200, {
        "access-control-allow-origin": "*",
        "content-type": "text/event-stream",
        "content-encoding": "gzip",
      });
      let n = 0;
      const writing = setInterval(() => compressed.write(`data: ${++n}\n\n`), 20);
      response.on("close", () => clearInterval(writing));
    });
    await follow(`${server.origin}/feed`, {});
    await page.waitForFunction(() => (globalThis as unknown as PageGlobals).seen.length >= 10);
    const seen = await page.evaluate(() =>
      (globalThis as unknown as PageGlobals).seen.slice(0, 10),
    );
    expect(seen).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
    expect(server.methods).toEqual(["GET"]);
  });
});
