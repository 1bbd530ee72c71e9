import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../src/simulation/time/virtual-clock.js";
import { installVirtualGlobals } from "../../src/simulation/time/virtual-globals.js";

describe("virtual time", () => {
  it("runs tasks by their moment, and those of one moment by their age", async () => {
    const clock = new VirtualClock();
    const done: string[] = [];
    clock.after(clock.outside, 20, () => done.push("late"));
    clock.after(clock.outside, 10, () => done.push("first"));
    clock.after(clock.outside, 10, () => done.push("second"));
    await clock.runUntil(15);
    expect([done, clock.nowMs]).toEqual([["first", "second"], 15]);
    await clock.runUntil(30);
    expect(done).toEqual(["first", "second", "late"]);
  });

  it("lets everything that a task sets off come to rest before the next one", async () => {
    const clock = new VirtualClock();
    const done: string[] = [];
    clock.after(clock.outside, 1, async () => {
      for (let turn = 0; turn < 50; turn += 1) await undefined;
      done.push("promises");
      process.nextTick(() => done.push("tick"));
    });
    clock.after(clock.outside, 1, () => done.push("next task"));
    await clock.runUntil(2);
    expect(done).toEqual(["promises", "tick", "next task"]);
  });

  it("goes on after a task that throws, and tells of it", async () => {
    const clock = new VirtualClock();
    const crashes: string[] = [];
    clock.onCrash = (error, { name }) => crashes.push(`${name}: ${String(error)}`);
    clock.after(clock.createMachine("a"), 1, () => {
      throw new Error("no");
    });
    let isDone = false;
    clock.after(clock.outside, 2, () => {
      isDone = true;
    });
    await clock.runUntil(3);
    expect([crashes, isDone]).toEqual([["a: Error: no"], true]);
  });

  it("ends a run that never comes to rest, and says so", async () => {
    const clock = new VirtualClock();
    const crashes: string[] = [];
    clock.onCrash = (error) => crashes.push(String(error));
    const again = () => void clock.after(clock.outside, 0, again);
    again();
    await clock.runUntil(10);
    expect(crashes).toEqual(["Error: There is no end of it: 2000000 tasks"]);
  }, 30_000);
});

describe("the globals of a simulation", () => {
  async function inSimulation(work: (clock: VirtualClock) => Promise<void>): Promise<void> {
    const clock = new VirtualClock();
    const restore = installVirtualGlobals(clock, () => 0.25);
    try {
      await work(clock);
    } finally {
      restore();
    }
  }

  it("are those of the machine that runs: timers, clocks, chance", () =>
    inSimulation(async (clock) => {
      const machine = clock.createMachine("laptop", { startedMs: 5000, skewMs: 60_000 });
      const seen: unknown[] = [];
      clock.on(machine, () => {
        const calendarMs = Date.now();
        setTimeout(
          (word: string) => {
            seen.push(word, performance.now(), Date.now() - calendarMs, Math.random());
          },
          30,
          "rang",
        );
        clearTimeout(setTimeout(() => seen.push("cleared"), 10));
        setImmediate(() => seen.push("at once"));
      });
      expect(machine.timers.size).toBe(1);
      await clock.runUntil(100);
      expect(seen).toEqual(["at once", "rang", 5030, 30, 0.25]);
      expect(machine.timers.size).toBe(0);
    }));

  it("have a repeated timer run until it is cleared, whoever clears it", () =>
    inSimulation(async (clock) => {
      const machine = clock.createMachine("server");
      let count = 0;
      const timer = clock.on(machine, () =>
        setInterval(() => {
          count += 1;
        }, 10),
      );
      await clock.runUntil(35);
      clearInterval(timer);
      await clock.runUntil(100);
      expect([count, machine.timers.size]).toEqual([3, 0]);
    }));

  it("ring late on a machine that slept, and in a page that nobody sees", () =>
    inSimulation(async (clock) => {
      const machine = clock.createMachine("page");
      const rang: number[] = [];
      const ring = () => rang.push(clock.nowMs);
      const set = (delayMs: number) => clock.on(machine, () => setTimeout(ring, delayMs));
      set(100);
      machine.sleep(500);
      await clock.runUntil(600);
      machine.throttle(1000);
      set(50);
      await clock.runUntil(1500);
      set(5000);
      clock.after(clock.outside, 100, () => machine.throttle(0));
      await clock.runUntil(10_000);
      expect(rang).toEqual([500, 1000, 6500]);
    }));

  it("tell the window's events to the machine whose page listens", () =>
    inSimulation(async (clock) => {
      const [a, b] = [clock.createMachine("a"), clock.createMachine("b")];
      const heard: string[] = [];
      const listener = () => heard.push("online");
      clock.on(a, () => globalThis.addEventListener("online", listener));
      b.dispatch("online");
      a.dispatch("online");
      clock.on(a, () => globalThis.removeEventListener("online", listener));
      a.dispatch("online");
      expect([heard, a.listenerCount]).toEqual([["online"], 0]);
    }));
});
