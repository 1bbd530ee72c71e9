// What is to be done when: a binary heap, ordered by time and, within a moment, by age.

import type { Machine } from "./machine.js";

/** Something to be done at a moment. */
export interface Task {
  dueMs: number;
  readonly order: number;
  readonly machine: Machine;
  readonly run: () => void;
  /** Set when it has run, too. */
  isCancelled: boolean;
}

/** Tasks by the moment at which they are due. Adding and taking cost O(log tasks). */
export class Agenda {
  readonly #heap: Task[] = [];
  #count = 0;

  add(machine: Machine, dueMs: number, run: () => void): Task {
    const task: Task = { dueMs, order: this.#count, machine, run, isCancelled: false };
    this.#count += 1;
    this.#push(task);
    return task;
  }

  /** Gives a task that has been taken another moment. It keeps its age. */
  putOff(task: Task, dueMs: number): void {
    task.dueMs = dueMs;
    this.#push(task);
  }

  first(): Task | undefined {
    return this.#heap[0];
  }

  takeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      let least = left;
      const leftTask = heap[left];
      const rightTask = heap[right];
      if (leftTask === undefined) break;
      if (rightTask !== undefined && isBefore(rightTask, leftTask)) least = right;
      const child = heap[least];
      if (child === undefined || !isBefore(child, last)) break;
      heap[at] = child;
      at = least;
    }
    heap[at] = last;
  }

  #push(task: Task): void {
    const heap = this.#heap;
    let at = heap.push(task) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(task, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = task;
  }
}

function isBefore(a: Task, b: Task): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}
