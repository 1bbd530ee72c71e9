// What a remote log does beside what every log does: it waits, it breaks, and it says so.

import {
  createLogChannel,
  createMemoryLog,
  createRemoteLog,
  type EventLog,
  type NewEvent,
  parseStreamName,
  type ReadOptions,
  type ServeLogOptions,
  serveLog,
  type TailMessage,
} from "@throughline/server/log";
import { StreamError } from "throughline/core";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { ProducerOrderError } from "../../../src/log/producer.js";
import { connectLog, socketPair } from "./connected.js";

const stream = parseStreamName("feed");
const KIB = 1024;

/** How long anything that is waited for may take: other tests run at the same time. */
const SOON = { timeout: 20_000 };

/** A log in memory with everything that is asked of it. */
function memoryLog() {
  const log = createMemoryLog();
  onTestFinished(() => log.close());
  return log;
}

async function connected(log: EventLog, options?: ServeLogOptions) {
  const pair = await connectLog(log, {}, options);
  onTestFinished(() => {
    pair.near.destroy();
    pair.far.destroy();
  });
  return pair;
}

function batch(count: number, bytes: number): NewEvent[] {
  return Array.from({ length: count }, () => ({ data: "x".repeat(bytes) }));
}

describe("a remote log", () => {
  it("that another process reads too slowly stops sending, and goes on by reading when it may", async () => {
    const log = memoryLog();
    const { remote, near, far } = await connected(log);
    const { epoch } = await log.head(stream);
    const offsets: number[] = [];
    remote.tail(stream, { epoch, offset: 0 }, (message) => {
      if (message.kind === "events") offsets.push(...message.events.map(({ offset }) => offset));
    });
    await remote.append(stream, batch(1, 10));
    await vi.waitFor(() => expect(offsets).toEqual([1]), SOON);
    far.pause();
    let mostWaiting = 0;
    // Thirty times what may wait, at a pace at which sockets are served in between.
    for (let round = 0; round < 480; round += 1) {
      await log.append(stream, batch(1, 64 * KIB));
      if (round % 4 === 0) await new Promise(setImmediate);
      mostWaiting = Math.max(mostWaiting, near.writableLength);
    }
    expect(mostWaiting).toBeGreaterThan(KIB * KIB);
    expect(mostWaiting).toBeLessThan(2 * KIB * KIB);
    far.resume();
    await vi.waitFor(() => expect(offsets).toHaveLength(481), SOON);
    expect(offsets).toEqual(Array.from({ length: 481 }, (_, index) => index + 1));
    // It is live again: what comes now is not read, but told.
    const read = vi.spyOn(log, "read");
    await remote.append(stream, batch(1, 10));
    await vi.waitFor(() => expect(offsets).toHaveLength(482), SOON);
    expect(read).not.toHaveBeenCalled();
  });

  it("lets one process that does not read be no matter to another one", async () => {
    const log = memoryLog();
    const stuck = await connected(log);
    const well = await connected(log);
    const { epoch } = await log.head(stream);
    stuck.remote.tail(stream, { epoch, offset: 0 }, () => {});
    let heard = 0;
    well.remote.tail(stream, { epoch, offset: 0 }, (message) => {
      if (message.kind === "events") heard += message.events.length;
    });
    await stuck.remote.head(stream);
    stuck.far.pause();
    for (let round = 0; round < 100; round += 1) {
      await well.remote.append(stream, batch(1, 64 * KIB));
    }
    await vi.waitFor(() => expect(heard).toBe(100), SOON);
    expect(stuck.near.writableLength).toBeLessThan(2 * KIB * KIB);
  });

  it("takes no more calls than the log has to hold in memory, and all of them in the end", async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const log = memoryLog();
    const { append } = log;
    let begun = 0;
    log.append = async (...call) => {
      begun += 1;
      await released;
      return append.apply(log, call);
    };
    const { remote } = await connected(log, { maxPendingBytes: 300 * KIB });
    const appends = Array.from({ length: 12 }, () => remote.append(stream, batch(1, 100 * KIB)));
    await vi.waitFor(() => expect(begun).toBeGreaterThanOrEqual(3), SOON);
    for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
    // What came in the same read as the one that was too much is there, too.
    expect(begun).toBeLessThan(12);
    release();
    const results = await Promise.all(appends);
    expect(results.map(({ events }) => events[0]?.offset)).toEqual(
      Array.from({ length: 12 }, (_, index) => index + 1),
    );
  });

  it("sends what is called in one turn as one message, and events as they were at the call", async () => {
    const log = memoryLog();
    const { remote, far } = await connected(log);
    const write = vi.spyOn(far, "write");
    const event = { data: "before" };
    const appends = [remote.append(stream, [event]), remote.append(stream, [{ data: "two" }])];
    event.data = "after";
    await Promise.all([...appends, remote.head(stream)]);
    expect(write).toHaveBeenCalledTimes(1);
    const page = await log.read(stream, { after: 0, limit: 9, maxBytes: 99 });
    expect(page).toMatchObject({ events: [{ data: "before" }, { data: "two" }] });
  });

  it("refuses as the log does, with codes, words and what a producer should have sent", async () => {
    const log = createMemoryLog({ maxStreams: 1 });
    onTestFinished(() => log.close());
    const { remote } = await connected(log);
    const producer = { id: "p", epoch: 2, sequence: 0 };
    await remote.append(stream, batch(1, 1), { producer });
    const refusals = [
      () => remote.append(stream, batch(1, 1), { producer: { ...producer, sequence: 4 } }),
      () => remote.append(stream, batch(1, 1), { producer: { ...producer, epoch: 1 } }),
      () => remote.append(parseStreamName("other"), batch(1, 1)),
    ];
    const errors = await Promise.all(
      refusals.map((call) => call().catch((error: unknown) => error)),
    );
    expect(errors).toMatchObject([
      { code: "producer-out-of-order", expectedSequence: 1, retryable: false },
      { code: "producer-fenced" },
      { code: "too-many-streams", retryable: true },
    ]);
    expect(errors[0]).toBeInstanceOf(ProducerOrderError);
    for (const error of errors) expect(error).toBeInstanceOf(StreamError);
  });

  it("shows an error that is no refusal as what it is: a bug of the other side", async () => {
    const log = memoryLog();
    log.head = () => Promise.reject(new TypeError("x is not a function"));
    const { remote } = await connected(log);
    const error = await remote.head(stream).catch((thrown: unknown) => thrown);
    expect(error).not.toBeInstanceOf(StreamError);
    expect(error).toMatchObject({ message: "x is not a function" });
  });

  it("tries a tail again whose log could not be read, and tells what was missed", async () => {
    const log = memoryLog();
    const { read } = log;
    const { epoch } = await log.head(stream);
    const [near, far] = await socketPair();
    onTestFinished(() => {
      near.destroy();
      far.destroy();
    });
    const errors: unknown[] = [];
    serveLog(log, createLogChannel(near), {
      onTailError: (error, name) => errors.push([error, name]),
    });
    const remote = createRemoteLog(createLogChannel(far));
    const trouble = new Error("the disk is asleep");
    log.read = () => Promise.reject(trouble);
    const heard: TailMessage[] = [];
    remote.tail(stream, { epoch, offset: 0 }, (message) => heard.push(message));
    await remote.append(stream, batch(1, 1));
    await vi.waitFor(() => expect(errors).toEqual([[trouble, stream]]), SOON);
    log.read = (name, options: ReadOptions) => read.call(log, name, options);
    await vi.waitFor(() => expect(heard).toMatchObject([{ kind: "events" }]), SOON);
  });

  it("rejects what is under way, and everything after it, when the other process is gone", async () => {
    const log = memoryLog();
    log.head = () => new Promise(() => {});
    const { remote, near } = await connected(log);
    const { epoch } = await remote.append(stream, batch(1, 1));
    const heard: TailMessage[] = [];
    remote.tail(stream, { epoch, offset: 1 }, (message) => heard.push(message));
    const asked = remote.head(stream);
    near.destroy();
    await expect(asked).rejects.toMatchObject({ code: "store-unavailable" });
    await expect(remote.head(stream)).rejects.toMatchObject({ code: "store-unavailable" });
    expect(() => remote.tail(stream, { epoch, offset: 1 }, () => {})).toThrow(StreamError);
    await log.append(stream, batch(1, 1));
    expect(heard).toEqual([]);
  });

  it("leaves no tail behind in the log when its process is gone", async () => {
    const log = memoryLog();
    const closed: string[] = [];
    const { tail } = log;
    log.tail = (name, after, listener) => {
      const opened = tail.call(log, name, after, listener);
      return {
        close: () => {
          closed.push(name);
          opened.close();
        },
      };
    };
    const open = vi.spyOn(log, "tail");
    const { remote, far } = await connected(log);
    const { epoch } = await remote.append(stream, batch(1, 1));
    for (const name of ["a", "b"]) {
      const position = await remote.head(parseStreamName(name));
      remote.tail(parseStreamName(name), position, () => {});
    }
    remote.tail(stream, { epoch, offset: 0 }, () => {});
    await vi.waitFor(() => expect(open).toHaveBeenCalledTimes(3), SOON);
    far.destroy();
    await vi.waitFor(() => expect(closed.sort()).toEqual(["a", "b", "feed"]), SOON);
  });
});
