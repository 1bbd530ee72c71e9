// Proxies that hold bytes back: a stream gets through in short responses, and as a stream again when the
// path is clean. Nothing is lost, twice or out of order on the way there and back.

import { setTimeout as wait } from "node:timers/promises";
import { createMemoryLog } from "@throughline/server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type BufferFault,
  createFaultProxy,
  type FaultProxy,
} from "../../src/fault-proxy/index.js";
import {
  findProgram,
  nginx,
  type ReadyHub,
  type RealProxy,
  startReadyHub,
  startRealProxy,
} from "../../src/proxies/index.js";
import { createNumbers, openReader, type WatchedReader } from "./watched-reader.js";

/** The promise (design: "heal within 5 s"), counted from the first request. */
const FLOW_WITHIN_MS = 5000;

/** Attempts to stream that are brought forward are 5 s apart; the idle stream shows when it may be one. */
const BACK_WITHIN_MS = 7500;

let hub: ReadyHub;
let reader: WatchedReader | undefined;
let numbers: ReturnType<typeof createNumbers>;
let proxy: FaultProxy;

beforeEach(async () => {
  hub = await startReadyHub({ log: createMemoryLog() });
  proxy = await createFaultProxy({ upstream: { host: "127.0.0.1", port: hub.port } });
  reader = undefined;
  numbers = createNumbers(
    (data) => hub.hub.publish("news", { data: data.padEnd(60, " ") }),
    () => (reader === undefined ? [] : [reader]),
  );
});

afterEach(async () => {
  numbers.stop();
  reader?.close();
  await proxy.close();
  await hub.close(0);
});

function expectFaithful({ checker }: WatchedReader): void {
  const { isFaithful, lost, repeated } = checker.verdict();
  expect({ isFaithful, lost, repeated }).toEqual({ isFaithful: true, lost: [], repeated: [] });
}

/** Waits until the reader's channel says something. */
async function untilDegraded(opened: WatchedReader, isDegraded: boolean, withinMs: number) {
  const untilMs = performance.now() + withinMs;
  const { connection } = opened.source;
  while (connection.snapshot.isDegraded !== isDegraded || connection.state !== "live") {
    if (performance.now() > untilMs) throw new Error(JSON.stringify(connection.snapshot));
    await wait(5);
  }
}

const requestsOf = ({ source }: WatchedReader) => source.connection.statistics.requests;

describe.each<BufferFault["bytes"]>([4096, 102_400, "until-close"])(
  "a proxy that collects %s bytes before it passes them on",
  (bytes) => {
    it("lets events flow within 5 s of the first request, and each at once from then on", async () => {
      await proxy.set({ kind: "buffer", bytes });
      const startedMs = performance.now();
      const opened = await openReader(`${proxy.url}/streams/news`);
      reader = opened;
      await numbers.next();
      await opened.until(1, FLOW_WITHIN_MS);
      expect(performance.now() - startedMs).toBeLessThan(FLOW_WITHIN_MS);
      await wait(1500);
      let slowestMs = 0;
      for (let count = 0; count < 10; count++) {
        await wait(400);
        const publishedMs = performance.now();
        await opened.until(await numbers.next(), FLOW_WITHIN_MS);
        slowestMs = Math.max(slowestMs, performance.now() - publishedMs);
      }
      expect(slowestMs).toBeLessThan(700);
      expect(opened.source.connection).toMatchObject({ state: "live", reason: "buffered" });
      expect(opened.source.connection.snapshot.isDegraded).toBe(true);
      expectFaithful(opened);
    });

    it("asks for no more than it has to, on an idle stream and on a busy one", async () => {
      await proxy.set({ kind: "buffer", bytes });
      const opened = await openReader(`${proxy.url}/streams/news`);
      reader = opened;
      await untilDegraded(opened, true, FLOW_WITHIN_MS);
      await wait(2000);
      const idle = requestsOf(opened);
      await wait(6200);
      expect(requestsOf(opened) - idle).toBeLessThanOrEqual(4);
      const busy = requestsOf(opened);
      numbers.start(20);
      await wait(3000);
      expect(requestsOf(opened) - busy).toBeLessThanOrEqual(14);
      numbers.stop();
      await opened.until(numbers.count(), FLOW_WITHIN_MS);
      expect(opened.errors()).toBeLessThanOrEqual(2);
      expectFaithful(opened);
    });
  },
);

it("changes over and back without losing, repeating or announcing anything, while events come", async () => {
  const opened = await openReader(`${proxy.url}/streams/news`);
  reader = opened;
  numbers.start(50);
  await opened.until(20, FLOW_WITHIN_MS);
  const errors = opened.errors();
  for (let round = 0; round < 2; round++) {
    const faultyMs = performance.now();
    await proxy.set({ kind: "buffer", bytes: "until-close" });
    await untilDegraded(opened, true, 10_000);
    await opened.until(numbers.count(), FLOW_WITHIN_MS);
    expect(performance.now() - faultyMs).toBeLessThan(FLOW_WITHIN_MS);
    await wait(3000);
    const told = opened.errors();
    const cleanMs = performance.now();
    await proxy.set({ kind: "pass" });
    numbers.stop();
    await untilDegraded(opened, false, 40_000);
    expect(performance.now() - cleanMs).toBeLessThan(BACK_WITHIN_MS);
    numbers.start(50);
    await opened.until(numbers.count() + 20, FLOW_WITHIN_MS);
    expect(opened.errors()).toBe(told);
    await wait(6000);
  }
  numbers.stop();
  await opened.until(numbers.count(), FLOW_WITHIN_MS);
  expect(opened.errors() - errors).toBeLessThanOrEqual(6);
  expectFaithful(opened);
});

/** What operators write that makes nginx collect, although the hub asks it not to. */
const COLLECTING = {
  "with response buffering": "",
  "that compresses event streams":
    "proxy_http_version 1.1; gzip on; gzip_proxied any; gzip_types text/event-stream;",
};

// Only a machine that has the program can run it; `npm test` installs it where it can.
describe.skipIf(findProgram("nginx") === undefined)("nginx", () => {
  let front: RealProxy;
  afterEach(() => front.close());

  it.each(Object.entries(COLLECTING))(
    "%s, and that does not care what the hub asks for, passes short responses on",
    async (_name, lines) => {
      front = await startRealProxy(nginx, {
        config: ({ port }) =>
          `server { listen ${port}; location / { proxy_pass http://127.0.0.1:${hub.port};` +
          ` proxy_buffering on; proxy_ignore_headers X-Accel-Buffering; ${lines} } }\n`,
      });
      const startedMs = performance.now();
      const opened = await openReader(`${front.url}/streams/news`);
      reader = opened;
      await numbers.next();
      await opened.until(1, FLOW_WITHIN_MS);
      expect(performance.now() - startedMs).toBeLessThan(FLOW_WITHIN_MS);
      await wait(1500);
      for (let count = 0; count < 5; count++) {
        await wait(400);
        const publishedMs = performance.now();
        await opened.until(await numbers.next(), FLOW_WITHIN_MS);
        expect(performance.now() - publishedMs).toBeLessThan(700);
      }
      expect(opened.source.connection.snapshot.isDegraded).toBe(true);
      expectFaithful(opened);
    },
  );
});
