// Scenario 25: a reader at a byte per second beside a fast publisher, on real sockets.

import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { EventReader } from "./event-reader.js";
import { startNodeHub } from "./running-hub.js";
import { openTrickleSocket } from "./trickle-socket.js";

const BATCH_EVENTS = 100;
const EVENT_BYTES = 1000;

/** About 5 MB a second, as long as it lasts. */
const BATCH_EVERY_MS = 20;

/** The kernel takes some megabytes before anybody notices that nothing is read. */
const LEAST_EVENTS = 15_000;

/** What the reader takes in this time is less than one event: the head of the response, as far as it comes. */
const LEAST_TRICKLED_BYTES = 4;

const FAST_READERS = 5;

/** The high-water mark, one page, and the event that did not fit any more, with room for framing. */
const BOUND_BYTES = 64 * 1024 + 64 * 1024 + EVENT_BYTES + 4096;

/** Readers and hub share this process; without anybody slow the longest wait is some 50 ms. */
const LONGEST_WAIT_MS = 1000;

it("a reader at a byte per second costs bounded memory, delays nobody, and catches up", async () => {
  const running = await startNodeHub();
  onTestFinished(() => running.stop());
  const open = async () => new EventReader((await running.request("/streams/news")).body);
  const fast = await Promise.all(Array.from({ length: FAST_READERS }, open));
  await Promise.all(fast.map((reader) => reader.payload("throughline.hello")));

  const ids: string[] = [];
  let rest = "";
  const slow = await openTrickleSocket({
    port: running.port,
    target: "/streams/news",
    everyMs: 1000,
    onText: (text) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (/^id: e1\.[1-9]/.test(line)) ids.push(line.slice(4));
    },
  });
  onTestFinished(() => slow.destroy());
  while (running.hub.stats().connections.live <= FAST_READERS) await sleep(5);

  const batch = Array(BATCH_EVENTS).fill({ data: "x".repeat(EVENT_BYTES) });
  let published = 0;
  let mostBytes = 0;
  let longestMs = 0;
  const publish = async () => {
    const begunMs = performance.now();
    published += batch.length;
    await running.hub.publish("news", batch);
    const newest = `e1.${published}`;
    await Promise.all(
      fast.map((reader) => reader.until(({ events }) => events.at(-1)?.id === newest)),
    );
    longestMs = Math.max(longestMs, performance.now() - begunMs);
  };
  while (published < LEAST_EVENTS || slow.bytes() < LEAST_TRICKLED_BYTES) {
    await publish();
    mostBytes = Math.max(mostBytes, running.hub.stats().queuedBytes);
    await sleep(BATCH_EVERY_MS);
  }
  expect(slow.bytes()).toBeLessThan(EVENT_BYTES);
  expect(running.hub.stats().connections).toEqual({
    replaying: 1,
    live: FAST_READERS,
    draining: 0,
  });
  expect(longestMs).toBeLessThan(LONGEST_WAIT_MS);
  expect(mostBytes).toBeGreaterThan(0);
  expect(mostBytes).toBeLessThan(BOUND_BYTES);

  slow.hurry();
  while (ids.length < published) await sleep(5);
  await publish();
  while (ids.length < published) await sleep(5);
  expect(ids).toEqual(Array.from({ length: published }, (_, index) => `e1.${index + 1}`));
  expect(running.hub.stats().connections.live).toBe(FAST_READERS + 1);
  for (const reader of fast) expect(reader.data).toHaveLength(published);
  expect(running.errors).toEqual([]);
});
