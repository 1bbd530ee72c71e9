// A computer of the simulation: its clocks, its timers, its page. Only one of them runs at a time, and what
// its programs know of time, they know from here.

import type { Task } from "./agenda.js";
import type { VirtualClock } from "./virtual-clock.js";

/** What a machine is like from the start. */
export interface MachineOptions {
  /** How far its calendar is off, in milliseconds. Default 0. */
  readonly skewMs?: number | undefined;
  /** What its clock that never goes back showed when the simulation began. Default 0. */
  readonly startedMs?: number | undefined;
}

/** A timer as Node hands it out. */
export class VirtualTimer {
  readonly machine: Machine;
  task: Task | undefined;
  /** When it was meant to ring. */
  wantedMs = 0;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }
}

/** What pages are told by events of their window. */
export type PageListener = () => void;

/** The calendar of every machine begins here: a moment of no meaning in the year 2026. */
const CALENDAR_START_MS = 1_790_000_000_000;

/** One computer. */
export class Machine {
  readonly name: string;
  /** How far its calendar is off. May change at any moment. */
  skewMs: number;
  /** It sleeps until this moment: nothing runs, and what was due meanwhile runs then. */
  awakeAtMs = 0;
  /** It has crashed: nothing of it will ever run again. */
  isDead = false;
  readonly timers = new Set<VirtualTimer>();
  #wakeEveryMs = 0;
  readonly #clock: VirtualClock;
  readonly #startedMs: number;
  readonly #listeners = new Map<string, Set<PageListener>>();

  constructor(clock: VirtualClock, name: string, options: MachineOptions) {
    this.#clock = clock;
    this.name = name;
    this.skewMs = options.skewMs ?? 0;
    this.#startedMs = options.startedMs ?? 0;
  }

  /** On the clock that never goes back. */
  get monotonicMs(): number {
    return this.#startedMs + this.#clock.nowMs;
  }

  get calendarMs(): number {
    return Math.floor(CALENDAR_START_MS + this.#clock.nowMs + this.skewMs);
  }

  get isAsleep(): boolean {
    return this.awakeAtMs > this.#clock.nowMs;
  }

  /** How many listeners its page has. */
  get listenerCount(): number {
    let count = 0;
    for (const listeners of this.#listeners.values()) count += listeners.size;
    return count;
  }

  sleep(ms: number): void {
    this.awakeAtMs = Math.max(this.awakeAtMs, this.#clock.nowMs + ms);
  }

  /** As `setTimeout`: at least a millisecond, and whole ones. */
  setTimer(run: () => void, delayMs: number): VirtualTimer {
    const timer = new VirtualTimer(this);
    this.timers.add(timer);
    this.#arm(timer, delayMs, () => {
      this.timers.delete(timer);
      run();
    });
    return timer;
  }

  /** As `setInterval`. */
  setRepeating(run: () => void, everyMs: number): VirtualTimer {
    const timer = new VirtualTimer(this);
    this.timers.add(timer);
    const schedule = () =>
      this.#arm(timer, everyMs, () => {
        schedule();
        run();
      });
    schedule();
    return timer;
  }

  clearTimer(timer: VirtualTimer): void {
    if (timer.task !== undefined && this.timers.delete(timer)) timer.task.isCancelled = true;
  }

  /**
   * From now on timers ring only at multiples of this, as in a page that nobody sees; 0: when they are
   * due, and what is overdue rings at once.
   */
  throttle(wakeEveryMs: number): void {
    this.#wakeEveryMs = wakeEveryMs;
    for (const timer of this.timers) {
      const { task, wantedMs } = timer;
      if (task === undefined) continue;
      task.isCancelled = true;
      timer.task = this.#clock.at(this, this.#throttled(wantedMs), task.run);
    }
  }

  listen(type: string, listener: PageListener): void {
    const known = this.#listeners.get(type) ?? new Set();
    known.add(listener);
    this.#listeners.set(type, known);
  }

  stopListening(type: string, listener: PageListener): void {
    this.#listeners.get(type)?.delete(listener);
  }

  /** An event of its window. */
  dispatch(type: string): void {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) listener();
  }

  /** Power off: nothing of it runs any more. */
  crash(): void {
    this.isDead = true;
    this.timers.clear();
  }

  #arm(timer: VirtualTimer, delayMs: number, ring: () => void): void {
    timer.wantedMs = this.#clock.nowMs + Math.max(1, Math.trunc(delayMs) || 0);
    timer.task = this.#clock.at(this, this.#throttled(timer.wantedMs), ring);
  }

  #throttled(wantedMs: number): number {
    const everyMs = this.#wakeEveryMs;
    return everyMs === 0 ? wantedMs : Math.ceil(wantedMs / everyMs) * everyMs;
  }
}
