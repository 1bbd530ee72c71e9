// Many tasks that mostly wait, as many of them at a time as their places allow.

/** A piece of work. */
export interface Task {
  /** What it takes a share of: each has a limit of its own. */
  readonly uses: readonly string[];
  run(): Promise<void>;
}

/** How a queue is worked off. */
export interface QueueOptions {
  /** How many tasks may use a thing at a time; things that are not named have no limit. */
  readonly limits: ReadonlyMap<string, number>;
  /** When it fires no task is begun any more. */
  readonly signal: AbortSignal;
}

/**
 * Runs all tasks, in order as far as the limits allow. A task that fails fails the queue when all others have
 * ended.
 */
export async function runTasks(
  tasks: readonly Task[],
  { limits, signal }: QueueOptions,
): Promise<void> {
  const waiting = [...tasks];
  const used = new Map<string, number>();
  const running = new Set<Promise<void>>();
  const errors: unknown[] = [];
  const change = (task: Task, by: number) => {
    for (const thing of task.uses) used.set(thing, (used.get(thing) ?? 0) + by);
  };
  const fits = (task: Task) =>
    !signal.aborted &&
    task.uses.every(
      (thing) => (used.get(thing) ?? 0) < (limits.get(thing) ?? Number.POSITIVE_INFINITY),
    );
  for (;;) {
    for (let at = waiting.findIndex(fits); at >= 0; at = waiting.findIndex(fits)) {
      for (const task of waiting.splice(at, 1)) {
        change(task, 1);
        const done = task
          .run()
          .catch((error: unknown) => {
            errors.push(error);
          })
          .finally(() => {
            change(task, -1);
            running.delete(done);
          });
        running.add(done);
      }
    }
    if (running.size === 0) break;
    await Promise.race(running);
  }
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} tasks have failed.`);
}
