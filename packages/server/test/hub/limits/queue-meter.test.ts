// How much may wait for all readers together, and who has to go where it is more.

import { describe, expect, it } from "vitest";
import type { Frame } from "../../../src/hub/frame.js";
import { QueueMeter, QueueShare } from "../../../src/hub/limits/queue-meter.js";
import { RecordingSink } from "../recording-sink.js";
import { numbers, Stage } from "../stage.js";

/** A reader of a meter, by hand. */
class Reader {
  isCut = false;
  bytes = 0;
  readonly #share: QueueShare;

  constructor(meter: QueueMeter) {
    this.#share = new QueueShare(meter);
  }

  get queuedBytes(): number {
    return this.#share.note(this.bytes);
  }

  /** As a sink does after a write. */
  hold(bytes: number): void {
    this.bytes = bytes;
    this.#share.note(bytes);
  }

  cut(): void {
    this.isCut = true;
    this.#share.close();
  }
}

function meterOf(max: number, count: number) {
  const meter = new QueueMeter(max);
  const readers = Array.from({ length: count }, () => new Reader(meter));
  let exceeded = 0;
  meter.onExceeded = () => {
    exceeded += 1;
  };
  return { meter, readers, exceeded: () => exceeded };
}

describe("what waits for all readers", () => {
  it("is too much when the sum is, and that is said once", () => {
    const { meter, readers, exceeded } = meterOf(100, 3);
    for (const reader of readers) reader.hold(33);
    expect([meter.isFull, exceeded()]).toEqual([false, 0]);
    for (const reader of readers) reader.hold(50);
    expect([meter.isFull, exceeded()]).toEqual([true, 1]);
  });

  it("is brought under nine tenths by cutting off those with the most, and nobody else", () => {
    const { meter, readers } = meterOf(100, 4);
    for (const [index, bytes] of [10, 60, 20, 30].entries()) readers[index]?.hold(bytes);
    meter.relieve(readers);
    expect(readers.map(({ isCut }) => isCut)).toEqual([false, true, false, false]);
    expect([meter.isFull, meter.shedTotal]).toEqual([false, 1]);
  });

  it("has a tenth of the limit free afterwards, so that it is not full again at once", () => {
    const { meter, readers } = meterOf(100, 21);
    for (const reader of readers) reader.hold(5);
    meter.relieve(readers);
    expect(meter.shedTotal).toBe(3);
  });

  it("costs nobody anything where the readers have taken it meanwhile", () => {
    const { meter, readers, exceeded } = meterOf(100, 2);
    for (const reader of readers) reader.hold(60);
    for (const reader of readers) reader.bytes = 0;
    meter.relieve(readers);
    expect([meter.isFull, meter.shedTotal]).toEqual([false, 0]);
    for (const reader of readers) reader.hold(60);
    expect(exceeded()).toBe(2);
  });

  it("does not count those who are gone", () => {
    const { meter, readers } = meterOf(100, 2);
    for (const reader of readers) reader.hold(60);
    readers[0]?.cut();
    expect(meter.isFull).toBe(false);
    readers[0]?.hold(1000);
    expect(meter.isFull).toBe(false);
  });
});

/** A sink whose reader takes nothing, and which counts what waits as real ones do. */
class StuckSink extends RecordingSink {
  readonly #share: QueueShare;

  constructor(stage: Stage, highWaterBytes: number) {
    super();
    this.room = highWaterBytes;
    this.#share = new QueueShare(stage.core.connections.meter);
  }

  override write(frame: Frame): boolean {
    const hasRoom = super.write(frame);
    this.queuedBytes += frame.byteLength;
    this.#share.note(this.queuedBytes);
    if (this.#share.isMeterFull) this.isFull = true;
    return hasRoom && !this.isFull;
  }

  override destroy(): void {
    super.destroy();
    this.queuedBytes = 0;
    this.#share.close();
  }
}

describe("a hub whose readers take nothing", () => {
  const LIMITS = { highWaterBytes: 10_000, maxQueuedBytes: 100_000 };
  const queuedIn = (sinks: readonly RecordingSink[]) =>
    sinks.reduce((sum, { queuedBytes }) => sum + queuedBytes, 0);

  it("holds no more than it may at the end of each turn, whatever is published", async () => {
    const stage = new Stage(LIMITS);
    const fast = await stage.subscribe();
    const sinks = numbers(1, 40).map(() => new StuckSink(stage, LIMITS.highWaterBytes));
    for (const sink of sinks) await stage.subscribe("", sink);
    for (let round = 0; round < 30; round += 1) {
      await stage.publish("x".repeat(500));
      expect(queuedIn(sinks)).toBeLessThanOrEqual(LIMITS.maxQueuedBytes);
    }
    expect(fast.data).toHaveLength(30);
    expect(stage.core.connections.meter.shedTotal).toBeGreaterThan(0);
    expect(sinks.some(({ isDestroyed }) => !isDestroyed)).toBe(true);
  });

  it("hands out no more history than fits, and all of it to those for whom there is room", async () => {
    const stage = new Stage(LIMITS);
    const fast = await stage.subscribe();
    await stage.publish(...numbers(1, 100).map((text) => text.padEnd(600, "x")));
    const sinks: StuckSink[] = [];
    for (let reader = 0; reader < 40; reader += 1) {
      const sink = new StuckSink(stage, LIMITS.highWaterBytes);
      (await stage.stream("/streams/news?cursor=e1.0")).open(sink);
      sinks.push(sink);
      await stage.environment.turn();
      expect(queuedIn(sinks)).toBeLessThanOrEqual(LIMITS.maxQueuedBytes + 2 * 65_536);
    }
    await stage.environment.settle();
    expect(queuedIn(sinks)).toBeLessThanOrEqual(LIMITS.maxQueuedBytes);
    const late = await stage.subscribe("?cursor=e1.0");
    expect([late.data.length, fast.data.length]).toEqual([100, 100]);
    expect(stage.core.connections.pacer.waiting).toBe(0);
  });
});
