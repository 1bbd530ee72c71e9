import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { subscribe } from "throughline";
import { afterEach, expect, test } from "vitest";
import { type ExampleProcess, startExample } from "./start-example.js";

let started: ExampleProcess[] = [];

function start(port: number, folder?: string): ExampleProcess {
  const example = startExample(port, folder);
  started.push(example);
  return example;
}

afterEach(async () => {
  await Promise.all(started.map((example) => example.kill()));
  started = [];
});

test.each(["SIGINT", "SIGTERM"] as const)("%s ends it in good order", async (signal) => {
  const example = start(0);
  const url = await example.url;
  // Open streams on both sides, which must not keep the process.
  const streams = await Promise.all([
    fetch(new URL("/live/streams/feed", url)),
    fetch(new URL("/api/v1/strategist/feed?ward=All", url)),
  ]);
  expect(streams.map(({ status }) => status)).toEqual([200, 200]);
  const ended = Promise.all(streams.map((stream) => stream.text().catch(() => "cut off")));
  example.signal(signal);
  expect(await example.exitCode).toBe(0);
  const [hub, today] = await ended;
  expect(hub).toContain("throughline.drain");
  expect(today).toContain('"type":"connection"');
});

test("a port that is taken is said in one line, with a way out", async () => {
  const first = start(0);
  const port = Number(new URL(await first.url).port);
  const second = start(port);
  expect(await second.exitCode).toBe(1);
  expect(second.output().trim()).toBe(
    `Port ${port} on 127.0.0.1 is taken. Choose another one, for example: PORT=${port + 1}`,
  );
});

test("the feed goes on after kill -9, with everything that readers were sent", async () => {
  const folder = mkdtempSync(join(tmpdir(), "strategist-"));
  try {
    const before = await readFeed(start(0, folder));
    const after = await readFeed(start(0, folder), before.at(-1)?.id);
    expect(after[0]?.offset).toBe((before.at(-1)?.offset ?? 0) + 1);
    expect(after[0]?.epoch).toBe(before[0]?.epoch);
    // The story goes on: nothing of it is told a second time.
    const known = new Set(before.map(({ item }) => item));
    expect(after.filter(({ item }) => known.has(item))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Reads some events, from the first stored or after a cursor, and kills the example. */
async function readFeed(example: ExampleProcess, after = "earliest") {
  const url = new URL(`/live/streams/feed?cursor=${after}`, await example.url);
  const seen: { id: string; epoch: string; offset: number; item: string }[] = [];
  for await (const { lastEventId: id, data } of subscribe(url)) {
    const [epoch = "", offset] = id.split(".");
    const message = JSON.parse(data);
    seen.push({ id, epoch, offset: Number(offset), item: `${message.type} ${message.data.id}` });
    if (seen.length >= (after === "earliest" ? 702 : 2)) break;
  }
  await example.kill();
  return seen;
}

test("a folder that is in use is said in one line, with a way out", async () => {
  const folder = mkdtempSync(join(tmpdir(), "strategist-"));
  try {
    const first = start(0, folder);
    await first.url;
    const second = start(0, folder);
    expect(await second.exitCode).toBe(1);
    expect(second.output().trim()).toMatch(/^[^\n]*DATA_DIR=another-folder$/);
    await first.kill();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a port that is no port is refused", async () => {
  const example = start(70_000);
  expect(await example.exitCode).toBe(1);
  expect(example.output().trim()).toBe('PORT must be a number from 0 to 65535, got "70000".');
});
