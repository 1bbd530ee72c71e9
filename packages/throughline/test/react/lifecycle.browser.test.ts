// React in a real browser, over a real hub: StrictMode, components that come and go, and gaps.

import { bundleScript, launchChromium } from "@throughline/browsers";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type PageServer, startPageServer } from "./browser/server.js";

let script: string;
let browser: Browser;
let server: PageServer;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  const page = new URL("browser/page.tsx", import.meta.url);
  script = await bundleScript(page, { isDevelopment: true });
  browser = await launchChromium();
});
afterAll(() => browser?.close());

beforeEach(async () => {
  complaints = [];
  server = await startPageServer(script);
  page = await browser.newPage();
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(server.url);
  await page.waitForFunction(() => "page" in globalThis);
});
afterEach(async () => {
  await page.close();
  await server.close();
  expect(complaints).toEqual([]);
});

const open = () => {
  const { replaying, live, draining } = server.stats().connections;
  return replaying + live + draining;
};
const rows = () => page.evaluate(() => globalThis.page.rows);
const isLive = (count = 1) => expect.poll(open, { timeout: 10_000 }).toBe(count);
/** From the first that came on, each row once. */
const expectContiguous = (got: readonly number[]) =>
  expect(got).toEqual(got.map((_, index) => (got[0] ?? 0) + index));

test("StrictMode, and a hundred renderings with everything inline, are one connection", async () => {
  for (let round = 0; round < 100; round += 1) await page.evaluate(() => globalThis.page.show(1));
  await isLive();
  for (let round = 0; round < 100; round += 1) await page.evaluate(() => globalThis.page.show(1));
  expect(server.stats().acceptedTotal).toBe(1);
});

test("after components that came and went at any moment one connection is left, and all rows", async () => {
  const stop = server.publishEvery(5);
  await page.evaluate(async () => {
    // Also within one task, one frame, and while a request is under way.
    for (let round = 0; round < 120; round += 1) {
      globalThis.page.show(round % 3);
      if (round % 4 > 0) await new Promise((resolve) => setTimeout(resolve, (round * 7) % 40));
    }
    globalThis.page.show(1);
  });
  await isLive();
  const before = (await rows()).length;
  await expect.poll(async () => (await rows()).length).toBeGreaterThan(before + 100);
  await stop();
  await expect.poll(async () => (await rows()).at(-1)).toBe(server.rows.length);
  expectContiguous(await rows());
  await page.evaluate(() => globalThis.page.show(0));
  await isLive(0);
});

test("after the URL has changed at any moment the newest one is read, by one connection, from its beginning", async () => {
  const stop = server.publishEvery(5);
  await page.evaluate(async () => {
    for (let round = 0; round < 60; round += 1) {
      globalThis.page.showUrl(round);
      if (round % 3 > 0) await new Promise((resolve) => setTimeout(resolve, (round * 7) % 40));
    }
  });
  await isLive();
  await expect.poll(async () => (await rows()).length).toBeGreaterThan(50);
  await stop();
  await expect.poll(async () => (await rows()).at(-1)).toBe(server.rows.length);
  const got = await rows();
  expectContiguous(got);
  // What the URLs before it had been sent is not among them.
  await page.evaluate(() => globalThis.page.showUrl(1000));
  expect(await rows()).toEqual([]);
});

test("what a server has rendered is taken over without a complaint, and reads by one connection", async () => {
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  await page.evaluate(() => globalThis.page.hydrate());
  await isLive();
  await server.publish(3);
  await expect.poll(async () => (await rows()).length).toBe(3);
  expect(server.stats().acceptedTotal).toBe(1);
});

test("a burst is a few renderings", async () => {
  await page.evaluate(() => globalThis.page.show(1));
  await isLive();
  const before = await page.evaluate(() => globalThis.page.renderings);
  await server.publish(500);
  await expect.poll(async () => (await rows()).length).toBe(500);
  const renderings = (await page.evaluate(() => globalThis.page.renderings)) - before;
  // StrictMode renders each twice; a frame is 16 ms, and the burst some frames long.
  expect(renderings).toBeLessThan(200);
});

test("readers that share have one connection, which outlives a change of pages", async () => {
  await page.evaluate(() => globalThis.page.showShared(8));
  await isLive();
  await page.evaluate(async () => {
    for (let round = 0; round < 20; round += 1) {
      globalThis.page.showShared(0);
      await new Promise((resolve) => setTimeout(resolve, 20));
      globalThis.page.showShared(8);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
  expect(server.stats().acceptedTotal).toBe(1);
  await page.evaluate(() => globalThis.page.showShared(0));
  await isLive(0);
});

test("over a gap, under load, and with snapshots that fail, each row is there exactly once", async () => {
  await server.publish(20);
  const stop = server.publishEvery(4);
  await page.evaluate(() => globalThis.page.showSnapshot());
  const catchUps = () => page.evaluate(() => globalThis.page.catchUps);
  await expect.poll(catchUps).toBe(1);
  await expect.poll(async () => (await rows()).length).toBeGreaterThan(60);
  for (let round = 0; round < 3; round += 1) {
    server.cut();
    server.failSnapshots(round);
    // More than the log keeps.
    await server.publish(400);
    server.restore();
    await expect.poll(catchUps, { timeout: 20_000 }).toBe(2 + round);
  }
  await stop();
  await expect.poll(async () => (await rows()).length).toBe(server.rows.length);
  expect(await rows()).toEqual(server.rows);
});
