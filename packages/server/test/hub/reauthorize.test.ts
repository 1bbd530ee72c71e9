// Live subscriptions are asked about again: who lost the right to read is cut off.

import type { AccessAnswer, Authorize, HubOptions } from "@throughline/server";
import { describe, expect, it, vi } from "vitest";
import type { RecordingSink } from "./recording-sink.js";
import { Stage } from "./stage.js";
import { WALL_START_MS } from "./virtual-environment.js";

const ROUND_MS = 500;

/** A stage with a hook that says what it is told to say. */
class Doorkeeper {
  readonly stage: Stage;
  /** What it says from now on. */
  answer: () => AccessAnswer | Promise<AccessAnswer> = () => ({ identity: "alice" });
  readonly authorize = vi.fn<Authorize>(() => this.answer());

  constructor(options: Partial<HubOptions> = {}) {
    this.stage = new Stage({ authorize: this.authorize, ...options });
  }
}

const breakDown = () => {
  throw new Error("store gone");
};

async function subscribers(stage: Stage, count: number): Promise<RecordingSink[]> {
  const sinks: RecordingSink[] = [];
  for (let reader = 0; reader < count; reader += 1) sinks.push(await stage.subscribe());
  return sinks;
}

describe("a live subscription", () => {
  it("is asked about again within every half minute, with the same request", async () => {
    const { stage, authorize } = new Doorkeeper();
    await stage.subscribe("?topics=a");
    const [first] = authorize.mock.calls[0] ?? [];
    await stage.environment.pass(30_000 + ROUND_MS);
    expect(authorize.mock.calls.length).toBeGreaterThanOrEqual(2);
    for (const [asked] of authorize.mock.calls) expect(asked).toBe(first);
    await stage.environment.pass(600_000);
    expect(authorize.mock.calls.length).toBeGreaterThanOrEqual(21);
    expect(authorize.mock.calls.length).toBeLessThanOrEqual(43);
  });

  it("goes on while the hook says the same", async () => {
    const { stage } = new Doorkeeper();
    const sink = await stage.subscribe();
    await stage.environment.pass(600_000);
    await stage.publish("still there");
    expect([sink.data, sink.isEnded]).toEqual([["still there"], false]);
  });

  it.each<[string, AccessAnswer]>([
    ["is denied", { status: 401 }],
    ["is denied for good", { status: 403 }],
    ["belongs to somebody else", { identity: "bob" }],
    ["belongs to nobody", {}],
    ["may read some topics only", { identity: "alice", topics: ["a"] }],
    ["is over", { identity: "alice", expiresAtMs: WALL_START_MS }],
  ])("that %s ends in good order within the interval", async (_, answer) => {
    const doorkeeper = new Doorkeeper();
    const sink = await doorkeeper.stage.subscribe();
    doorkeeper.answer = () => answer;
    await doorkeeper.stage.environment.pass(30_000 + ROUND_MS);
    expect([sink.isEnded, sink.isDestroyed]).toEqual([true, false]);
    expect(doorkeeper.stage.errors).toEqual([]);
  });

  it("goes on where other topics were taken away, and ends where its own are", async () => {
    const doorkeeper = new Doorkeeper();
    doorkeeper.answer = () => ({ topics: ["a", "b"] });
    const one = await doorkeeper.stage.subscribe("?topics=a");
    const both = await doorkeeper.stage.subscribe();
    doorkeeper.answer = () => ({ topics: ["a"] });
    await doorkeeper.stage.environment.pass(30_000 + ROUND_MS);
    expect([one.isEnded, both.isEnded]).toEqual([false, true]);
  });

  it("lives as long as the last grant says", async () => {
    const doorkeeper = new Doorkeeper();
    const { stage } = doorkeeper;
    const now = () => stage.environment.wallMs();
    doorkeeper.answer = () => ({ expiresAtMs: now() + 100_000 });
    const sink = await stage.subscribe();
    await stage.environment.pass(300_000);
    expect([sink.isEnded, sink.types.includes("throughline.renew")]).toEqual([false, false]);
    const endMs = now() + 100_000;
    doorkeeper.answer = () => ({ expiresAtMs: endMs });
    await stage.environment.pass(100_000 + ROUND_MS);
    expect(sink.isEnded).toBe(true);
    expect(sink.types.filter((type) => type === "throughline.renew")).toHaveLength(1);
  });

  it("is never asked about again where the interval is 0", async () => {
    const { stage, authorize } = new Doorkeeper({ reauthorizeMs: 0 });
    await stage.subscribe();
    await stage.environment.pass(3_600_000);
    expect(authorize).toHaveBeenCalledTimes(1);
  });

  it("is not asked about any more when it has gone", async () => {
    const { stage, authorize } = new Doorkeeper();
    const sink = await stage.subscribe();
    sink.lose();
    await stage.subscribe();
    await stage.environment.pass(30_000 + ROUND_MS);
    expect(authorize.mock.calls.length).toBeLessThanOrEqual(4);
    expect(stage.core.sessions?.size).toBe(1);
  });
});

describe("while the hook fails, a live subscription", () => {
  it("is served on, and lives if the hook recovers within a minute", async () => {
    const doorkeeper = new Doorkeeper();
    const sink = await doorkeeper.stage.subscribe();
    doorkeeper.answer = breakDown;
    await doorkeeper.stage.environment.pass(60_000);
    await doorkeeper.stage.publish("still there");
    doorkeeper.answer = () => ({ identity: "alice" });
    await doorkeeper.stage.environment.pass(600_000);
    expect([sink.data, sink.isEnded]).toEqual([["still there"], false]);
  });

  it("ends in good order after an interval and a minute at most", async () => {
    const doorkeeper = new Doorkeeper();
    const sink = await doorkeeper.stage.subscribe();
    doorkeeper.answer = breakDown;
    await doorkeeper.stage.environment.pass(70_000);
    expect(sink.isEnded).toBe(false);
    await doorkeeper.stage.environment.pass(20_000 + ROUND_MS);
    expect([sink.isEnded, sink.isDestroyed]).toEqual([true, false]);
  });

  it("ends in that time also where the hook never answers and all questions hang", async () => {
    const doorkeeper = new Doorkeeper({ authorizeTimeoutMs: 60_000 });
    const sinks = await subscribers(doorkeeper.stage, 100);
    doorkeeper.answer = () => new Promise(() => {});
    await doorkeeper.stage.environment.pass(90_000 + ROUND_MS);
    expect(sinks.filter(({ isEnded }) => !isEnded)).toEqual([]);
  });

  it("ends at once where no grace is given", async () => {
    const doorkeeper = new Doorkeeper({ authorizeGraceMs: 0 });
    const sink = await doorkeeper.stage.subscribe();
    doorkeeper.answer = breakDown;
    await doorkeeper.stage.environment.pass(30_000 + ROUND_MS);
    expect(sink.isEnded).toBe(true);
  });

  it("is asked about every few seconds, and the failure of all is reported as one", async () => {
    const doorkeeper = new Doorkeeper();
    const { stage, authorize } = doorkeeper;
    await subscribers(stage, 20);
    doorkeeper.answer = breakDown;
    await stage.environment.pass(60_000);
    expect(authorize.mock.calls.length).toBeGreaterThan(20 * 6);
    expect(authorize.mock.calls.length).toBeLessThan(20 * 20);
    expect(stage.errors.length).toBeGreaterThanOrEqual(1);
    expect(stage.errors.length).toBeLessThanOrEqual(6);
    expect(stage.errors[0]).toMatchObject({ code: "authorization-failed" });
  });
});

describe("a question that hangs", () => {
  it("is not asked a second time meanwhile", async () => {
    const doorkeeper = new Doorkeeper({ authorizeTimeoutMs: 40_000 });
    await doorkeeper.stage.subscribe();
    doorkeeper.answer = () => new Promise(() => {});
    await doorkeeper.stage.environment.pass(50_000);
    expect(doorkeeper.authorize).toHaveBeenCalledTimes(2);
  });
});

describe("many live subscriptions", () => {
  it("are asked about one by one over the interval", async () => {
    const { stage, authorize } = new Doorkeeper();
    await subscribers(stage, 100);
    let number = 0;
    stage.environment.random = () => ((number++ * 37) % 100) / 100;
    await stage.environment.pass(60_000);
    authorize.mockClear();
    const perSecond: number[] = [];
    for (let second = 0; second < 30; second += 1) {
      const before = authorize.mock.calls.length;
      await stage.environment.pass(1000);
      perSecond.push(authorize.mock.calls.length - before);
    }
    expect(Math.max(...perSecond)).toBeLessThanOrEqual(25);
    expect(authorize.mock.calls.length).toBeGreaterThanOrEqual(100);
  });

  it("are never asked about more than 32 at a time", async () => {
    const doorkeeper = new Doorkeeper({ authorizeTimeoutMs: 60_000, authorizeGraceMs: 600_000 });
    const { stage } = doorkeeper;
    await subscribers(stage, 100);
    const waiting: ((answer: AccessAnswer) => void)[] = [];
    doorkeeper.answer = () => new Promise((resolve) => waiting.push(resolve));
    await stage.environment.pass(31_000);
    expect(waiting).toHaveLength(32);
    waiting.shift()?.({ identity: "alice" });
    await stage.environment.settle();
    expect(waiting).toHaveLength(32);
    for (let answer = waiting.shift(); answer !== undefined; answer = waiting.shift()) {
      answer({ identity: "alice" });
      await stage.environment.settle();
    }
    expect(stage.core.connections.all()).toHaveLength(100);
  });
});
