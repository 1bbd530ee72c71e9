import { expect, test } from "vitest";
import { FaultControl, type FaultPlan } from "../server/fault-control.js";

/** A fault that is over when the test says so. */
function endless(): FaultPlan & { readonly finish: () => void } {
  let finish = () => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return { durationMs: 1000, begin: () => done, finish: () => finish() };
}

const rethrow = (error: unknown) => {
  throw error;
};

test("a fault that mends itself lasts until it has, and cannot be hurried", async () => {
  const kill = endless();
  const control = new FaultControl({ kill }, rethrow);
  expect(control.start("kill")).toBe(true);
  control.recover();
  expect(control.status().active?.fault).toBe("kill");
  expect(control.start("kill")).toBe(false);
  kill.finish();
  await expect.poll(() => control.status().active).toBe(null);
  expect(control.status().history).toHaveLength(1);
});

test("what could not be broken is told, and is over", async () => {
  const told: unknown[] = [];
  const broken = new Error("no such back end");
  const plan: FaultPlan = { durationMs: 1000, begin: () => Promise.reject(broken) };
  const control = new FaultControl({ kill: plan }, (error) => told.push(error));
  control.start("kill");
  await expect.poll(() => control.status().active).toBe(null);
  expect(told).toEqual([broken]);
});

test("only what has a plan is offered", () => {
  const control = new FaultControl({ kill: endless() }, rethrow);
  expect(["kill", "toString", 3, null].filter((fault) => control.offers(fault))).toEqual(["kill"]);
});
