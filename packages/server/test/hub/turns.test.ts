import { describe, expect, it } from "vitest";
import { Turns } from "../../src/hub/turns.js";

/** Turns of an event loop that only goes on when it is told to. */
function createLoop() {
  const deferred: (() => void)[] = [];
  const turns = new Turns({ defer: (task) => deferred.push(task) });
  const order: string[] = [];
  const note = async (name: string) => {
    await turns.ended();
    order.push(name);
  };
  return { deferred, order, note };
}

const microtasks = () => new Promise<void>((resolve) => process.nextTick(resolve));

describe("the end of a turn", () => {
  it("comes for all who wait for it at once, in their order", async () => {
    const { deferred, order, note } = createLoop();
    void note("a");
    void note("b");
    await microtasks();
    expect([order, deferred.length]).toEqual([[], 1]);
    deferred[0]?.();
    await microtasks();
    expect(order).toEqual(["a", "b"]);
  });

  it("is another one for whoever comes after it", async () => {
    const { deferred, order, note } = createLoop();
    void note("a");
    deferred[0]?.();
    void note("b");
    await microtasks();
    expect([order, deferred.length]).toEqual([["a"], 2]);
    deferred[1]?.();
    await microtasks();
    expect(order).toEqual(["a", "b"]);
  });
});
