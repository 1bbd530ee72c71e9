import {
  createMemoryLog,
  type EventLog,
  parseStreamName,
  type StreamName,
  type TailMessage,
} from "@throughline/server/log";
import { describe, expect, it, vi } from "vitest";

const STREAM = parseStreamName("ward/42");
/** What an event with no characters but those of its type takes: 128 bytes, and 7 for `message`. */
const EMPTY_EVENT_BYTES = 135;

describe("retention in the memory log", () => {
  it("keeps the newest `maxEvents` events", async () => {
    const log = createMemoryLog({ maxEvents: 10 });
    await append(log, STREAM, 4);
    await append(log, STREAM, 8);
    expect(await extent(log, STREAM)).toEqual([3, 12]);
  });

  it("keeps the newest `maxBytes` bytes, objects around the text included", async () => {
    const log = createMemoryLog({ maxBytes: 10 * EMPTY_EVENT_BYTES });
    for (let appended = 0; appended < 30; appended += 1) await append(log, STREAM, 1);
    expect(await extent(log, STREAM)).toEqual([21, 30]);
    await log.append(STREAM, [{ data: "é".repeat(EMPTY_EVENT_BYTES) }]);
    expect(await extent(log, STREAM)).toEqual([24, 31]);
  });

  it("counts the index of ids among what is kept", async () => {
    const log = createMemoryLog({ maxBytes: 10 * (EMPTY_EVENT_BYTES + 1 + 48) });
    for (const id of "abcdefghijkl") await log.append(STREAM, [{ data: "", id }]);
    expect(await extent(log, STREAM)).toEqual([3, 12]);
    const batch = Array.from("mnopqrstuvw", (id) => ({ data: "", id }));
    await expect(log.append(STREAM, batch)).rejects.toMatchObject({ code: "invalid-event" });
  });

  it("takes an event again once the one with its id is too old to be read", async () => {
    let nowMs = 1_000_000;
    const log = createMemoryLog({ maxAgeMs: 1000, now: () => nowMs });
    const event = { data: "", id: "a" };
    await log.append(STREAM, [event]);
    nowMs += 1000;
    expect(await log.append(STREAM, [event])).toMatchObject({ events: [{ offset: 1 }] });
    nowMs += 1;
    expect(await log.append(STREAM, [event])).toMatchObject({ events: [{ offset: 2 }] });
  });

  it("refuses a batch that it could not keep whole, and stores nothing of it", async () => {
    const log = createMemoryLog({ maxEvents: 10, maxBytes: 10 * EMPTY_EVENT_BYTES });
    await expect(append(log, STREAM, 11)).rejects.toMatchObject({ code: "invalid-event" });
    const large = { data: "x".repeat(9 * EMPTY_EVENT_BYTES + 1) };
    await expect(log.append(STREAM, [large])).rejects.toMatchObject({ code: "invalid-event" });
    expect(await extent(log, STREAM)).toEqual([1, 0]);
    await append(log, STREAM, 10);
    expect(await extent(log, STREAM)).toEqual([1, 10]);
  });

  it("lets events go once they are older than `maxAgeMs`, and the position stays", async () => {
    let nowMs = 1_000_000;
    const log = createMemoryLog({ maxAgeMs: 1000, now: () => nowMs });
    await append(log, STREAM, 3);
    nowMs += 600;
    const { last } = await append(log, STREAM, 2);
    nowMs += 400;
    expect(await extent(log, STREAM)).toEqual([1, 5]);
    nowMs += 1;
    expect(await extent(log, STREAM)).toEqual([4, 5]);
    const gap = await log.read(STREAM, { after: 1, limit: 10, maxBytes: 1000 });
    expect(gap).toMatchObject({ kind: "gap", reason: "trimmed", from: 2, to: 3 });
    nowMs += 1_000_000;
    expect(await extent(log, STREAM)).toEqual([6, 5]);
    const idle = await log.read(STREAM, {
      after: 5,
      epoch: last.epoch,
      limit: 10,
      maxBytes: 1000,
    });
    expect(idle).toMatchObject({ kind: "events", events: [] });
    expect((await append(log, STREAM, 1)).first).toEqual({ ...last, offset: 6 });
  });

  it("tells a tail of the events that grew too old before it began", async () => {
    let nowMs = 1_000_000;
    const log = createMemoryLog({ maxAgeMs: 1000, now: () => nowMs });
    const { last } = await append(log, STREAM, 3);
    nowMs += 1001;
    const messages: TailMessage[] = [];
    log.tail(STREAM, { ...last, offset: 1 }, (message) => messages.push(message));
    await append(log, STREAM, 1);
    expect(messages).toMatchObject([
      { kind: "gap", reason: "trimmed", from: 2, to: 3 },
      { kind: "events", events: [{ offset: 4 }] },
    ]);
  });

  it("takes from the streams used least recently to stay under `maxTotalBytes`", async () => {
    const log = createMemoryLog({
      maxBytes: 10 * EMPTY_EVENT_BYTES,
      maxTotalBytes: 25 * EMPTY_EVENT_BYTES,
    });
    const [a, b, c, d] = ["a", "b", "c", "d"].map(parseStreamName);
    if (!a || !b || !c || !d) throw new Error("four names");
    await append(log, a, 10);
    await append(log, b, 10);
    await append(log, a, 1);
    await append(log, c, 8);
    const extents = async () => Promise.all([a, b, c, d].map((name) => extent(log, name)));
    expect(await extents()).toEqual([
      [2, 11],
      [4, 10],
      [1, 8],
      [1, 0],
    ]);
    await append(log, b, 3);
    await append(log, d, 10);
    expect(await extents()).toEqual([
      [12, 11],
      [4, 13],
      [4, 8],
      [1, 10],
    ]);
  });

  it("gives the bytes of trimmed and removed streams to others", async () => {
    const log = createMemoryLog({
      maxBytes: 10 * EMPTY_EVENT_BYTES,
      maxTotalBytes: 10 * EMPTY_EVENT_BYTES,
    });
    const [kept, trimmed, removed] = ["kept", "trimmed", "removed"].map(parseStreamName);
    if (!kept || !trimmed || !removed) throw new Error("three names");
    await append(log, kept, 2);
    await append(log, trimmed, 4);
    await append(log, removed, 4);
    await log.trim(trimmed, 4);
    await log.remove(removed);
    await append(log, STREAM, 8);
    expect(await extent(log, kept)).toEqual([1, 2]);
    expect(await extent(log, STREAM)).toEqual([1, 8]);
  });
});

describe("the number of streams in the memory log", () => {
  it("is limited: one more is refused until another one is removed", async () => {
    const log = createMemoryLog({ maxStreams: 2 });
    const third = parseStreamName("third");
    await append(log, STREAM, 1);
    await log.seal(parseStreamName("second"));
    await expect(append(log, third, 1)).rejects.toMatchObject({
      code: "too-many-streams",
      retryable: true,
    });
    await expect(log.head(third)).rejects.toMatchObject({ code: "too-many-streams" });
    expect(() => log.tail(third, { epoch: "e", offset: 0 }, () => undefined)).toThrow(
      expect.objectContaining({ code: "too-many-streams" }),
    );
    await log.remove(STREAM);
    await append(log, third, 1);
    expect(await extent(log, third)).toEqual([1, 1]);
  });

  it("is not used up by asking for names: those give way, but none with a tail", async () => {
    const log = createMemoryLog({ maxStreams: 3 });
    const tailed = parseStreamName("tailed");
    const { epoch } = await log.head(tailed);
    const tail = log.tail(tailed, { epoch, offset: 0 }, () => undefined);
    await append(log, STREAM, 1);
    for (let asked = 0; asked < 50; asked += 1) await log.head(parseStreamName(`asked/${asked}`));
    expect((await log.head(tailed)).epoch).toBe(epoch);
    expect(await extent(log, STREAM)).toEqual([1, 1]);

    await append(log, parseStreamName("another"), 1);
    await expect(log.head(parseStreamName("fourth"))).rejects.toMatchObject({
      code: "too-many-streams",
    });
    tail.close();
    expect((await log.head(parseStreamName("fourth"))).offset).toBe(0);
  });

  it("does not grow by a removed stream, except where a tail waits for its next life", async () => {
    const log = createMemoryLog({ maxStreams: 1 });
    const { last } = await append(log, STREAM, 1);
    const tail = log.tail(STREAM, last, () => undefined);
    await log.remove(STREAM);
    await expect(append(log, parseStreamName("other"), 1)).rejects.toMatchObject({
      code: "too-many-streams",
    });
    tail.close();
    await append(log, parseStreamName("other"), 1);
  });
});

describe("tails of the memory log", () => {
  it("have an append before its call has returned, once they have caught up", async () => {
    const log = createMemoryLog();
    const { last } = await append(log, STREAM, 1);
    const offsets: number[] = [];
    log.tail(STREAM, last, (message) => {
      if (message.kind === "events") offsets.push(...message.events.map((event) => event.offset));
    });
    await Promise.resolve();
    const appended = append(log, STREAM, 2);
    expect(offsets).toEqual([2, 3]);
    await appended;
  });

  it("go through a backlog in a task of their own, not in that of whoever appends", async () => {
    const log = createMemoryLog();
    const { last } = await append(log, STREAM, 1);
    const listener = vi.fn();
    log.tail(STREAM, { ...last, offset: 0 }, listener);
    void append(log, STREAM, 1);
    expect(listener).not.toHaveBeenCalled();
    await Promise.resolve();
    expect(listener).toHaveBeenCalledOnce();
  });

  it("are given a long backlog in pages of at most 1,000 events and 1 MiB", async () => {
    const log = createMemoryLog();
    const { epoch } = (await append(log, STREAM, 2500)).last;
    await log.append(STREAM, Array(3).fill({ data: "x".repeat(400 * 1024) }));
    const sizes: number[] = [];
    log.tail(STREAM, { epoch, offset: 0 }, (message) => {
      if (message.kind === "events") sizes.push(message.events.length);
    });
    await Promise.resolve();
    expect(sizes).toEqual([1000, 1000, 502, 1]);
  });

  it("hear of a removal at once, not only with the next event", async () => {
    const log = createMemoryLog();
    const { last } = await append(log, STREAM, 1);
    const messages: TailMessage[] = [];
    log.tail(STREAM, last, (message) => messages.push(message));
    await log.remove(STREAM);
    const { epoch } = await log.head(STREAM);
    expect(messages).toMatchObject([
      { kind: "gap", reason: "reset", resumeAfter: { epoch, offset: 0 } },
    ]);
  });

  it("hear nothing more from the moment the log is closed", async () => {
    const log = createMemoryLog();
    const { last } = await append(log, STREAM, 3);
    const listener = vi.fn();
    log.tail(STREAM, { ...last, offset: 0 }, listener);
    await log.close();
    expect(listener).not.toHaveBeenCalled();
  });

  it("report what their listener throws with the name of the stream", async () => {
    const onListenerError = vi.fn();
    const log = createMemoryLog({ onListenerError });
    const { last } = await append(log, STREAM, 1);
    const trouble = new Error("trouble");
    log.tail(STREAM, last, () => {
      throw trouble;
    });
    await append(log, STREAM, 1);
    expect(onListenerError.mock.calls).toEqual([[trouble, STREAM]]);
  });

  it("let an error that nobody takes reach the process, and the log goes on", async () => {
    const uncaught = catchUncaught(2);
    const unhandled = createMemoryLog();
    const failing = createMemoryLog({
      onListenerError: () => {
        throw new Error("the handler's");
      },
    });
    for (const log of [unhandled, failing]) {
      const { last } = await append(log, STREAM, 1);
      log.tail(STREAM, last, () => {
        throw new Error("the listener's");
      });
      expect((await append(log, STREAM, 1)).last.offset).toBe(2);
    }
    expect(await uncaught).toEqual(["the listener's", "the handler's"]);
  });
});

describe("epochs of the memory log", () => {
  it("come from `createEpoch`; what is no epoch is refused before anything is stored", async () => {
    const epochs = ["one", "NOT ONE", "two"];
    const log = createMemoryLog({ createEpoch: () => epochs.shift() ?? "" });
    expect((await log.head(STREAM)).epoch).toBe("one");
    const other = parseStreamName("other");
    await expect(append(log, other, 1)).rejects.toMatchObject({ code: "invalid-option" });
    expect(await log.head(other)).toMatchObject({ epoch: "two", offset: 0 });
  });
});

/** Appends so many empty events, and tells where the first and the last one stand. */
async function append(log: EventLog, stream: StreamName, count: number) {
  const batch = Array<{ data: string }>(count).fill({ data: "" });
  const { epoch, events } = await log.append(stream, batch);
  const at = (index: number) => ({ epoch, offset: events.at(index)?.offset ?? 0 });
  return { first: at(0), last: at(-1) };
}

async function extent(log: EventLog, stream: StreamName): Promise<[number, number]> {
  const { earliest, offset } = await log.head(stream);
  return [earliest, offset];
}

/** The messages of the next uncaught exceptions, which would end a process without a listener. */
function catchUncaught(count: number): Promise<string[]> {
  const others = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  return new Promise((resolve) => {
    const messages: string[] = [];
    process.on("uncaughtException", (error) => {
      messages.push(error.message);
      if (messages.length < count) return;
      process.removeAllListeners("uncaughtException");
      for (const other of others) process.on("uncaughtException", other);
      resolve(messages);
    });
  });
}
