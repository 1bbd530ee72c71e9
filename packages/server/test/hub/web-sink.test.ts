import { describe, expect, it } from "vitest";
import { encodeFrame } from "../../src/hub/frame.js";
import { QueueMeter, QueueShare } from "../../src/hub/limits/queue-meter.js";
import { WebSink } from "../../src/hub/web-sink.js";

const TEN_BYTES = encodeFrame("data: xy\n\n");

/** A sink for 25 bytes, and what it told its owner. */
function createSink() {
  const sink = new WebSink(25, new QueueShare(new QueueMeter(1000)));
  const told: string[] = [];
  sink.attach({
    onWritable: () => told.push("writable"),
    onFlushed: () => told.push("flushed"),
    onLost: () => told.push("lost"),
  });
  return { sink, told, reader: sink.body.getReader() };
}

describe("the body of a web-standard response", () => {
  it("is full with the write that reaches its bound, and takes it all the same", async () => {
    const { sink, reader } = createSink();
    expect([1, 2, 3].map(() => sink.write(TEN_BYTES))).toEqual([true, true, false]);
    expect([sink.isFull, sink.queuedBytes]).toEqual([true, 30]);
    for (let write = 0; write < 3; write += 1) {
      expect((await reader.read()).value).toEqual(TEN_BYTES.bytes);
    }
  });

  it("tells when there is room again, once, and only if it was full", async () => {
    const { sink, told, reader } = createSink();
    sink.write(TEN_BYTES);
    await reader.read();
    expect(told).toEqual([]);
    for (let write = 0; write < 3; write += 1) sink.write(TEN_BYTES);
    await reader.read();
    await reader.read();
    expect(told).toEqual(["writable"]);
    expect(sink.isFull).toBe(false);
  });

  it("says nothing from inside a write, also to a reader that waits", async () => {
    const { sink, told, reader } = createSink();
    const waiting = reader.read();
    await Promise.resolve();
    sink.write(TEN_BYTES);
    expect(told).toEqual([]);
    await waiting;
  });

  it("ends after what was written, and says so after the call", async () => {
    const { sink, told, reader } = createSink();
    sink.write(TEN_BYTES);
    sink.end();
    expect(told).toEqual([]);
    expect((await reader.read()).done).toBe(false);
    expect((await reader.read()).done).toBe(true);
    expect(told).toEqual(["flushed"]);
  });

  it("tells when its reader cancels, and swallows what is still written", async () => {
    const { sink, told, reader } = createSink();
    await reader.cancel();
    expect(told).toEqual(["lost"]);
    expect(sink.write(TEN_BYTES)).toBe(false);
    sink.end();
    sink.destroy();
  });

  it("breaks for its reader when it is destroyed", async () => {
    const { sink, reader } = createSink();
    sink.destroy();
    await expect(reader.read()).rejects.toThrow("broken off");
  });
});
