import { join } from "node:path";
import { createEmbeddedLog, type EventLog, parseStreamName } from "@throughline/server/log";
import { describe, expect, it, vi } from "vitest";
import { DATA_FILE, Store, storeOptions } from "../../../src/log/embedded/store.js";
import type { TableName } from "../../../src/log/embedded/tables.js";
import { temporaryDirectory } from "./temporary-directory.js";

const STREAM = parseStreamName("ward/42");
const OTHER = parseStreamName("ward/43");
/** Deleting takes some commits of a disk that others may use, too. */
const PATIENCE = { timeout: 8000, interval: 20 };
const AMPLE = { limit: 100_000, maxBytes: 100_000_000 };

/** Events of 71 bytes as the log counts them: 7 for the type and 64 for the store. */
function empty(count: number): { data: string }[] {
  return Array.from({ length: count }, () => ({ data: "" }));
}

async function stored(log: EventLog, stream = STREAM): Promise<readonly [number, number]> {
  const { earliest, offset } = await log.head(stream);
  const page = await log.read(stream, { after: earliest - 1, ...AMPLE });
  if (page.kind !== "events") throw new Error(`a ${page.reason} gap at the earliest event`);
  expect(page.events.map((event) => event.offset)).toEqual(
    Array.from({ length: offset - earliest + 1 }, (_, index) => earliest + index),
  );
  return [earliest, offset];
}

/** How many entries a table has. */
async function count(directory: string, table: TableName): Promise<number> {
  const path = join(directory, DATA_FILE);
  const options = storeOptions({ path, maxTotalBytes: 2 ** 30 });
  const store = Store.open(options, directory);
  const entries = [...store.range(table, { start: Buffer.alloc(1) })].length;
  await store.close();
  return entries;
}

describe("an embedded log keeps", () => {
  it("as many events as it is allowed to, also across batches and lives", async () => {
    const directory = temporaryDirectory();
    const log = await createEmbeddedLog({ directory, maxEvents: 100 });
    await log.append(STREAM, empty(60));
    expect(await stored(log)).toEqual([1, 60]);
    await log.append(STREAM, empty(60));
    expect(await stored(log)).toEqual([21, 120]);
    await log.close();
    const smaller = await createEmbeddedLog({ directory, maxEvents: 10 });
    await smaller.append(STREAM, empty(1));
    expect(await stored(smaller)).toEqual([112, 121]);
    await smaller.close();
  });

  it("as many bytes as it is allowed to, whatever the sizes of its events", async () => {
    const log = await createEmbeddedLog({ directory: temporaryDirectory(), maxBytes: 71 * 50 });
    for (let size = 1; size <= 50; size += 1) await log.append(STREAM, empty(size % 7 || 1));
    const [earliest, offset] = await stored(log);
    expect(offset - earliest + 1).toBe(50);
    await log.append(STREAM, [{ data: "x".repeat(71 * 49) }]);
    expect(await stored(log)).toEqual([offset + 1, offset + 1]);
    await log.close();
  });

  it("events as long as it is asked to, and says what is too old as soon as it is", async () => {
    let nowMs = 1_000_000;
    const log = await createEmbeddedLog({
      directory: temporaryDirectory(),
      maxAgeMs: 1000,
      now: () => nowMs,
    });
    for (let index = 0; index < 30; index += 1) {
      nowMs += 100;
      await log.append(STREAM, [{ id: `${index}`, data: "" }]);
    }
    expect(await stored(log)).toEqual([20, 30]);
    nowMs += 500;
    expect(await stored(log)).toEqual([25, 30]);
    const again = await log.append(STREAM, [{ id: "23", data: "" }]);
    expect(again.events).toEqual([{ offset: 31, isDuplicate: false }]);
    nowMs += 10_000;
    expect(await stored(log)).toEqual([32, 31]);
    await log.close();
  });

  it("no more in all streams together: those written to least recently give way", async () => {
    const log = await createEmbeddedLog({
      directory: temporaryDirectory(),
      maxBytes: 71 * 100,
      maxTotalBytes: 71 * 150,
    });
    await log.append(OTHER, empty(100));
    await log.append(STREAM, empty(90));
    expect(await stored(log, OTHER)).toEqual([41, 100]);
    expect(await stored(log)).toEqual([1, 90]);
    await log.close();
  });

  it("refuses a batch that it could not keep", async () => {
    const log = await createEmbeddedLog({ directory: temporaryDirectory(), maxEvents: 3 });
    await expect(log.append(STREAM, empty(4))).rejects.toMatchObject({ code: "invalid-event" });
    await log.close();
  });
});

describe("what an embedded log has trimmed or removed", () => {
  it("is deleted in the background, with the ids that named it and no others", async () => {
    const directory = temporaryDirectory();
    const log = await createEmbeddedLog({ directory });
    const named = Array.from({ length: 2000 }, (_, index) => ({ id: `${index}`, data: "" }));
    await log.append(STREAM, named);
    await log.trim(STREAM, 1999);
    await log.append(STREAM, [{ id: "5", data: "again" }]);
    // Each commit deletes a chunk; those that are needed for it are made by the log itself.
    await vi.waitFor(async () => expect(await count(directory, "events")).toBe(2), PATIENCE);
    expect(await count(directory, "ids")).toBe(2);
    await log.close();
    const next = await createEmbeddedLog({ directory });
    const again = await next.append(STREAM, [
      { id: "5", data: "" },
      { id: "6", data: "" },
    ]);
    expect(again.events.map(({ isDuplicate }) => isDuplicate)).toEqual([true, false]);
    await next.close();
  });

  it("is deleted when a stream is removed, to the last producer", async () => {
    const directory = temporaryDirectory();
    const log = await createEmbeddedLog({ directory });
    await log.append(STREAM, Array(900).fill({ data: "" }), {
      producer: { id: "p", epoch: 0, sequence: 0 },
    });
    await log.append(OTHER, [{ id: "kept", data: "" }]);
    await log.remove(STREAM);
    await vi.waitFor(async () => expect(await count(directory, "graves")).toBe(0), PATIENCE);
    await log.close();
    const tables = ["events", "ids", "producers", "uses", "graves"] as const;
    const left: number[] = [];
    for (const table of tables) left.push(await count(directory, table));
    expect(left).toEqual([1, 1, 0, 0, 0]);
  });

  it("is deleted for streams that nobody uses, too, when they are looked at", async () => {
    let nowMs = 1_000_000;
    const directory = temporaryDirectory();
    const options = { directory, maxAgeMs: 1000, sweepMs: 5, now: () => nowMs };
    const log = await createEmbeddedLog(options);
    await log.append(STREAM, empty(100));
    nowMs += 2000;
    await vi.waitFor(async () => expect(await count(directory, "events")).toBe(0), PATIENCE);
    await log.close();
  });
});

describe("an embedded log that has as many streams as it may have", () => {
  it("forgets one that was only asked for, and refuses others", async () => {
    const directory = temporaryDirectory();
    const log = await createEmbeddedLog({ directory, maxStreams: 2 });
    await log.append(STREAM, empty(1));
    const asked = await log.head(OTHER);
    await log.append(parseStreamName("third"), empty(1));
    await expect(log.head(OTHER)).rejects.toMatchObject({ code: "too-many-streams" });
    expect(() => log.tail(OTHER, asked, () => undefined)).toThrow(/keeps at most 2 streams/);
    await expect(log.append(OTHER, empty(1))).rejects.toMatchObject({ code: "too-many-streams" });
    expect(await stored(log)).toEqual([1, 1]);
    await log.close();
    const larger = await createEmbeddedLog({ directory, maxStreams: 3 });
    expect((await larger.head(OTHER)).epoch).not.toBe(asked.epoch);
    await larger.close();
  });

  it("keeps one that somebody tails, and the batches that were waiting with a refused one", async () => {
    const log = await createEmbeddedLog({ directory: temporaryDirectory(), maxStreams: 1 });
    const { epoch, offset } = await log.head(OTHER);
    const heard: string[] = [];
    const tail = log.tail(OTHER, { epoch, offset }, (message) => heard.push(message.kind));
    const [refused, taken] = await Promise.allSettled([
      log.append(STREAM, empty(1)),
      log.append(OTHER, empty(1)),
    ]);
    expect(refused).toMatchObject({ reason: { code: "too-many-streams" } });
    expect(taken).toMatchObject({ status: "fulfilled", value: { epoch } });
    expect(heard).toEqual(["events"]);
    tail.close();
    await log.close();
  });
});
