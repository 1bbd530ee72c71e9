import { createMemoryLog, type EventLog, parseStreamName } from "@throughline/server/log";
import { beforeEach, describe, expect, it } from "vitest";
import { REGISTRY_STREAM, StreamRegistry } from "../../src/gateway/stream-registry.js";

const DAY_MS = 86_400_000;

let log: EventLog;
let nowMs: number;
let inUse: string[];
let errors: unknown[];

beforeEach(() => {
  log = createMemoryLog({ now: () => nowMs, maxAgeMs: 100 * DAY_MS });
  nowMs = 10 * DAY_MS;
  inUse = [];
  errors = [];
});

function open(most?: number): StreamRegistry {
  return new StreamRegistry({
    log,
    isInUse: (stream) => inUse.includes(stream),
    onError: (error) => errors.push(error),
    now: () => nowMs,
    most,
  });
}

async function fill(registry: StreamRegistry, ...names: string[]): Promise<void> {
  for (const name of names) {
    const stream = parseStreamName(name);
    registry.use(stream);
    await log.append(stream, [{ data: name }]);
  }
}

const holds = async (name: string) => (await log.head(parseStreamName(name))).offset > 0;

describe("the streams of a gateway", () => {
  it("are removed when nobody has asked for them for a week, and not before", async () => {
    const registry = open();
    await fill(registry, "feed/a", "feed/b");
    nowMs += 4 * DAY_MS;
    registry.use(parseStreamName("feed/b"));
    nowMs += 4 * DAY_MS;
    await registry.sweep();
    expect([await holds("feed/a"), await holds("feed/b")]).toEqual([false, true]);
    await registry.close();
  });

  it("are known to the gateway's successor", async () => {
    const first = open();
    await fill(first, "feed/a");
    await first.close();
    nowMs += 8 * DAY_MS;
    const second = open();
    await second.close();
    expect(errors).toEqual([]);
    expect(await holds("feed/a")).toBe(false);
  });

  it("are not forgotten with the notes about them, which the log keeps for as long as all events", async () => {
    log = createMemoryLog({ now: () => nowMs, maxAgeMs: 2 * DAY_MS });
    const registry = open();
    await fill(registry, "feed/a");
    for (let hour = 0; hour < 100; hour += 1) {
      nowMs += DAY_MS / 24;
      await registry.sweep();
    }
    await registry.close();
    nowMs += 1.5 * DAY_MS;
    const successor = open();
    await successor.sweep();
    nowMs += 7 * DAY_MS;
    await successor.sweep();
    await successor.close();
    expect(await holds("feed/a")).toBe(false);
  });

  it("stay while somebody reads them", async () => {
    const registry = open();
    await fill(registry, "feed/a");
    inUse = ["feed/a"];
    nowMs += 30 * DAY_MS;
    await registry.sweep();
    expect(await holds("feed/a")).toBe(true);
    inUse = [];
    await registry.sweep();
    expect(await holds("feed/a")).toBe(false);
    await registry.close();
  });

  it("are never more than so many: the longest unused go", async () => {
    const registry = open(3);
    await fill(registry, "a", "b", "c");
    registry.use(parseStreamName("a"));
    await fill(registry, "d");
    await registry.close();
    const left = await Promise.all(["a", "b", "c", "d"].map(holds));
    expect(left).toEqual([true, false, true, true]);
  });

  it("cost a bounded amount of notes", async () => {
    const registry = open();
    for (let hour = 0; hour < 2500; hour += 1) {
      registry.use(parseStreamName("feed/a"));
      await registry.sweep();
      nowMs += 3_600_000;
    }
    await registry.close();
    const { earliest, offset } = await log.head(REGISTRY_STREAM);
    expect(offset - earliest).toBeLessThan(1001);
    expect(await holds("feed/a")).toBe(false);
  });

  it("cost no reader its stream where the log cannot keep them", async () => {
    await log.close();
    const registry = open();
    registry.use(parseStreamName("feed/a"));
    await registry.close();
    expect(errors.length).toBeGreaterThan(0);
  });
});
