// The greatest age of a connection: an end in good order, each at a time of its own.

import { describe, expect, it } from "vitest";
import { closeConnections } from "../../../src/hub/closing.js";
import type { RecordingSink } from "../recording-sink.js";
import { Stage } from "../stage.js";

const DRAIN = "throughline.drain";
const AGE_MS = 600_000;

describe("a connection that has reached its age", () => {
  it("is told to go, is served until then, and ends in good order", async () => {
    const stage = new Stage({ maxConnectionAgeMs: AGE_MS });
    const sink = await stage.subscribe();
    await stage.environment.pass(AGE_MS - 1000);
    expect(sink.types).not.toContain(DRAIN);
    await stage.environment.pass(2000);
    expect(sink.payloads(DRAIN)).toEqual([{ withinMs: 5000 }]);
    await stage.publish("still there");
    expect([sink.data, sink.isEnded]).toEqual([["still there"], false]);
    await stage.environment.pass(5000);
    expect([sink.isEnded, sink.isDestroyed]).toEqual([true, false]);
    expect(sink.payloads(DRAIN)).toHaveLength(1);
  });

  it("comes back with its cursor and has lost nothing", async () => {
    const stage = new Stage({ maxConnectionAgeMs: AGE_MS });
    const old = await stage.subscribe();
    await stage.environment.pass(AGE_MS + 2000);
    await stage.publish("1");
    const fresh = await stage.subscribe("?cursor=e1.0");
    await stage.environment.pass(10_000);
    await stage.publish("2");
    expect([old.data, fresh.data]).toEqual([["1"], ["1", "2"]]);
  });

  it("is ended also where its reader takes nothing", async () => {
    const stage = new Stage({ maxConnectionAgeMs: AGE_MS });
    const sink = await stage.subscribe();
    sink.room = 1;
    await stage.publish("x");
    await stage.environment.pass(AGE_MS + 20_000);
    expect(sink.isDestroyed).toBe(true);
  });

  it("goes at a time of its own, up to a fifth before or after the age", async () => {
    const stage = new Stage({ maxConnectionAgeMs: AGE_MS });
    const sinks: RecordingSink[] = [];
    for (let reader = 0; reader < 50; reader += 1) {
      stage.environment.random = () => reader / 50;
      sinks.push(await stage.subscribe());
    }
    const told = () => sinks.filter(({ types }) => types.includes(DRAIN)).length;
    const counts: number[] = [];
    await stage.environment.pass(AGE_MS * 0.8 - 1000);
    for (let part = 0; part <= 4; part += 1) {
      counts.push(told());
      await stage.environment.pass(AGE_MS * 0.1);
    }
    expect(counts[0]).toBe(0);
    expect(counts[1]).toBeGreaterThan(8);
    expect(counts[2]).toBeGreaterThan(20);
    expect(counts[2]).toBeLessThan(30);
    expect(counts[4]).toBe(50);
  });

  it("is told once where the hub is closing as well", async () => {
    const stage = new Stage({ maxConnectionAgeMs: AGE_MS });
    const sink = await stage.subscribe();
    await stage.environment.pass(AGE_MS - 2000);
    void closeConnections(stage.core, 20_000);
    await stage.environment.pass(10_000);
    expect([sink.payloads(DRAIN).length, sink.isEnded]).toEqual([1, false]);
    await stage.environment.pass(10_000);
    expect(sink.isEnded).toBe(true);
  });

  it("does not exist where none was wanted", async () => {
    const stage = new Stage({ maxConnectionAgeMs: 0 });
    const sink = await stage.subscribe();
    await stage.environment.pass(1_000_000);
    expect(sink.types).not.toContain(DRAIN);
  });
});
