// What streams cost the backend (D11, D12 of the contract), and what is left when it dies.

import { spawnSync } from "node:child_process";
import { afterEach, describe, expect, it } from "vitest";
import { startFeeder } from "../../backend/launcher/feeder.js";
import { findFlaskPython } from "../../backend/launcher/python-process.js";
import {
  type Backend,
  type BackendOptions,
  startBackend,
} from "../../backend/launcher/start-backend.js";
import { createScenario } from "../../server/scenario/scenario.js";
import { OpenStream } from "./open-stream.js";

// Where there is no Python with Flask and gunicorn, and none can be made; scripts/test.mjs says so.
describe.skipIf(findFlaskPython() === undefined)("the threads of the backend", () => {
  let backend: Backend;
  let cookie: string;
  const streams: OpenStream[] = [];

  async function start(options: BackendOptions): Promise<void> {
    backend = await startBackend({ generation: "first", ...options });
    cookie = await backend.logIn();
  }
  async function feed(): Promise<OpenStream> {
    const url = `${backend.url}/api/v1/strategist/feed?ward=All`;
    const stream = await OpenStream.open(url, cookie);
    streams.push(stream);
    return stream.untilMore("heartbeat");
  }
  function status(withinMs = 50_000): Promise<Response> {
    const signal = AbortSignal.timeout(withinMs);
    return fetch(`${backend.url}/api/v1/status`, { headers: { connection: "close" }, signal });
  }
  afterEach(async () => {
    for (const stream of streams.splice(0)) stream.close();
    await backend.close();
  });

  it("are all taken by as many streams, and an ordinary request waits until one ends (D11)", async () => {
    await start({ workers: 1, threads: 4, pollS: 0.3 });
    const [first, ...others] = [await feed(), await feed(), await feed(), await feed()];
    let isAnswered = false;
    const answer = status().then((response) => {
      isAnswered = true;
      return response;
    });
    await Promise.all(others.map((stream) => stream.untilMore("heartbeat", 3)));
    expect(isAnswered).toBe(false);
    // The control answers all the same.
    expect((await backend.counts()).open).toEqual({ feed: 4 });
    first.close();
    expect((await answer).status).toBe(200);
  });

  it("are kept by a client that has closed, until the writes of the next polls fail (D12)", async () => {
    await start({ pollS: 1 });
    const stream = await feed();
    const closedMs = performance.now();
    stream.close();
    expect((await backend.counts()).open).toEqual({ feed: 1 });
    await backend.countsWhen(({ open }) => open.feed === undefined);
    // One poll at least; on most days two, since the first write into a closed connection succeeds.
    expect(performance.now() - closedMs).toBeGreaterThan(500);
  });

  it("are gone with a kill, and rows are kept: also those that are inserted meanwhile", async () => {
    await start({ pollS: 0.3 });
    const before = await backend.insertAlert({ ward: "Kept" });
    const stream = await feed();
    await backend.kill();
    await stream.end();
    await expect(status()).rejects.toThrow();
    expect((await backend.counts()).open).toEqual({});
    const meanwhile = await backend.insertAlert({ ward: "Kept" });
    const { url } = backend;
    await backend.restart();
    expect(backend.url).toBe(url);
    const headers = { cookie, connection: "close" };
    const alerts = await (await fetch(`${url}/api/v1/alerts/Kept`, { headers })).json();
    expect(alerts).toMatchObject({ alerts: [{ id: meanwhile.id }, { id: before.id }] });
    expect((await backend.counts()).requests.feed).toBe(1);
  });

  it("are replaced by SIGHUP, though the old ones go on, and are given a moment by SIGTERM", async () => {
    await start({ pollS: 0.3, gracefulS: 1 });
    const stream = await feed();
    await backend.kill("SIGHUP");
    const ready = () => backend.output().match(/Worker is ready/g)?.length;
    await expect.poll(ready, { timeout: 20_000 }).toBe(4);
    await stream.untilMore("heartbeat", 2);
    // An old worker may still take a request that it will not answer any more.
    await expect.poll(async () => (await status(2000)).ok, { timeout: 10_000 }).toBe(true);
    const askedMs = performance.now();
    await backend.kill("SIGTERM");
    expect(performance.now() - askedMs).toBeGreaterThan(900);
    await stream.end();
    await expect(status()).rejects.toThrow();
  });

  it("accept and say nothing while they are frozen", async () => {
    await start({ pollS: 0.1 });
    const stream = await feed();
    await backend.kill("SIGSTOP");
    const length = stream.text.length;
    let isAnswered = false;
    const answer = status().then(() => {
      isAnswered = true;
    });
    for (let asked = 0; asked < 100; asked += 1) await backend.counts();
    expect([isAnswered, stream.text.length]).toEqual([false, length]);
    await backend.kill("SIGCONT");
    await answer;
    await stream.untilMore("heartbeat");
  });

  it("read what the feeder writes, as it happens", async () => {
    await start({ pollS: 0.2 });
    const onError = (error: unknown) => {
      throw error;
    };
    const scenario = createScenario(7);
    const stream = await feed();
    const feeder = await startFeeder({ scenario, control: backend, headStart: 40, onError });
    await stream.until(({ types }) => types.includes("alert") && types.includes("intelligence"));
    const told = stream.count("alert");
    await stream.until((now) => now.count("alert") > told || now.count("intelligence") > 1);
    await feeder.stop();
  });
});

// For the same reason.
describe.skipIf(findFlaskPython() === undefined)("a backend", () => {
  it("says why it does not start", async () => {
    const start = startBackend({ env: { FEED_GENERATION: "third" } });
    await expect(start).rejects.toThrow(/FEED_GENERATION is one of/);
  });

  it("leaves no file and no process behind", async () => {
    const backend = await startBackend({ workers: 1 });
    const pid = Number(/\[(\d+)\] \[INFO\] Listening/.exec(backend.output())?.[1]);
    const worker = Number(/Booting worker with pid: (\d+)/.exec(backend.output())?.[1]);
    expect([pid, worker].map(isAlive)).toEqual([true, true]);
    await backend.close();
    await backend.close();
    expect([pid, worker].map(isAlive)).toEqual([false, false]);
  });
});

/** An orphan that has ended, and that nobody has buried yet (`Z`), lives no more. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return /^[^Z]/.test(stdout.trim());
}
