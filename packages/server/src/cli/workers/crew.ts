// The workers of a server: starts them, and replaces those that end.

import { StreamError } from "throughline/core";
import type { LeaseRenewal, LimitUse, PeerAnswer } from "../../hub/index.js";
import type { EventLog } from "../../log/index.js";
import type { MetricsSnapshot } from "../../operations/metrics.js";
import type { OperatorLog } from "../../operations/operator-log.js";
import type { ServeConfig } from "../config/serve-settings.js";
import { UsageError } from "../config/usage-error.js";
import { LimitLedger } from "./limit-ledger.js";
import type { Answerer } from "./questions.js";
import { RestartDelays } from "./restart-delays.js";
import type { Worker, WorkerEnd, WorkerEvents, WorkerSetup } from "./worker-process.js";

/** For so long, in milliseconds, nobody may serve; then whoever started the server has to know. */
const NOBODY_SERVES_MS = 60_000;

/**
 * How long a worker may take to let its readers go, in milliseconds, beyond what it was told: it gives those
 * who take their last bytes slowly 10 s, and one that takes longer is stuck.
 */
const DRAIN_SPARE_MS = 11_000;

/** How long workers may take to end once nobody is served any more, in milliseconds. */
const END_WITHIN_MS = 5000;

/** What a crew works with. */
export interface CrewSetup {
  readonly config: ServeConfig;
  readonly log: EventLog;
  readonly lines: Pick<OperatorLog, "logger">;
  /** Starts one worker. */
  readonly begin: (setup: WorkerSetup) => Worker;
  /** The text of `/metrics`, for the worker that was asked for it. */
  readonly metrics: () => Promise<string>;
  /** Somebody is free, or ready, who was not before. */
  readonly onChanged: () => void;
  readonly onEnded: (last: MetricsSnapshot | undefined) => void;
}

/** The workers of one server, numbered from 1. */
export class Crew {
  readonly #setup: CrewSetup;
  readonly #ledger = new LimitLedger();
  readonly #delays = new Map<number, RestartDelays>();
  readonly #restarts = new Set<NodeJS.Timeout>();
  readonly #workers = new Map<number, Worker>();
  readonly #events: WorkerEvents;
  readonly #answerer: Answerer;
  /** Rejects when nobody has served for a minute. */
  readonly failed: Promise<never>;
  #fail: (error: unknown) => void = () => {};
  #nobody: NodeJS.Timeout | undefined;
  /** Those who wait for workers to serve for the first time. */
  #starting = new Map<number, { resolve(): void; reject(error: unknown): void }>();
  #isEnding = false;

  constructor(setup: CrewSetup) {
    this.#setup = setup;
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    // Whoever runs the server listens; where nobody does any more it does not matter.
    this.failed.catch(() => {});
    this.#events = {
      onServing: (worker) => this.#onServing(worker),
      onChanged: setup.onChanged,
      onUses: (worker, uses) => {
        this.#ledger.note(worker.worker, uses);
        this.#tellOthers(worker.worker, uses);
      },
      onEnded: (worker, end) => this.#onEnded(worker, end),
    };
    this.#answerer = {
      metrics: () => setup.metrics(),
      lease: ({ hubId, renewal }) => this.#renewLease(hubId, renewal),
    };
  }

  /** Those that serve. */
  get workers(): readonly Worker[] {
    return [...this.#workers.values()].filter(({ isServing }) => isServing);
  }

  /** How many there should be. */
  get size(): number {
    return this.#setup.config.workers;
  }

  /**
   * Starts all workers. Resolves when all serve.
   *
   * @throws UsageError where one cannot serve because of the settings; then all are ended
   */
  async start(): Promise<void> {
    const numbers = Array.from({ length: this.size }, (_, index) => index + 1);
    const started = numbers.map(
      (worker) =>
        new Promise<void>((resolve, reject) => {
          this.#starting.set(worker, { resolve, reject });
          this.#begin(worker);
        }),
    );
    try {
      await Promise.all(started);
    } catch (error) {
      await this.end();
      throw error;
    } finally {
      this.#starting.clear();
    }
  }

  /** What each has counted: what it says now, or else what it said last, so that no sum goes down. */
  async snapshots(): Promise<readonly MetricsSnapshot[]> {
    const all = this.workers.map(
      async (worker) => (await worker.snapshot()) ?? worker.lastSnapshot,
    );
    return (await Promise.all(all)).filter((snapshot) => snapshot !== undefined);
  }

  renewCertificate(): void {
    for (const worker of this.workers) worker.tell({ kind: "renew-certificate" });
  }

  /**
   * Lets all readers of all workers go, at the same time. Nobody is replaced any more, and nobody who is
   * stuck is waited for.
   */
  async drain(): Promise<void> {
    this.#stopReplacing();
    const all = [...this.#workers.values()];
    for (const worker of all) worker.tell({ kind: "drain" });
    const { notReadyMs, drainMs } = this.#setup.config;
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, notReadyMs + drainMs + DRAIN_SPARE_MS);
      void Promise.all(all.map(({ drained }) => drained)).then(() => {
        clearTimeout(late);
        resolve();
      });
    });
  }

  /** Ends all workers. */
  async end(): Promise<void> {
    this.#stopReplacing();
    const all = [...this.#workers.values()];
    for (const worker of all) worker.tell({ kind: "end" });
    const late = setTimeout(() => {
      for (const worker of this.#workers.values()) worker.kill();
    }, END_WITHIN_MS);
    await Promise.all(all.map((worker) => worker.ended));
    clearTimeout(late);
  }

  #stopReplacing(): void {
    this.#isEnding = true;
    for (const timer of this.#restarts) clearTimeout(timer);
    this.#restarts.clear();
    clearTimeout(this.#nobody);
  }

  #begin(number: number): void {
    const { config, log, begin } = this.#setup;
    const answerer = this.#answerer;
    const setup = { worker: number, config, log, answerer, events: this.#events };
    this.#workers.set(number, begin(setup));
  }

  #onServing(worker: Worker): void {
    const { worker: number, pid } = worker;
    this.#setup.lines.logger.info(
      { event: "worker-serving", worker: number, pid },
      "worker serves",
    );
    clearTimeout(this.#nobody);
    this.#nobody = undefined;
    const uses = this.#ledger.heldByOthers(number);
    if (uses.length > 0) worker.tell({ kind: "uses", uses });
    this.#starting.get(number)?.resolve();
    this.#starting.delete(number);
    this.#setup.onChanged();
  }

  #onEnded(worker: Worker, end: WorkerEnd): void {
    const { worker: number } = worker;
    if (this.#workers.get(number) === worker) this.#workers.delete(number);
    this.#tellOthers(number, this.#ledger.forget(number));
    if (this.#isEnding) return;
    const starting = this.#starting.get(number);
    if (starting !== undefined) {
      starting.reject(explain(end));
      return;
    }
    this.#setup.onEnded(worker.lastSnapshot);
    this.#replace(worker, end);
  }

  #replace({ worker: number, pid, connections }: Worker, end: WorkerEnd): void {
    const delays = this.#delays.get(number) ?? new RestartDelays();
    this.#delays.set(number, delays);
    const restartMs = delays.next(end.livedMs);
    const { code, signal } = end;
    const reason = end.failure?.message;
    const line = { event: "worker-ended", worker: number, pid, code, signal, reason, connections };
    this.#setup.lines.logger.error(
      { ...line, restartMs },
      "a worker has ended; another one follows",
    );
    const timer = setTimeout(() => {
      this.#restarts.delete(timer);
      this.#begin(number);
    }, restartMs);
    this.#restarts.add(timer);
    if (this.workers.length > 0 || this.#nobody !== undefined) return;
    this.#nobody = setTimeout(() => this.#fail(nobodyServes()), NOBODY_SERVES_MS);
  }

  async #renewLease(hubId: string, renewal: LeaseRenewal): Promise<PeerAnswer> {
    const owner = this.workers.find((worker) => worker.hubId === hubId);
    return (await owner?.ask("lease", { hubId, renewal })) ?? { kind: "unknown-hub" };
  }

  #tellOthers(number: number, uses: readonly LimitUse[]): void {
    if (uses.length === 0) return;
    for (const worker of this.workers) {
      if (worker.worker !== number) worker.tell({ kind: "uses", uses });
    }
  }
}

function explain({ failure, code, signal }: WorkerEnd): Error {
  if (failure !== undefined) {
    return failure.isExpected ? new UsageError(failure.message) : new Error(failure.message);
  }
  return new Error(`A worker ended before it served (code ${code}, signal ${signal}).`);
}

function nobodyServes(): StreamError {
  return new StreamError(
    `No worker has served for ${NOBODY_SERVES_MS / 1000} s. The lines about workers that ended say why.`,
    { code: "invalid-state", fault: "local" },
  );
}
