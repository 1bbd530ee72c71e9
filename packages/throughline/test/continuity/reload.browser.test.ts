// A real page that is loaded again, duplicated, left and come back to, while events are published.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { createHub, createMemoryLog, parseStreamName } from "@throughline/server";
import { type Browser, chromium, type Page } from "playwright-core";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const stream = parseStreamName("news");

const log = createMemoryLog();
const hub = createHub({ log });
const server = createServer((request, response) => {
  if (request.url?.startsWith("/streams/")) {
    hub.handleNode(request, response);
    return;
  }
  const isScript = request.url === "/page.js";
  response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" });
  response.end(isScript ? script : '<!doctype html><script src="/page.js"></script>');
});
let script = "";
let browser: Browser;
let origin: string;
let published: string[];
let publishing: NodeJS.Timeout;

beforeAll(async () => {
  script = await bundle();
  browser = await chromium.launch({
    executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => clearInterval(publishing));
afterAll(async () => {
  await browser.close();
  await hub.close({ withinMs: 0 });
  server.closeAllConnections();
  server.close();
});

/** A tab with the page in it, and an event every 10 ms from when it is connected. */
async function openTab(): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(origin);
  await page.waitForFunction(
    () => (globalThis as unknown as PageGlobals).source.lastEventId !== "",
  );
  published = [];
  publishing = setInterval(() => {
    const data = String(published.length + 1);
    published.push(data);
    void log.append(stream, [{ type: "message", data }]);
  }, 10);
  return page;
}

interface PageGlobals {
  readonly source: { readonly lastEventId: string };
  readonly seen: string[];
}

const seenIn = (page: Page) => page.evaluate(() => (globalThis as unknown as PageGlobals).seen);

/** Waits until the page has had an event that was published after this was called. */
async function catchUp(page: Page): Promise<string[]> {
  const newest = published.length;
  await page.waitForFunction(
    (wanted) => Number((globalThis as unknown as PageGlobals).seen.at(-1)) > wanted,
    newest,
  );
  return seenIn(page);
}

/** What the page that is about to go had when it went: asked for as late as there is any way to. */
async function leaving(page: Page, how: () => Promise<unknown>): Promise<string[]> {
  await page.evaluate(() => {
    addEventListener("pagehide", () => {
      const { seen } = globalThis as unknown as PageGlobals;
      sessionStorage.setItem("had", JSON.stringify(seen));
    });
  });
  await how();
  return page.evaluate(() => JSON.parse(sessionStorage.getItem("had") ?? "[]"));
}

describe("a page with continuity", () => {
  it("has each event once over ten reloads", async () => {
    const page = await openTab();
    const all: string[] = [];
    for (let time = 0; time < 10; time += 1) {
      await catchUp(page);
      all.push(...(await leaving(page, () => page.reload())));
    }
    all.push(...(await catchUp(page)));
    expect(all).toEqual(published.slice(0, all.length));
    await page.context().close();
  });

  it("has each event once, over a page that it was left for", async () => {
    const page = await openTab();
    await catchUp(page);
    const all = await leaving(page, () =>
      page
        .goto("data:text/html,elsewhere")
        .catch(() => {})
        .then(() => page.goto(origin)),
    );
    all.push(...(await catchUp(page)));
    expect(all).toEqual(published.slice(0, all.length));
    await page.context().close();
  });

  it("goes on in the duplicate of its tab, and in itself", async () => {
    const page = await openTab();
    await catchUp(page);
    // The tab's storage is copied to a window that it opens, as to its duplicate.
    const [duplicate] = await Promise.all([
      page.waitForEvent("popup"),
      page.evaluate((url) => void open(url), origin),
    ]);
    const copied = await catchUp(duplicate);
    const own = await catchUp(page);
    expect(own).toEqual(published.slice(0, own.length));
    // It begins at most a second, the time between two saves, before the moment of the copy.
    const first = Number(copied[0]);
    expect(copied).toEqual(published.slice(first - 1, first - 1 + copied.length));
    const rest = await leaving(page, () => page.reload());
    rest.push(...(await catchUp(page)));
    expect(rest).toEqual(published.slice(0, rest.length));
    await page.context().close();
  });
});

async function bundle(): Promise<string> {
  const results = await build({
    configFile: false,
    logLevel: "error",
    resolve: {
      alias: [
        { find: /^throughline$/, replacement: here("../../src/client/index.ts") },
        { find: /^throughline\/continuity$/, replacement: here("../../src/continuity/index.ts") },
      ],
    },
    build: {
      write: false,
      lib: { entry: here("page.ts"), formats: ["iife"], name: "page" },
    },
  });
  const [result] = Array.isArray(results) ? results : [results];
  const chunk = result !== undefined && "output" in result ? result.output[0] : undefined;
  if (chunk?.type !== "chunk") throw new Error("The bundle of the page has no code.");
  return chunk.code;
}
