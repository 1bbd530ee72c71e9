// The workers of a server on virtual time: who is started, replaced, told and ended.

import { createMemoryLog } from "@throughline/server/log";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { resolveSettings } from "../../../src/cli/config/resolve-settings.js";
import { SERVE_SETTINGS } from "../../../src/cli/config/serve-settings.js";
import { UsageError } from "../../../src/cli/config/usage-error.js";
import type { Questions, ToWorker } from "../../../src/cli/workers/control.js";
import { Crew } from "../../../src/cli/workers/crew.js";
import type { Worker, WorkerEnd, WorkerSetup } from "../../../src/cli/workers/worker-process.js";
import type { PeerAnswer } from "../../../src/hub/peers.js";
import type { MetricsSnapshot } from "../../../src/operations/metrics.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A worker that does what the test says. */
class TestWorker implements Worker {
  readonly worker: number;
  readonly pid = 1;
  readonly told: ToWorker[] = [];
  readonly readiness = undefined;
  lastSnapshot: MetricsSnapshot | undefined;
  readonly connections = 0;
  readonly isReady = true;
  readonly isHeard = true;
  readonly isFree = true;
  readonly ended: Promise<void>;
  drained = Promise.resolve();
  readonly setup: WorkerSetup;
  leaseAnswer: PeerAnswer | undefined;
  hubId: string | undefined;
  isServing = false;
  wasKilled = false;
  #resolveEnded = () => {};

  constructor(setup: WorkerSetup) {
    this.setup = setup;
    this.worker = setup.worker;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
  }

  serve(): void {
    this.hubId = `hub-${this.worker}`;
    this.isServing = true;
    this.setup.events.onServing(this);
  }

  end(end: Partial<WorkerEnd> = {}): void {
    this.isServing = false;
    this.setup.events.onEnded(this, { code: 1, signal: null, livedMs: 10, ...end });
    this.#resolveEnded();
  }

  tell(message: ToWorker): void {
    this.told.push(message);
    if (message.kind === "end") this.end({ code: 0 });
  }

  async ask<Kind extends keyof Questions>(): Promise<Questions[Kind]["answer"] | undefined> {
    return this.leaseAnswer as Questions[Kind]["answer"] | undefined;
  }

  async snapshot(): Promise<undefined> {}

  take(): void {}

  kill(): void {
    this.wasKilled = true;
    this.end({ signal: "SIGKILL" });
  }
}

function assemble(workers = 2) {
  const started: TestWorker[] = [];
  const ended = vi.fn();
  const crew = new Crew({
    config: resolveSettings(SERVE_SETTINGS, { environment: {}, flags: { workers: `${workers}` } }),
    log: createMemoryLog(),
    lines: { logger: pino({ level: "silent" }) },
    begin: (setup) => {
      const worker = new TestWorker(setup);
      started.push(worker);
      return worker;
    },
    metrics: () => Promise.resolve("numbers"),
    onChanged: () => {},
    onEnded: ended,
  });
  return { crew, started, ended };
}

/** A crew whose first workers serve. */
async function serving(workers = 2) {
  const assembled = assemble(workers);
  const starting = assembled.crew.start();
  for (const worker of assembled.started) worker.serve();
  await starting;
  return assembled;
}

describe("a crew", () => {
  it("has started when all of its workers serve", async () => {
    const { crew, started } = assemble(3);
    let hasStarted = false;
    const starting = crew.start().then(() => {
      hasStarted = true;
    });
    started[2]?.serve();
    started[0]?.serve();
    await vi.advanceTimersByTimeAsync(10_000);
    expect([hasStarted, crew.workers.map(({ worker }) => worker)]).toEqual([false, [1, 3]]);
    started[1]?.serve();
    await starting;
    expect(started).toHaveLength(3);
  });

  it("is not started at all where one of them cannot serve, and says what that one said", async () => {
    const { crew, started } = assemble();
    const starting = crew.start();
    started[0]?.serve();
    started[1]?.end({ failure: { message: "No such file.", isExpected: true } });
    await expect(starting).rejects.toEqual(new UsageError("No such file."));
    expect(started[0]?.told).toEqual([{ kind: "end" }]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(started).toHaveLength(2);
  });

  it("replaces a worker that ends while others are still being started, however often", async () => {
    const { crew, started } = assemble();
    const starting = crew.start();
    started[0]?.serve();
    started[0]?.end();
    await vi.advanceTimersByTimeAsync(100);
    started.at(-1)?.end();
    await vi.advanceTimersByTimeAsync(200);
    started.at(-1)?.serve();
    started[1]?.serve();
    await starting;
    expect(crew.workers.map(({ worker }) => worker).sort()).toEqual([1, 2]);
  });

  it("counts a worker that does not answer with what it said last", async () => {
    const { crew, started } = await serving();
    const last: MetricsSnapshot = [];
    if (started[1] !== undefined) started[1].lastSnapshot = last;
    expect(await crew.snapshots()).toEqual([last]);
  });

  it("waits for a worker that is stuck no longer than for one that is slow", async () => {
    const { crew, started } = await serving();
    if (started[0] !== undefined) started[0].drained = new Promise(() => {});
    const drained = vi.fn();
    void crew.drain().then(drained);
    // notReadyMs and drainMs by default, and the time for the last bytes.
    await vi.advanceTimersByTimeAsync(1000 + 10_000 + 10_000);
    expect(drained).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1000);
    expect(drained).toHaveBeenCalled();
  });

  it("replaces a worker that ends, later each time that one does not last", async () => {
    const { started, ended } = await serving();
    started[0]?.end({ signal: "SIGKILL" });
    await vi.advanceTimersByTimeAsync(99);
    expect(started).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(started.at(-1)?.worker).toBe(1);
    started.at(-1)?.end({ failure: { message: "No such file.", isExpected: true } });
    await vi.advanceTimersByTimeAsync(199);
    expect(started).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(1);
    expect(started).toHaveLength(4);
    expect(ended).toHaveBeenCalledTimes(2);
  });

  it("starts no more than two a minute of a worker that ends at once, for ever", async () => {
    const { started } = await serving();
    started[0]?.end();
    for (let second = 0; second < 600; second += 1) {
      await vi.advanceTimersByTimeAsync(1000);
      const last = started.at(-1);
      if (last !== undefined && last.worker === 1 && last.hubId === undefined) {
        last.hubId = "tried";
        last.end();
      }
    }
    // Ten minutes: nine while the delay grows within the first one, and then two in each.
    expect(started.length).toBeLessThanOrEqual(2 + 9 + 2 * 10);
  });

  it("gives up when nobody has served for a minute, and not where somebody has", async () => {
    const { crew, started } = await serving();
    const failed = vi.fn();
    crew.failed.catch(failed);
    for (const worker of [...started]) worker.end();
    await vi.advanceTimersByTimeAsync(59_000);
    started.at(-1)?.serve();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(failed).not.toHaveBeenCalled();
    started.at(-1)?.end();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(failed).toHaveBeenCalledWith(expect.objectContaining({ code: "invalid-state" }));
  });

  it("tells each worker what the others let in, a new one what they hold, and all what is gone", async () => {
    const { started } = await serving();
    const [one, two] = started;
    const uses = [{ what: "places", key: "all", count: 2 }] as const;
    one?.setup.events.onUses(one, uses);
    expect([one?.told, two?.told]).toEqual([[], [{ kind: "uses", uses }]]);
    two?.end();
    await vi.advanceTimersByTimeAsync(100);
    const third = started.at(-1);
    third?.serve();
    expect(third?.told).toEqual([{ kind: "uses", uses }]);
    one?.end();
    expect(third?.told.at(-1)).toEqual({
      kind: "uses",
      uses: [{ what: "places", key: "all", count: -2 }],
    });
  });

  it("has a lease renewed by the worker whose hub has given it", async () => {
    const { started } = await serving();
    const [one, two] = started;
    const renew = one?.setup.answerer.lease;
    const renewal = { connection: "c" };
    if (two !== undefined) two.leaseAnswer = { kind: "unknown-connection" };
    expect(await renew?.({ hubId: "hub-2", renewal })).toEqual({ kind: "unknown-connection" });
    expect(await renew?.({ hubId: "hub-9", renewal })).toEqual({ kind: "unknown-hub" });
    // It does not answer in time.
    if (two !== undefined) two.leaseAnswer = undefined;
    expect(await renew?.({ hubId: "hub-2", renewal })).toEqual({ kind: "unknown-hub" });
  });

  it("replaces nobody once it is being ended, and kills who does not go", async () => {
    const { crew, started } = await serving();
    const [one, two] = started;
    await crew.drain();
    expect([one?.told, two?.told]).toEqual([[{ kind: "drain" }], [{ kind: "drain" }]]);
    one?.end();
    if (two !== undefined) two.tell = () => {};
    const ending = crew.end();
    await vi.advanceTimersByTimeAsync(5000);
    await ending;
    expect([one?.wasKilled, two?.wasKilled, started.length]).toEqual([false, true, 2]);
  });
});
