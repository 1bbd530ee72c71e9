// Scenario 25: a reader at a trickle beside a fast publisher, on real sockets.

import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { createParser } from "throughline/core";
import { expect, it } from "vitest";
import { EventReader } from "./event-reader.js";
import { startNodeHub } from "./running-hub.js";

const EVENTS = 15_000;
const EVENT_BYTES = 2000;

/** The high-water mark, one page, and the event that did not fit any more, with room for framing. */
const BOUND_BYTES = 64 * 1024 + 64 * 1024 + EVENT_BYTES + 4096;

it("a reader at a trickle costs bounded memory, delays nobody, and catches up", async () => {
  const running = await startNodeHub();
  const fast = new EventReader((await running.request("/streams/news")).body);
  await fast.payload("throughline.hello");

  const ids: string[] = [];
  const parser = createParser(
    { onEvent: ({ type, id }) => type === "message" && ids.push(id ?? "") },
    { decoder: new TextDecoder("utf-8", { ignoreBOM: true }) },
  );
  const slow = get({ port: running.port, path: "/streams/news" });
  const [response] = (await once(slow, "response")) as [IncomingMessage];
  response.on("data", (chunk: Uint8Array) => parser.push(chunk));
  response.pause();

  const batch = Array(100).fill({ data: "x".repeat(EVENT_BYTES) });
  let mostBytes = 0;
  for (let published = 0; published < EVENTS; published += batch.length) {
    await running.hub.publish("news", batch);
    response.read(1);
    await fast.until(({ data }) => data.length === published + batch.length);
    mostBytes = Math.max(mostBytes, running.hub.stats().queuedBytes);
  }
  expect(running.hub.stats().connections).toEqual({ replaying: 1, live: 1, draining: 0 });
  expect(mostBytes).toBeGreaterThan(0);
  expect(mostBytes).toBeLessThan(BOUND_BYTES);

  response.resume();
  while (ids.length < EVENTS) await sleep(5);
  expect(ids).toEqual(Array.from({ length: EVENTS }, (_, index) => `e1.${index + 1}`));
  await running.hub.publish("news", { data: "live again" });
  while (ids.length === EVENTS) await sleep(5);
  expect(running.hub.stats().connections.live).toBe(2);

  slow.destroy();
  await fast.cancel();
  await running.stop();
  expect(running.errors).toEqual([]);
});
