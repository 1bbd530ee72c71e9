// A page with more streams than a browser has HTTP/1.1 connections for: all of them over one of HTTP/2.

import { bundleClient, launchChromium } from "@throughline/browsers";
import { createHub, createMemoryLog, type Hub } from "@throughline/server";
import { createFaultProxy, type FaultProxy } from "@throughline/testkit";
import type { Browser, Page } from "playwright-core";
import type * as Throughline from "throughline";
import { afterAll, beforeAll, expect, it } from "vitest";
import { serveHttp2 } from "../src/http2.js";
import { makeCertificate } from "./certificate.js";

const STREAMS = 20;

/** The promise, and time for a browser to start a new connection on a busy machine. */
const HEALED_WITHIN_MS = 5000;

const OPEN_WITHIN_MS = 10_000;

let hub: Hub;
let path: FaultProxy;
/** The connections that requests for streams came over. */
const carriers = new Set<unknown>();
let browser: Browser;
let page: Page;
const stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const [certificate, script] = await Promise.all([makeCertificate(), bundleClient()]);
  const log = createMemoryLog();
  hub = createHub({ log, basePath: "/live" });
  const noting: Hub = {
    ...hub,
    handleNode: (request, response) => {
      carriers.add("stream" in request ? request.stream.session : request.socket);
      return hub.handleNode(request, response);
    },
  };
  const serving = await serveHttp2({ hub: noting, port: 0, host: "127.0.0.1", certificate });
  stops.push(() => serving.close());
  // TCP only: what is inside is between the browser and the hub.
  path = await createFaultProxy({
    upstream: { host: "127.0.0.1", port: Number(new URL(serving.url).port) },
  });
  stops.push(() => path.close());
  browser = await launchChromium();
  stops.push(() => browser.close());
  page = await browser.newPage({ ignoreHTTPSErrors: true });
  await page.goto(`https://127.0.0.1:${path.port}/`);
  await page.addScriptTag({ content: script });
});

afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});

/** What a page has in its globals here. */
interface PageGlobals {
  readonly throughline: typeof Throughline;
  received: string[][];
  sources: Throughline.EventSource[];
}

async function openStreams(): Promise<void> {
  await page.evaluate((count) => {
    const globals = globalThis as unknown as PageGlobals;
    globals.received = Array.from({ length: count }, () => []);
    globals.sources = globals.received.map((data, index) => {
      const source = new globals.throughline.EventSource(`/live/streams/news-${index}`);
      source.addEventListener("message", (event) => data.push(event.data));
      return source;
    });
  }, STREAMS);
}

/** Publishes to every stream, and says what each of them has to have received. */
async function publish(data: string): Promise<void> {
  for (let index = 0; index < STREAMS; index += 1) {
    await hub.publish(`news-${index}`, { data: `${data} of ${index}` });
  }
}

const received = () => page.evaluate(() => (globalThis as unknown as PageGlobals).received);

const all = (...data: readonly string[]) =>
  Array.from({ length: STREAMS }, (_, index) => data.map((text) => `${text} of ${index}`));

it(`${STREAMS} streams of a page in Chromium share a connection, and all heal when it is dropped`, async () => {
  const protocol = await page.evaluate(
    () => performance.getEntriesByType("navigation")[0]?.toJSON().nextHopProtocol,
  );
  expect(protocol).toBe("h2");
  await openStreams();
  await expect.poll(() => hub.stats().connections.live, { timeout: OPEN_WITHIN_MS }).toBe(STREAMS);
  expect(carriers.size).toBe(1);
  await publish("first");
  await expect.poll(received, { timeout: HEALED_WITHIN_MS }).toEqual(all("first"));

  carriers.clear();
  path.reset();
  await publish("second");
  await expect.poll(received, { timeout: HEALED_WITHIN_MS }).toEqual(all("first", "second"));
  const incidents = await page.evaluate(() =>
    (globalThis as unknown as PageGlobals).sources.map(
      ({ connection }) => connection.snapshot.incidents.length,
    ),
  );
  expect(incidents).toEqual(Array(STREAMS).fill(1));
  expect(carriers.size).toBe(1);
});
