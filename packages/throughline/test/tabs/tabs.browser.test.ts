// Real tabs of one browser over HTTP/1.1, with six connections for all of them, and what becomes of them when
// the one that holds the connection goes, in every way there is.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createHub, createMemoryLog, parseStreamName } from "@throughline/server";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const stream = parseStreamName("news");

const log = createMemoryLog();
const hub = createHub({ log });
/** Streams that are being read at the server. */
let open = 0;
const server = createServer((request, response) => {
  if (request.url?.startsWith("/streams/")) {
    if (request.method === "GET") {
      open += 1;
      response.on("close", () => {
        open -= 1;
      });
    }
    hub.handleNode(request, response);
    return;
  }
  const isScript = request.url === "/page.js";
  response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" });
  response.end(isScript ? script : '<!doctype html><script src="/page.js"></script>');
});
let script = "";
let browser: Browser;
let context: BrowserContext;
let origin: string;
let published: string[];
let publishing: NodeJS.Timeout;

beforeAll(async () => {
  script = await bundle();
  browser = await chromium.launch({
    executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(async () => {
  context = await browser.newContext();
  published = [];
  publishing = setInterval(() => {
    const data = String(published.length + 1);
    published.push(data);
    void log.append(stream, [{ type: "message", topic: `t/${published.length % 2}`, data }]);
  }, 10);
});
afterEach(async () => {
  clearInterval(publishing);
  await context.close();
});
afterAll(async () => {
  await browser.close();
  await hub.close({ withinMs: 0 });
  server.closeAllConnections();
  server.close();
});

interface PageGlobals {
  readonly source: { readonly lastEventId: string; readonly readyState: number; close(): void };
  readonly seen: string[];
  readonly gaps: unknown[];
}

async function openTab(query = ""): Promise<Page> {
  const page = await context.newPage();
  await page.goto(origin + query);
  return page;
}

async function openTabs(count: number): Promise<Page[]> {
  const pages = await Promise.all(Array.from({ length: count }, () => openTab()));
  await caughtUp(pages, 10_000);
  return pages;
}

/** Waits until each has had an event that was published after this was called. */
async function caughtUp(pages: readonly Page[], withinMs: number): Promise<void> {
  const newest = published.length;
  await Promise.all(
    pages.map((page) =>
      page.waitForFunction(
        (wanted) => Number((globalThis as unknown as PageGlobals).seen.at(-1)) > wanted,
        newest,
        { timeout: withinMs, polling: 50 },
      ),
    ),
  );
}

/** Waits until the server is read so often. */
async function isReadBy(count: number): Promise<void> {
  await expect.poll(() => open, { timeout: 10_000 }).toBe(count);
}

/** That each tab has had, from its first event on, each one once and in order. */
async function expectWhole(pages: readonly Page[], step = 1): Promise<void> {
  for (const page of pages) {
    const { seen, gaps } = await page.evaluate(() => {
      const { seen, gaps } = globalThis as unknown as PageGlobals;
      return { seen, gaps };
    });
    const numbers = seen.map(Number);
    const [first = 0] = numbers;
    expect(numbers).toEqual(numbers.map((_, index) => first + index * step));
    expect(gaps).toEqual([]);
  }
}

/** The tab that holds the connection, once there is one. */
async function leaderOf(pages: readonly Page[]): Promise<Page> {
  await expect.poll(() => indexOfLeader(pages), { timeout: 10_000 }).toBeGreaterThanOrEqual(0);
  return pages[await indexOfLeader(pages)] as Page;
}

async function indexOfLeader(pages: readonly Page[]): Promise<number> {
  const held = await Promise.all(
    pages.map((page) =>
      page.evaluate(async () => {
        const { held = [] } = await navigator.locks.query();
        return held
          .filter(({ name }) => name?.startsWith("throughline "))
          .map(({ clientId }) => clientId);
      }),
    ),
  );
  const [leader] = held.flat();
  const own = await Promise.all(pages.map((page) => page.evaluate(ownClientId)));
  return own.indexOf(leader);
}

/** The name under which this tab holds locks. */
async function ownClientId(): Promise<string | undefined> {
  return navigator.locks.request(`probe ${Math.random()}`, async (lock) => {
    const { held = [] } = await navigator.locks.query();
    return held.find(({ name }) => name === lock?.name)?.clientId;
  });
}

describe("eight tabs", () => {
  it("read one connection, each has each event once, and the last one out closes it", async () => {
    const pages = await openTabs(8);
    await isReadBy(1);
    await caughtUp(pages, 5000);
    await expectWhole(pages);
    for (const page of pages) {
      await page.evaluate(() => (globalThis as unknown as PageGlobals).source.close());
    }
    await isReadBy(0);
  });

  it.each([
    { how: "is closed", go: (page: Page) => page.close() },
    {
      how: "closes its source",
      go: (page: Page) =>
        page.evaluate(() => (globalThis as unknown as PageGlobals).source.close()),
    },
    { how: "goes elsewhere", go: (page: Page) => page.goto("about:blank") },
    { how: "crashes", go: crash },
  ])(
    "are live within 5 s, with nothing lost or twice, when the one that leads $how",
    async ({ go }) => {
      let pages = await openTabs(8);
      for (let time = 0; time < 3; time += 1) {
        await isReadBy(1);
        const leader = await leaderOf(pages);
        await go(leader);
        pages = pages.filter((page) => page !== leader);
        await caughtUp(pages, 5000);
        await expectWhole(pages);
        await leader.close();
      }
      expect(pages).toHaveLength(5);
    },
  );

  it("are live within 5 s when the one that leads freezes, and it joins them when it thaws", async () => {
    const pages = await openTabs(4);
    await isReadBy(1);
    const leader = await leaderOf(pages);
    const others = pages.filter((page) => page !== leader);
    const session = await context.newCDPSession(leader);
    await session.send("Page.setWebLifecycleState", { state: "frozen" });
    await caughtUp(others, 5000);
    await wait(3000);
    await expectWhole(others);
    await session.send("Page.setWebLifecycleState", { state: "active" });
    await caughtUp(pages, 5000);
    await expectWhole(pages);
    await isReadBy(1);
  });

  it("lose nothing when the connection is dropped, over and over", async () => {
    const pages = await openTabs(8);
    for (let time = 0; time < 5; time += 1) {
      server.closeAllConnections();
      await caughtUp(pages, 5000);
    }
    await expectWhole(pages);
    await isReadBy(1);
  });

  it("that come while others read have all from their first event on", async () => {
    const pages: Page[] = [];
    for (let count = 0; count < 8; count += 1) {
      pages.push(await openTab());
      await caughtUp(pages, 5000);
    }
    await isReadBy(1);
    await expectWhole(pages);
  });
});

describe("tabs that ask for something else, or are somebody else's", () => {
  it("have connections of their own", async () => {
    const odd = await openTab("?topics=t/1");
    const even = await openTab("?topics=t/0");
    const all = await openTab();
    const bob = await openTab("?owner=bob");
    await caughtUp([odd, even, all, bob], 5000);
    await isReadBy(4);
    await expectWhole([odd, even], 2);
    await expectWhole([all, bob]);
  });
});

async function crash(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  // It never answers.
  session.send("Page.crash").catch(() => {});
  await page.waitForEvent("crash");
}

async function bundle(): Promise<string> {
  const results = await build({
    configFile: false,
    logLevel: "error",
    resolve: {
      alias: [
        { find: /^throughline$/, replacement: here("../../src/client/index.ts") },
        { find: /^throughline\/tabs$/, replacement: here("../../src/tabs/index.ts") },
      ],
    },
    build: { write: false, lib: { entry: here("page.ts"), formats: ["iife"], name: "page" } },
  });
  const [result] = Array.isArray(results) ? results : [results];
  const chunk = result !== undefined && "output" in result ? result.output[0] : undefined;
  if (chunk?.type !== "chunk") throw new Error("The bundle of the page has no code.");
  return chunk.code;
}
