import {
  type AsyncCommand,
  assert,
  asyncProperty,
  commands,
  constantFrom,
  integer,
  nat,
  tuple,
} from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import {
  type ThreadAnswer,
  ThreadBudget,
  type ThreadSlot,
  type ThreadTicket,
} from "../../src/gateway/thread-budget.js";
import { VirtualEnvironment } from "../hub/virtual-environment.js";

let environment: VirtualEnvironment;
let budget: ThreadBudget;
/** The names of those whose turn came later, in that order, and what they got. */
let granted: [name: string, slot: ThreadSlot][];

beforeEach(() => {
  environment = new VirtualEnvironment();
  granted = [];
  budget = new ThreadBudget({ maxThreads: 2, environment });
});

function ask(name: string): ThreadAnswer {
  return budget.take((slot) => granted.push([name, slot]));
}

function take(): ThreadSlot {
  const answer = ask("at once");
  if (answer.kind !== "taken") throw new Error(`expected a thread, got ${answer.kind}`);
  return answer.slot;
}

function queue(name: string): ThreadTicket {
  const answer = ask(name);
  if (answer.kind !== "waiting") throw new Error(`expected a place, got ${answer.kind}`);
  return answer.ticket;
}

const names = () => granted.map(([name]) => name);

describe("a thread budget", () => {
  it("grants as many threads as there are, and then places in the queue", () => {
    take();
    take();
    queue("a");
    expect(budget.stats()).toEqual({ busy: 2, lingering: 0, ghosts: 0, waiting: 1 });
  });

  it("grants what was released at once, in the order in which it was asked for", () => {
    const [first, second] = [take(), take()];
    for (const name of ["a", "b", "c"]) queue(name);
    first.release();
    expect(names()).toEqual(["a"]);
    second.release();
    expect(names()).toEqual(["a", "b"]);
    granted[0]?.[1].release();
    expect(names()).toEqual(["a", "b", "c"]);
  });

  it("counts what was abandoned as taken until the backend must have noticed", async () => {
    take().abandon(60_000);
    take();
    queue("a");
    expect(budget.stats()).toMatchObject({ busy: 1, ghosts: 1, waiting: 1 });
    await environment.pass(59_999);
    expect(names()).toEqual([]);
    await environment.pass(1);
    expect(names()).toEqual(["a"]);
    expect(budget.stats()).toMatchObject({ busy: 2, ghosts: 0, waiting: 0 });
  });

  it("gives a slot back once, however often its holder says so", async () => {
    const slot = take();
    take();
    for (const name of ["a", "b"]) queue(name);
    slot.abandon(100);
    slot.abandon(100);
    slot.release();
    expect(names()).toEqual([]);
    await environment.pass(100);
    expect(names()).toEqual(["a"]);
  });

  it("forgets who cancelled", () => {
    const slot = take();
    take();
    const ticket = queue("a");
    queue("b");
    ticket.cancel();
    ticket.cancel();
    slot.release();
    expect(names()).toEqual(["b"]);
  });

  it("is full when as many wait as may", () => {
    budget = new ThreadBudget({ maxThreads: 1, maxWaiting: 1, environment });
    take();
    const ticket = queue("a");
    expect(ask("b")).toEqual({ kind: "full" });
    ticket.cancel();
    queue("b");
  });

  it("tells how long ghosts will keep somebody waiting, and that nobody knows", async () => {
    take().abandon(5000);
    const second = take();
    const [a, b] = [queue("a"), queue("b")];
    expect([a.waitMs(), b.waitMs()]).toEqual([5000, undefined]);
    await environment.pass(1000);
    second.abandon(1000);
    expect([a.waitMs(), b.waitMs()]).toEqual([1000, 4000]);
    await environment.pass(1000);
    expect([a.waitMs(), b.waitMs()]).toEqual([0, 3000]);
  });

  it("grants nothing and leaves no timer when it was closed", async () => {
    const slot = take();
    take().abandon(100);
    queue("a");
    budget.close();
    slot.release();
    await environment.pass(1000);
    expect(names()).toEqual([]);
    expect(environment.timers).toBe(0);
  });
});

describe("a slot that lingers", () => {
  it("is left alone while nobody waits", () => {
    const reclaimed: string[] = [];
    take().linger(() => reclaimed.push("first"));
    take();
    expect(reclaimed).toEqual([]);
    expect(budget.stats()).toMatchObject({ busy: 2, lingering: 1 });
  });

  it("is reclaimed when somebody waits, of several the one that lingers longest", async () => {
    const [first, second] = [take(), take()];
    second.linger(() => second.abandon(1000));
    first.linger(() => first.abandon(1000));
    queue("a");
    expect(budget.stats()).toMatchObject({ busy: 1, lingering: 1, ghosts: 1 });
    queue("b");
    expect(budget.stats()).toMatchObject({ busy: 0, lingering: 0, ghosts: 2 });
    await environment.pass(1000);
    expect(names()).toEqual(["a", "b"]);
  });

  it("is not reclaimed where a ghost makes room sooner", () => {
    const slot = take();
    slot.linger(() => slot.abandon(1000));
    take().abandon(500);
    queue("a");
    expect(budget.stats()).toMatchObject({ busy: 1, lingering: 1, ghosts: 1 });
  });

  it("is reclaimed as soon as it lingers where somebody waits already", () => {
    const slot = take();
    take();
    queue("a");
    slot.linger(() => slot.release());
    expect(names()).toEqual(["a"]);
  });

  it("makes room at once where its holder can", () => {
    const slot = take();
    take();
    slot.linger(() => slot.release());
    expect(ask("a").kind).toBe("taken");
  });

  it("is asked once, although it takes its time", () => {
    let asked = 0;
    const slot = take();
    take();
    slot.linger(() => {
      asked += 1;
    });
    queue("a");
    queue("b");
    expect(asked).toBe(1);
  });

  it("that somebody reads again is not reclaimed, and another one is instead", () => {
    const reclaimed: string[] = [];
    const [first, second] = [take(), take()];
    first.linger(() => reclaimed.push("first"));
    second.linger(() => reclaimed.push("second"));
    queue("a");
    expect(reclaimed).toEqual(["first"]);
    first.occupy();
    expect(reclaimed).toEqual(["first", "second"]);
    expect(budget.stats()).toMatchObject({ busy: 2, lingering: 1, waiting: 1 });
  });
});

/** What a run of random commands is judged by. */
interface Real {
  readonly environment: VirtualEnvironment;
  readonly budget: ThreadBudget;
  readonly held: ThreadSlot[];
  readonly tickets: Map<number, ThreadTicket>;
  /** By number, in the order in which their turn came after waiting. */
  readonly order: number[];
  asked: number;
}

type Step = AsyncCommand<object, Real>;

function step(run: (real: Real) => void | Promise<void>, text: string): Step {
  return {
    check: () => true,
    run: async (_model, real) => {
      await run(real);
      const { busy, ghosts, waiting } = real.budget.stats();
      expect(busy).toBe(real.held.length);
      expect(busy + ghosts).toBeLessThanOrEqual(MAX_THREADS);
      expect(waiting).toBe(real.tickets.size);
      // Nobody waits while a thread is free, and nobody is passed over.
      if (waiting > 0) expect(busy + ghosts).toBe(MAX_THREADS);
      expect(real.order).toEqual([...real.order].sort((a, b) => a - b));
    },
    toString: () => text,
  };
}

const MAX_THREADS = 3;

function pick<Item>(items: readonly Item[], at: number): Item | undefined {
  return items[at % Math.max(1, items.length)];
}

function giveBack(real: Real, slot: ThreadSlot, releaseMs: number): void {
  real.held.splice(real.held.indexOf(slot), 1);
  slot.abandon(releaseMs);
}

const steps = commands(
  [
    constantFrom(
      step((real) => {
        const number = real.asked;
        real.asked += 1;
        const answer = real.budget.take((slot) => {
          real.order.push(number);
          real.tickets.delete(number);
          real.held.push(slot);
        });
        if (answer.kind === "taken") real.held.push(answer.slot);
        if (answer.kind === "waiting") real.tickets.set(number, answer.ticket);
      }, "take"),
    ),
    tuple(nat(), integer({ min: 0, max: 100 })).map(([at, releaseMs]) =>
      step((real) => {
        const slot = pick(real.held, at);
        if (slot !== undefined) giveBack(real, slot, releaseMs);
      }, `abandon(${at}, ${releaseMs})`),
    ),
    tuple(nat(), integer({ min: 0, max: 100 })).map(([at, releaseMs]) =>
      step((real) => {
        const slot = pick(real.held, at);
        slot?.linger(() => giveBack(real, slot, releaseMs));
      }, `linger(${at}, ${releaseMs})`),
    ),
    nat().map((at) => step((real) => pick(real.held, at)?.occupy(), `occupy(${at})`)),
    nat().map((at) =>
      step((real) => {
        const number = pick([...real.tickets.keys()], at);
        if (number === undefined) return;
        real.tickets.get(number)?.cancel();
        real.tickets.delete(number);
      }, `cancel(${at})`),
    ),
    integer({ min: 1, max: 150 }).map((ms) =>
      step(({ environment }) => environment.pass(ms), `pass(${ms})`),
    ),
  ],
  { maxCommands: 60 },
);

describe("any course of events", () => {
  it("takes never too many, passes nobody over, and loses no thread", async () => {
    await assert(
      asyncProperty(steps, async (course) => {
        const time = new VirtualEnvironment();
        const real: Real = {
          environment: time,
          budget: new ThreadBudget({ maxThreads: MAX_THREADS, environment: time }),
          held: [],
          tickets: new Map(),
          order: [],
          asked: 0,
        };
        for (const command of course) await command.run({}, real);
        // When everybody has given back what they had, everybody had their turn, and all is free.
        while (real.held.length + real.tickets.size > 0) {
          for (const slot of [...real.held]) giveBack(real, slot, 10);
          await time.pass(200);
        }
        await time.pass(200);
        expect(real.budget.stats()).toEqual({ busy: 0, lingering: 0, ghosts: 0, waiting: 0 });
        expect(time.timers).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
