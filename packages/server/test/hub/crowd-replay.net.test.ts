// Scenarios 14, 15, 19 and 25 on real sockets: long replays, crowds that catch up, and readers that take nothing.
// `THROUGHLINE_HEAVY=1` replays a million events instead of a hundred thousand.

import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { createMemoryLog } from "@throughline/server/log";
import type { Hello } from "throughline/core";
import { afterEach, describe, expect, it } from "vitest";
import { EventReader } from "./event-reader.js";
import { RawSocket } from "./raw-socket.js";
import { type RunningHub, startNodeHub } from "./running-hub.js";
import { epochs, NEWS, numbers } from "./stage.js";

const LONG_REPLAY = process.env["THROUGHLINE_HEAVY"] === "1" ? 1_000_000 : 100_000;

/** Readers that come back together. */
const CROWD = 1000;

/** What each of them has to catch up with, at least: nine hundred events of a kilobyte. */
const MISSED_BYTES = 900 * 1000;

/** Readers that are there all the time. */
const LIVE = 5;

/** Measured: 110 to 190 ms. The crowd is read by this process as well: most of the time goes there. */
const LONGEST_WAIT_MS = 2000;

let running: RunningHub | undefined;
afterEach(async () => {
  await running?.stop();
  expect(running?.errors ?? []).toEqual([]);
  running = undefined;
});

async function publishMany(hub: RunningHub, count: number, bytes: number): Promise<void> {
  const padding = "x".repeat(bytes);
  for (let done = 0; done < count; done += 1000) {
    await hub.hub.publish("news", Array(1000).fill({ data: padding }));
  }
}

const GET = ["GET /streams/news?cursor=earliest HTTP/1.1", "Host: hub"];
const GET_NEWS = "GET /streams/news HTTP/1.1";

describe("a replay", () => {
  it("of very many events comes on one connection, whole, and holds little of it in memory", async () => {
    const log = createMemoryLog({ maxEvents: 2_000_000, maxBytes: 2 ** 30, createEpoch: epochs() });
    running = await startNodeHub({ log });
    await publishMany(running, LONG_REPLAY, 20);
    const { socket } = await RawSocket.open(running.port);
    let next = 1;
    let rest = "";
    let mostQueued = 0;
    socket.removeAllListeners("data");
    socket.write([...GET, "", ""].join("\r\n"));
    for await (const text of socket) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line === `id: e1.${next}`) next += 1;
      mostQueued = Math.max(mostQueued, running.hub.stats().queuedBytes);
      if (next > LONG_REPLAY) break;
    }
    expect(next).toBe(LONG_REPLAY + 1);
    expect(mostQueued).toBeLessThan(256 * 1024);
  });

  it("by a crowd that resumes does not keep live readers waiting", async () => {
    running = await startNodeHub({ cache: { events: 2000, bytes: 4 * 1024 * 1024 } });
    const { hub, port } = running;
    const live = await Promise.all(
      Array.from({ length: LIVE }, async () => {
        return new EventReader((await running?.request("/streams/news"))?.body ?? null);
      }),
    );
    await Promise.all(live.map((reader) => reader.payload("throughline.hello")));
    await publishMany(running, 1000, 1000);
    const newest = async (id: string) => {
      await Promise.all(
        live.map((reader) => reader.until(({ events }) => events.at(-1)?.id === id)),
      );
    };
    await newest("e1.1000");
    const crowd = await Promise.all(numbers(1, CROWD).map(() => RawSocket.open(port)));
    const behind = new Set<unknown>();
    for (const { socket } of crowd) {
      let left = MISSED_BYTES;
      behind.add(socket);
      socket.removeAllListeners("data");
      socket.on("data", (text: string) => {
        left -= text.length;
        if (left <= 0) behind.delete(socket);
      });
      socket.write([GET_NEWS, "Host: hub", "Last-Event-ID: e1.100", "", ""].join("\r\n"));
    }
    const latenciesMs: number[] = [];
    while (behind.size > 0) {
      const sentMs = performance.now();
      const { cursors } = await hub.publish("news", { data: "now" });
      await newest(cursors[0] ?? "");
      latenciesMs.push(performance.now() - sentMs);
      await sleep(5);
    }
    for (const { socket } of crowd) socket.destroy();
    for (const reader of live) await reader.cancel();
    expect(latenciesMs.length).toBeGreaterThan(10);
    expect(Math.max(...latenciesMs)).toBeLessThan(LONGEST_WAIT_MS);
  });
});

describe("many readers that take nothing", () => {
  it("hold no more memory together than they may, and delay nobody", async () => {
    const maxQueuedBytes = 512 * 1024;
    running = await startNodeHub({ maxQueuedBytes });
    const fast = new EventReader((await running.request("/streams/news")).body);
    await fast.payload("throughline.hello");
    const stuck = await Promise.all(numbers(1, 30).map(() => RawSocket.open(running?.port ?? 0)));
    for (const { socket } of stuck) {
      socket.write(["GET /streams/news HTTP/1.1", "Host: hub", "", ""].join("\r\n"));
      socket.pause();
    }
    while (running.hub.stats().connections.live < 31) await sleep(5);
    let most = 0;
    for (let published = 500; published <= 10_000; published += 500) {
      await running.hub.publish("news", Array(500).fill({ data: "x".repeat(2000) }));
      await fast.until(({ data }) => data.length === published);
      // Room is made in the turn after the one in which it turned out to be too much.
      for (let turn = 0; turn < 2; turn += 1) await nextTurn();
      most = Math.max(most, running.hub.stats().queuedBytes);
    }
    expect(running.hub.stats().shedTotal).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(maxQueuedBytes);
    for (const { socket } of stuck) socket.destroy();
    await fast.cancel();
  });
});

describe("a cursor", () => {
  const resumed = async (query: string) => {
    const reader = new EventReader(
      (await running?.request(`/streams/news?${query}`))?.body ?? null,
    );
    const { resume } = (await reader.payload("throughline.hello")) as Hello;
    return { reader, resume };
  };

  it("of a reader that was idle beyond retention and missed nothing is caught up, not lost", async () => {
    running = await startNodeHub();
    await publishMany(running, 1000, 10);
    await running.log.trim(NEWS, 1000);
    const { reader, resume } = await resumed("cursor=e1.1000");
    await running.hub.publish("news", { data: "next" });
    await reader.until(({ data }) => data.length === 1);
    expect([resume, reader.data, reader.types.includes("throughline.gap")]).toEqual([
      "caught-up",
      ["next"],
      false,
    ]);
    await reader.cancel();
  });

  it("moves on while the filter hides a thousand events, so that a drop costs next to nothing", async () => {
    running = await startNodeHub({ cache: { events: 0, bytes: 0 } });
    const { reader } = await resumed("topics=mine");
    await publishMany(running, 1000, 10);
    await reader.until(({ events }) => Number(events.at(-1)?.id?.split(".")[1]) >= 800);
    const id = reader.events.at(-1)?.id ?? "";
    await reader.cancel();
    await running.log.trim(NEWS, 800);
    const again = await resumed(`topics=mine&cursor=${id}`);
    await running.hub.publish("news", { data: "mine", topic: "mine" });
    await again.reader.until(({ data }) => data.length === 1);
    expect(again.reader.types).not.toContain("throughline.gap");
    await again.reader.cancel();
  });
});
