// The same in a real browser: its own network stack decides what a script sees of a response, and when.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { bundleClient, launchChromium } from "@throughline/browsers";
import { createHub, createMemoryLog, type Hub } from "@throughline/server";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createFaultProxy, type FaultProxy } from "../../src/fault-proxy/index.js";

/** What the page keeps of its one source. */
interface Told {
  readonly data: readonly string[];
  readonly announced: readonly string[];
  readonly state: string;
  readonly reason: string;
  readonly isDegraded: boolean;
}

let hub: Hub;
let server: Server;
let proxy: FaultProxy;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  hub = createHub({ log: createMemoryLog() });
  const bundle = await bundleClient();
  server = createServer((request, response) => {
    if (request.url === "/")
      response.setHeader("content-type", "text/html").end("<title>x</title>");
    else if (request.url === "/client.js") response.end(bundle);
    else hub.handleNode(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  proxy = await createFaultProxy({ upstream: { host: "127.0.0.1", port } });
  browser = await launchChromium();
  page = await browser.newPage();
  await page.goto(proxy.url);
  await page.addScriptTag({ url: "/client.js" });
});

afterAll(async () => {
  await browser.close();
  await proxy.close();
  await hub.close({ withinMs: 0 });
  server.close();
  server.closeAllConnections();
});

it("reads a stream that is held back until the end, and goes back when it is not", async () => {
  await proxy.set({ kind: "buffer", bytes: "until-close" });
  await page.evaluate(OPEN);
  await hub.publish("news", { data: "1" });
  const held = await until(({ data }) => data.length === 1);
  expect(held).toMatchObject({ state: "live", reason: "buffered", isDegraded: true });
  const publishedMs = performance.now();
  await hub.publish("news", { data: "2" });
  await until(({ data }) => data.length === 2);
  expect(performance.now() - publishedMs).toBeLessThan(1000);
  await proxy.set({ kind: "pass" });
  const back = await until(({ isDegraded }) => !isDegraded);
  await hub.publish("news", { data: "3" });
  const last = await until(({ data }) => data.length === 3);
  expect(last.data).toEqual(["1", "2", "3"]);
  expect(last.announced).toEqual(back.announced);
});

const OPEN = `
  const source = new throughline.EventSource("/streams/news", { lastEventId: "earliest" });
  const data = [];
  const announced = [];
  source.onmessage = (event) => data.push(event.data);
  for (const type of ["open", "error"]) source.addEventListener(type, () => announced.push(type));
  globalThis.told = () => {
    const { state, reason, isDegraded } = source.connection.snapshot;
    return { data, announced, state, reason, isDegraded };
  };
`;

/** Waits until something holds of what the page was told. */
async function until(holds: (told: Told) => boolean): Promise<Told> {
  for (;;) {
    const told = await page.evaluate<Told>("told()");
    if (holds(told)) return told;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
