import { expect, it } from "vitest";
import { runTasks, type Task } from "../../src/measure/work-queue.js";

const forever = new AbortController().signal;

it("runs as many tasks at a time as their things allow, and all of them", async () => {
  let open = 0;
  let most = 0;
  const order: number[] = [];
  const task = (number: number): Task => ({
    uses: ["browser"],
    run: async () => {
      open += 1;
      most = Math.max(most, open);
      await Promise.resolve();
      order.push(number);
      open -= 1;
    },
  });
  const tasks = [1, 2, 3, 4, 5].map(task);
  await runTasks(tasks, { limits: new Map([["browser", 2]]), signal: forever });
  expect(most).toBe(2);
  expect(order).toEqual([1, 2, 3, 4, 5]);
});

it("goes on after a task that fails, and fails at the end", async () => {
  let ran = 0;
  const tasks: Task[] = [
    { uses: [], run: () => Promise.reject(new Error("lost")) },
    {
      uses: [],
      run: async () => {
        ran += 1;
      },
    },
  ];
  await expect(runTasks(tasks, { limits: new Map(), signal: forever })).rejects.toThrow("1 tasks");
  expect(ran).toBe(1);
});

it("begins nothing more once it is stopped", async () => {
  const stop = new AbortController();
  let ran = 0;
  const task: Task = {
    uses: ["one"],
    run: async () => {
      ran += 1;
      stop.abort();
    },
  };
  await runTasks([task, task], { limits: new Map([["one", 1]]), signal: stop.signal });
  expect(ran).toBe(1);
});
