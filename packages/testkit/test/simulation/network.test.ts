import { describe, expect, it } from "vitest";
import { Chance } from "../../src/simulation/chance.js";
import { fairConditions } from "../../src/simulation/network/conditions.js";
import { Dechunker } from "../../src/simulation/network/dechunker.js";
import { Lane } from "../../src/simulation/network/lane.js";
import { Relay } from "../../src/simulation/network/relay.js";
import { VirtualClock } from "../../src/simulation/time/virtual-clock.js";

function dechunk(pieces: readonly Uint8Array[]): { body: string; isOver: boolean } {
  const dechunker = new Dechunker();
  const parts: Uint8Array[] = [];
  for (const piece of pieces) dechunker.push(piece, (part) => parts.push(part));
  return { body: Buffer.concat(parts).toString(), isOver: dechunker.isOver };
}

describe("a chunked body", () => {
  const bytes = Buffer.from("6\r\nab\r\ncd\r\n1\r\n\n\r\n0\r\n\r\n");

  it("is read the same whole, and cut at every byte", () => {
    const whole = { body: "ab\r\ncd\n", isOver: true };
    expect(dechunk([bytes])).toEqual(whole);
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(dechunk([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole);
    }
  });

  it("without its last chunk is not over", () => {
    expect(dechunk([bytes.subarray(0, -2)])).toEqual({ body: "ab\r\ncd\n", isOver: false });
  });

  it("with something else in the place of a size is an error", () => {
    expect(() => dechunk([Buffer.from("data: x\n")])).toThrow("No size of a chunk");
  });
});

describe("a direction of a connection", () => {
  function laneIn(weather: { isFrozen: boolean }) {
    const clock = new VirtualClock();
    const machine = clock.createMachine("receiver");
    const fair = { latencyMs: 10, jitterMs: 0, bytesPerMs: 1 };
    const lane = new Lane(
      clock,
      machine,
      () => ({ ...fair, ...weather }),
      () => 0.5,
    );
    const arrived: [string, number][] = [];
    const send = (name: string, bytes: number) =>
      lane.send(bytes, () => arrived.push([name, clock.nowMs]));
    return { clock, machine, lane, arrived, send };
  }

  it("keeps the order, and takes the time that latency and bytes take", async () => {
    const { clock, arrived, send } = laneIn({ isFrozen: false });
    send("long", 100);
    send("short", 1);
    await clock.runUntil(1000);
    expect(arrived).toEqual([
      ["long", 110],
      ["short", 111],
    ]);
  });

  it("holds what is sent while packets are dropped, and repeats it afterwards", async () => {
    const weather = { isFrozen: false };
    const { clock, lane, arrived, send } = laneIn(weather);
    send("held", 0);
    weather.isFrozen = true;
    await clock.runUntil(500);
    expect(arrived).toEqual([]);
    weather.isFrozen = false;
    lane.thaw(100);
    await clock.runUntil(1000);
    expect(arrived).toEqual([["held", 550]]);
  });

  it("brings nothing to a machine that sleeps, or has crashed", async () => {
    const { clock, machine, arrived, send } = laneIn({ isFrozen: false });
    machine.sleep(300);
    send("late", 0);
    await clock.runUntil(1000);
    expect(arrived).toEqual([["late", 300]]);
    send("never", 0);
    machine.crash();
    await clock.runUntil(2000);
    expect(arrived).toHaveLength(1);
  });
});

describe("the way back", () => {
  function relayIn(changes: Partial<ReturnType<typeof fairConditions>>) {
    const passed: string[] = [];
    const conditions = { ...fairConditions(1), ...changes };
    const target = {
      head: () => passed.push("head"),
      bytes: (bytes: Uint8Array) => passed.push(Buffer.from(bytes).toString()),
      breakOff: (how: string) => passed.push(`(${how})`),
      took: () => {},
    };
    const relay = new Relay(conditions, target, new Chance(1).fraction);
    const write = (text: string) => relay.bytes(Buffer.from(text));
    return { relay, passed, conditions, write };
  }

  it("passes everything on as it comes", () => {
    const { relay, passed, write } = relayIn({});
    relay.head({ status: 200, headers: {} });
    write("one");
    write("two");
    expect(passed).toEqual(["head", "one", "two"]);
  });

  it("collects as many bytes as a proxy does, and the head with them", () => {
    const { relay, passed, write } = relayIn({ buffering: { bytes: 5, holdsHead: true } });
    relay.head({ status: 200, headers: {} });
    write("one");
    expect(passed).toEqual([]);
    write("two");
    expect(passed).toEqual(["head", "one", "two"]);
    write("x");
    relay.flush();
    expect(passed.at(-1)).toBe("x");
  });

  it("breaks behind exactly so many bytes, once", () => {
    const { relay, passed, write } = relayIn({});
    relay.arm({ afterBytes: 4, how: "reset" });
    write("one");
    write("two");
    write("three");
    expect(passed).toEqual(["one", "t", "(reset)"]);
  });

  it("breaks behind a pattern, after as many as are to be let pass", () => {
    const { relay, passed, write } = relayIn({});
    const behind = { pattern: Buffer.from("id: "), skip: 1 };
    relay.arm({ afterBytes: 1, behind, how: "end" });
    write("id: 1\n");
    write("x\nid: 23\n");
    expect(passed).toEqual(["id: 1\n", "x\nid: 2", "(end)"]);
  });
});
