// Virtual time: a queue of tasks, run one after the other, each on the machine that it belongs to. Between
// two tasks everything that the first one set off (promises, ticks) comes to rest, and then time jumps.

import { Agenda, type Task } from "./agenda.js";
import { Machine, type MachineOptions } from "./machine.js";

/** Hundreds of times as many as a usual run has: somebody does something again and again. */
const MOST_TASKS = 2_000_000;

/** What a task threw. */
export type CrashListener = (error: unknown, machine: Machine) => void;

/**
 * A clock that only moves when there is nothing left to do at the moment that it shows.
 *
 * Tasks of the same moment run in the order in which they were made, so one seed has one course.
 */
export class VirtualClock {
  nowMs = 0;
  /** Whose task is running: whose clocks and timers the globals are. */
  machine: Machine;
  /** The machine of whoever looks on. */
  readonly outside: Machine;
  readonly #agenda = new Agenda();
  /** Is told what a task threw; the run goes on. */
  onCrash: CrashListener = () => {};
  #tasksRun = 0;

  constructor() {
    this.outside = new Machine(this, "outside", {});
    this.machine = this.outside;
  }

  /** How many tasks have been run. */
  get tasksRun(): number {
    return this.#tasksRun;
  }

  createMachine(name: string, options: MachineOptions = {}): Machine {
    return new Machine(this, name, options);
  }

  /** Runs `task` on a machine in so many milliseconds, if it is still running then. */
  after(machine: Machine, delayMs: number, run: () => void): Task {
    return this.at(machine, this.nowMs + delayMs, run);
  }

  /** The same at a moment, or at once where that is over. */
  at(machine: Machine, dueMs: number, run: () => void): Task {
    const moment = dueMs > this.nowMs ? dueMs : this.nowMs;
    return this.#agenda.add(machine, moment, run);
  }

  /** Runs `work` as if it were a task of a machine; for whoever sets the scene. */
  on<T>(machine: Machine, work: () => T): T {
    const before = this.machine;
    this.machine = machine;
    try {
      return work();
    } finally {
      this.machine = before;
    }
  }

  /**
   * Runs every task that is due by a moment, then stands at that moment.
   *
   * @param isDone asked after each task; `true` ends the run where the clock stands
   */
  runUntil(untilMs: number, isDone: () => boolean = () => false): Promise<void> {
    return new Promise((resolve) => {
      // A microtask, then a tick: by the next microtask everything that is pending has settled.
      const step = () => {
        this.machine = this.outside;
        if (isDone()) return resolve();
        const task = this.#next(untilMs);
        if (task === undefined) {
          this.nowMs = Math.max(this.nowMs, untilMs);
          return resolve();
        }
        this.#run(task);
        if (this.#tasksRun >= MOST_TASKS) {
          this.onCrash(new Error(`There is no end of it: ${MOST_TASKS} tasks`), task.machine);
          this.nowMs = Math.max(this.nowMs, untilMs);
          return resolve();
        }
        process.nextTick(settle);
      };
      const settle = () => queueMicrotask(step);
      settle();
    });
  }

  #next(untilMs: number): Task | undefined {
    for (;;) {
      const task = this.#agenda.first();
      if (task === undefined || task.dueMs > untilMs) return undefined;
      this.#agenda.takeFirst();
      if (task.isCancelled || task.machine.isDead) continue;
      const { awakeAtMs } = task.machine;
      if (awakeAtMs <= task.dueMs) return task;
      this.#agenda.putOff(task, awakeAtMs);
    }
  }

  #run(task: Task): void {
    this.nowMs = task.dueMs;
    this.machine = task.machine;
    this.#tasksRun += 1;
    task.isCancelled = true;
    try {
      task.run();
    } catch (error) {
      this.onCrash(error, task.machine);
    }
  }
}
