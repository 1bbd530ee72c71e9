import { afterEach, expect, test } from "vitest";
import { type ExampleProcess, startExample } from "./start-example.js";

let started: ExampleProcess[] = [];

function start(port: number): ExampleProcess {
  const example = startExample(port);
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

test("a port that is no port is refused", async () => {
  const example = start(70_000);
  expect(await example.exitCode).toBe(1);
  expect(example.output().trim()).toBe('PORT must be a number from 0 to 65535, got "70000".');
});
