// Workers that are killed, and a server that is killed and restarted, under readers and publishers: what
// was acknowledged is delivered once and in order.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDeliveryChecker, freePort } from "@throughline/testkit";
import { EventSource } from "throughline";
import { createPublisher } from "throughline/publish";
import { expect, it, onTestFinished, vi } from "vitest";
import { parseMetrics } from "../../operations/parse-metrics.js";
import type { CliProcess } from "../cli-process.js";
import { ask, gone, openAtBoth, pidOf, start } from "./stage.js";

const READERS = 6;
const PUBLISHERS = 3;

/** Readers and publishers that go on whatever becomes of the server, and a checker of what they see. */
function crowd(url: string) {
  const checker = createDeliveryChecker();
  const sources = Array.from({ length: READERS }, (_, index) => {
    const name = `reader ${index}`;
    const source = new EventSource(`${url}/streams/feed`, {
      lastEventId: "earliest",
      onGap: (gap) => checker.toldGap(name, gap),
    });
    checker.joined(name);
    source.onmessage = ({ data }) => checker.received(name, String(data));
    onTestFinished(() => source.close());
    return source;
  });
  let isOver = false;
  let acknowledged = 0;
  const publishers = Array.from({ length: PUBLISHERS }, async (_, number) => {
    const publisher = createPublisher({ url, deadlineMs: 30_000 });
    for (let count = 0; !isOver; count += 1) {
      const key = `${number}:${count}`;
      checker.attempted(key);
      const { cursors } = await publisher.publish("feed", { data: key });
      checker.published(key, Number(cursors[0]?.split(".")[1]));
      acknowledged += 1;
    }
  });
  onTestFinished(() => {
    isOver = true;
  });
  return {
    checker,
    areLive: () => sources.every((source) => source.connection.state === "live"),
    acknowledged: () => acknowledged,
    finish: async () => {
      isOver = true;
      await Promise.all(publishers);
    },
  };
}

/** Resolves when the publishers have got so much further. */
async function more(acknowledged: () => number, events: number): Promise<void> {
  const from = acknowledged();
  await vi.waitFor(() => expect(acknowledged()).toBeGreaterThanOrEqual(from + events), {
    timeout: 30_000,
  });
}

async function startServer(dataDir: string, port: number): Promise<CliProcess> {
  const times = ["--not-ready-ms", "0", "--drain-ms", "1000"];
  const where = ["--port", String(port), "--data-dir", dataDir];
  const hub = start(["serve", "--workers", "2", ...where, ...times]);
  await hub.url();
  return hub;
}

it("each worker may be killed, then the first process, then all restarted: nothing is lost or twice", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "throughline-crash-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const first = await startServer(dataDir, port);
  const readers = await openAtBoth(`${url}/streams/feed`, 4);
  const { checker, areLive, acknowledged, finish } = crowd(url);
  await vi.waitFor(() => expect(areLive()).toBe(true), { timeout: 20_000 });
  await more(acknowledged, 50);

  for (const worker of [1, 2]) {
    const pid = await pidOf(first, worker);
    process.kill(pid, "SIGKILL");
    await gone(pid);
    await pidOf(first, worker, 1);
    await more(acknowledged, 50);
  }
  // Plain readers were cut off with their workers, and nobody else was.
  await Promise.all(readers.map(({ ended }) => ended));
  expect(first.lines("worker-ended")).toMatchObject([
    { worker: 1, signal: "SIGKILL", restartMs: 100 },
    { worker: 2, signal: "SIGKILL", restartMs: 100 },
  ]);
  const metrics = parseMetrics((await ask(`${url}/metrics`)).body);
  expect(metrics["throughline_workers_ended_total"]).toBe(2);

  await first.kill();
  const second = await startServer(dataDir, port);
  await more(acknowledged, 50);

  second.signal("SIGTERM");
  expect(await second.exitCode).toBe(0);
  await startServer(dataDir, port);
  await more(acknowledged, 50);
  await finish();

  const unharmed = { isFaithful: true, covered: [], publishedCount: acknowledged() };
  await vi.waitFor(() => expect(checker.verdict()).toMatchObject(unharmed), { timeout: 20_000 });
  expect(acknowledged()).toBeGreaterThan(200);
});
