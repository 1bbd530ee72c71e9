// A deploy as a reader sees it: two hubs over one log behind one address, and the first is closed.

import { createServer } from "node:http";
import { createHub } from "@throughline/server";
import { createMemoryLog } from "@throughline/server/log";
import { EventSource } from "throughline";
import { expect, it } from "vitest";
import { listen, stopServer } from "./running-hub.js";

const READERS = 20;
const CLOSE_WITHIN_MS = 4000;
/** Between two events; what a reader waits for beyond it is what the deploy cost. */
const EVERY_MS = 20;

it("readers of a hub that is closed go over to its successor without noticing", async () => {
  const log = createMemoryLog();
  const hubs = [createHub({ log }), createHub({ log })];
  let present = 0;
  const server = createServer((request, response) => hubs[present]?.handleNode(request, response));
  const port = await listen(server);
  const readers = Array.from({ length: READERS }, () => openReader(port));
  await Promise.all(readers.map(({ isOpen }) => isOpen));

  let published = 0;
  const publisher = setInterval(() => {
    published += 1;
    void hubs[1]?.publish("news", { data: String(published) });
  }, EVERY_MS);
  present = 1;
  await hubs[0]?.close({ withinMs: CLOSE_WITHIN_MS });
  clearInterval(publisher);

  const all = Array.from({ length: published }, (_, index) => String(index + 1));
  await hubs[1]?.publish("news", { data: "last" });
  await Promise.all(readers.map(({ isDone }) => isDone));
  for (const { source, data, announced, longestGapMs } of readers) {
    expect(data).toEqual([...all, "last"]);
    expect(announced).toEqual(["open"]);
    expect(longestGapMs()).toBeLessThan(1000);
    expect(source.connection.snapshot.incidents).toEqual([]);
    expect(source.connection.statistics.requests).toBe(2);
    source.close();
  }
  await stopServer(server);
  await hubs[1]?.close({ withinMs: 0 });
  await log.close();
});

function openReader(port: number) {
  const source = new EventSource(`http://127.0.0.1:${port}/streams/news`);
  const data: string[] = [];
  const announced: string[] = [];
  let lastMs = Number.NaN;
  let gapMs = 0;
  const isOpen = new Promise<void>((resolve) => {
    source.addEventListener("open", () => {
      announced.push("open");
      resolve();
    });
  });
  source.addEventListener("error", () => announced.push("error"));
  const isDone = new Promise<void>((resolve) => {
    source.addEventListener("message", (event) => {
      const nowMs = performance.now();
      if (!Number.isNaN(lastMs)) gapMs = Math.max(gapMs, nowMs - lastMs);
      lastMs = nowMs;
      data.push(event.data);
      if (event.data === "last") resolve();
    });
  });
  return { source, data, announced, isOpen, isDone, longestGapMs: () => gapMs };
}
