// A hub's environment in which time stands still until a test moves it.

import type { HubEnvironment } from "../../src/hub/environment.js";

interface Timer {
  dueMs: number;
  readonly everyMs: number | undefined;
  readonly task: () => void;
}

/** When a test begins, by the calendar. */
export const WALL_START_MS = Date.UTC(2026, 10, 25);

export class VirtualEnvironment implements HubEnvironment {
  /** By how much the calendar has been set forward. */
  wallSkewMs = 0;
  #nowMs = 0;
  #connections = 0;
  #requests = 0;
  #deferred: (() => void)[] = [];
  readonly #timers = new Set<Timer>();

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return WALL_START_MS + this.#nowMs + this.wallSkewMs;
  }

  random(): number {
    return 0.5;
  }

  newConnectionId(): string {
    this.#connections += 1;
    return `connection-${this.#connections}`;
  }

  newRequestId(): string {
    this.#requests += 1;
    return `request-${this.#requests}`;
  }

  defer(task: () => void): void {
    this.#deferred.push(task);
  }

  after(delayMs: number, task: () => void): () => void {
    return this.#add({ dueMs: this.#nowMs + delayMs, everyMs: undefined, task });
  }

  every(intervalMs: number, task: () => void): () => void {
    return this.#add({ dueMs: this.#nowMs + intervalMs, everyMs: intervalMs, task });
  }

  /** How many timers run. */
  get timers(): number {
    return this.#timers.size;
  }

  /** One turn of the event loop: promises are settled, then what was put off is run. */
  async turn(): Promise<void> {
    await settlePromises();
    const deferred = this.#deferred;
    this.#deferred = [];
    for (const task of deferred) task();
    await settlePromises();
  }

  /** Turns until nothing is put off any more. */
  async settle(): Promise<void> {
    do await this.turn();
    while (this.#deferred.length > 0);
  }

  /** Lets time pass, timer by timer. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await this.settle();
    for (let timer = this.#next(endMs); timer !== undefined; timer = this.#next(endMs)) {
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
      this.#fire(timer);
      await this.settle();
    }
    this.#nowMs = endMs;
  }

  /** Lets time pass while the process does nothing: every timer is late, and fires once. */
  async stall(ms: number): Promise<void> {
    this.#nowMs += ms;
    for (const timer of [...this.#timers]) if (timer.dueMs <= this.#nowMs) this.#fire(timer);
    await this.settle();
  }

  #add(timer: Timer): () => void {
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  #next(endMs: number): Timer | undefined {
    const due = [...this.#timers].filter(({ dueMs }) => dueMs <= endMs);
    return due.sort((a, b) => a.dueMs - b.dueMs)[0];
  }

  #fire(timer: Timer): void {
    if (timer.everyMs === undefined) this.#timers.delete(timer);
    else timer.dueMs = Math.max(timer.dueMs, this.#nowMs) + timer.everyMs;
    timer.task();
  }
}

/** Long enough for any chain of promises in the hub; each `await` is one link of it. */
async function settlePromises(): Promise<void> {
  for (let link = 0; link < 30; link += 1) await Promise.resolve();
}
