// The real proxies between a hub and a page in Chromium: what they do to its stream when they are told to read
// their configuration again, when they are killed, and when the backend behind them falls silent.

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { bundleClient, launchChromium } from "@throughline/browsers";
import { createHub, createMemoryLog, type Hub } from "@throughline/server";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createFaultProxy, type FaultProxy } from "../../src/fault-proxy/index.js";
import { findProgram, type RealProxy, startRealProxy } from "../../src/proxies/index.js";
import { proxies } from "./configurations.js";

/** The promises of 2 s and 5 s, and what a busy machine adds. */
const BEGUN_WITHIN_MS = 2700;
const HEALED_WITHIN_MS = 8000;

/** What the page says of its one source. */
interface Told {
  readonly data: readonly string[];
  /** Since 1970. */
  readonly begunAtMs: readonly (number | undefined)[];
  readonly gaps: number;
}

const PAGE = `<!doctype html><script src="/client.js"></script><script>
  const source = new throughline.EventSource("/streams/news", { lastEventId: "earliest" });
  const data = [];
  source.onmessage = (event) => data.push(event.data);
  globalThis.told = () => {
    const { incidents, statistics } = source.connection.snapshot;
    return { data, begunAtMs: incidents.map(({ begunAtMs }) => begunAtMs), gaps: statistics.gaps };
  };
</script>`;

let script: string;
let browser: Browser;
let hub: Hub;
let server: Server;
let published: number;
let publishing: NodeJS.Timeout;

beforeAll(async () => {
  script = await bundleClient();
  browser = await launchChromium();
});
afterAll(() => browser?.close());

beforeEach(async () => {
  hub = createHub({ log: createMemoryLog() });
  server = createServer((request, response) => {
    if (request.url === "/readyz") response.end();
    else if (request.url === "/client.js") {
      response.setHeader("content-type", "text/javascript").end(script);
    } else if (request.url === "/") response.setHeader("content-type", "text/html").end(PAGE);
    else hub.handleNode(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  published = 0;
  publishing = setInterval(() => {
    published += 1;
    void hub.publish("news", { data: String(published) });
  }, 50);
});
afterEach(async () => {
  clearInterval(publishing);
  await hub.close({ withinMs: 0 });
  server.close();
  server.closeAllConnections();
});

const tell = (page: Page) => page.evaluate<Told>("told()");

/** Waits until the page has an event that is published after this was called. */
async function hears(page: Page): Promise<void> {
  const before = published;
  const newest = async () => Number((await tell(page)).data.at(-1));
  await expect.poll(newest, { timeout: HEALED_WITHIN_MS }).toBeGreaterThan(before);
}

describe.each(Object.values(proxies))("behind $kind.program", ({ kind, documented }) => {
  let paths: readonly [FaultProxy, FaultProxy];
  let front: RealProxy;
  let page: Page;

  // Only a machine that has the program can run it; `npm test` installs it where it can.
  describe.skipIf(findProgram(kind.program) === undefined)("a page", () => {
    beforeEach(async () => {
      const upstream = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
      paths = [await createFaultProxy({ upstream }), await createFaultProxy({ upstream })];
      const ports = [paths[0].port, paths[1].port] as const;
      front = await startRealProxy(kind, { config: (own) => documented(own, ports) });
      page = await browser.newPage();
      await page.goto(`${front.url}/`);
      await hears(page);
    });
    afterEach(async () => {
      await page.close();
      await front.close();
      for (const path of paths) await path.close();
    });

    it("loses nothing by a reload, a restart, and a backend that falls silent", async () => {
      await front.reload();
      await hears(page);
      expect((await tell(page)).begunAtMs).toEqual([]);

      await front.kill();
      await expect.poll(async () => (await tell(page)).begunAtMs.length).toBe(1);
      await wait(1000);
      await front.start();
      await hears(page);

      const silentAtMs = Date.now();
      for (const path of paths) await path.set({ kind: "freeze", direction: "both" });
      const begunAtMs = async () => (await tell(page)).begunAtMs[1];
      await expect.poll(begunAtMs, { timeout: HEALED_WITHIN_MS }).toBeDefined();
      expect(((await begunAtMs()) ?? Infinity) - silentAtMs).toBeLessThan(BEGUN_WITHIN_MS);
      for (const path of paths) await path.set({ kind: "pass" });
      await hears(page);

      const { data, gaps } = await tell(page);
      expect(data).toEqual(data.map((_, index) => String(index + 1)));
      expect(gaps).toBe(0);
    });
  });
});
