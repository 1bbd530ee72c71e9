import { readdirSync, readFileSync, readlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createEmbeddedLog, parseStreamName } from "@throughline/server/log";
import { open } from "lmdb";
import { describe, expect, it } from "vitest";
import { offsetOf } from "../../../src/log/embedded/keys.js";
import { storeOptions } from "../../../src/log/embedded/store.js";
import { temporaryDirectory } from "./temporary-directory.js";

const STREAM = parseStreamName("ward/42");
const AMPLE = { limit: 1000, maxBytes: 1_000_000 };

async function makeLog(): Promise<{ directory: string; data: string }> {
  const directory = temporaryDirectory();
  const log = await createEmbeddedLog({ directory });
  for (let batch = 0; batch < 20; batch += 1) {
    await log.append(STREAM, Array(20).fill({ data: "x".repeat(300) }));
  }
  await log.close();
  return { directory, data: join(directory, "data.mdb") };
}

describe("a directory that another log uses", () => {
  it("is refused with who uses it, and free again when that log is closed", async () => {
    const { directory } = await makeLog();
    const log = await createEmbeddedLog({ directory });
    await expect(createEmbeddedLog({ directory })).rejects.toMatchObject({
      code: "store-locked",
      message: expect.stringMatching(`in use by another log in this process \\(${process.pid}\\)`),
    });
    await log.append(STREAM, [{ data: "goes on" }]);
    expect((await log.head(STREAM)).offset).toBe(401);
    await log.close();
    const next = await createEmbeddedLog({ directory });
    expect((await next.head(STREAM)).offset).toBe(401);
    await next.close();
  });

  it("goes to exactly one of many that want it at the same time", async () => {
    const { directory } = await makeLog();
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, () => createEmbeddedLog({ directory })),
    );
    const opened = results.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    const codes = results.flatMap((each) => (each.status === "rejected" ? [each.reason.code] : []));
    for (const log of opened) await log.close();
    expect(opened).toHaveLength(1);
    expect(new Set(codes)).toEqual(new Set(["store-locked"]));
  });

  it("is refused under a path that is too long for a socket, too", async () => {
    const directory = join(temporaryDirectory(), "x".repeat(120), "y".repeat(120));
    const log = await createEmbeddedLog({ directory });
    await expect(createEmbeddedLog({ directory })).rejects.toMatchObject({ code: "store-locked" });
    await log.close();
  });

  // Only Linux shows what a process has open.
  it.runIf(process.platform === "linux")("is let go of wholly when it is closed", async () => {
    const directory = temporaryDirectory();
    const left: string[] = [];
    // What is only about to be closed is caught most of the time, not every time.
    for (let life = 1; life <= 10; life += 1) {
      const log = await createEmbeddedLog({ directory });
      await log.close();
      left.push(...openFiles().filter((path) => path.startsWith(directory)));
    }
    expect(left).toEqual([]);
  });

  it("holds nothing but the log when it is closed", async () => {
    const { directory } = await makeLog();
    const names = readdirSync(directory).map((name) => name.replace(/\d+$/, "N"));
    expect(names.sort()).toEqual(["data.mdb", "data.mdb-lock", "witness-N"]);
  });
});

it("reads events of all sizes between one another as they were", async () => {
  const log = await createEmbeddedLog({ directory: temporaryDirectory() });
  // What is as large as LMDB's own buffer, and more, comes another way than the rest.
  const sizes = [10, 32_749, 0, 32_768, 70_000, 5, 1_000_000, 4096, 33];
  const events = sizes.map((size, index) => ({ data: "é".repeat(size), id: `id ${index}` }));
  for (const event of events) await log.append(STREAM, [event]);
  const read = await log.read(STREAM, { after: 0, limit: 100, maxBytes: 1e9 });
  expect(read.kind).toBe("events");
  const found = read.kind === "events" ? read.events : [];
  expect(found.map(({ data, id }) => ({ data, id }))).toEqual(events);
  await log.close();
});

describe("a store that is damaged is refused", () => {
  it.each<[damage: string, ruin: (data: string) => void]>([
    ["garbage instead of the file", (data) => writeFileSync(data, "no store ".repeat(5000))],
    ["garbage at its beginning", (data) => overwrite(data, 0, 4096)],
    ["a few bytes", (data) => truncateSync(data, 100)],
    ["half of the file", (data) => truncateSync(data, readFileSync(data).length / 2)],
    ["garbage in all pages but the first two", (data) => overwrite(data, 8192, 1 << 20)],
  ])("where there is %s", async (_damage, ruin) => {
    const { directory, data } = await makeLog();
    ruin(data);
    await expect(createEmbeddedLog({ directory })).rejects.toMatchObject({
      code: "store-corrupt",
      message: expect.stringContaining("backup"),
    });
  });

  it("where an event is missing among others, when that is read, and none is put in its place", async () => {
    const { directory, data } = await makeLog();
    const store = open<Buffer, Buffer>(storeOptions({ path: data, maxTotalBytes: 2 ** 30 }));
    const events = store.openDB<Buffer, Buffer>({
      name: "events",
      encoding: "binary",
      keyEncoding: "binary",
    });
    for (const { key } of events.getRange({ start: Buffer.alloc(1), offset: 99, limit: 1 })) {
      expect(offsetOf(key)).toBe(100);
      events.removeSync(key);
    }
    await store.close();
    const log = await createEmbeddedLog({ directory });
    await expect(log.read(STREAM, { after: 0, ...AMPLE })).rejects.toMatchObject({
      code: "store-corrupt",
      message: expect.stringMatching("Event 100 of the stream ward/42"),
    });
    await log.close();
  });

  it("where one event does not say what it said, when that is read, and not before", async () => {
    const { directory, data } = await makeLog();
    const log = await createEmbeddedLog({ directory });
    await log.append(STREAM, [{ data: "the needle" }, { data: "the last" }]);
    await log.close();
    const bytes = readFileSync(data);
    for (let at = bytes.indexOf("the needle"); at >= 0; at = bytes.indexOf("the needle", at + 1)) {
      bytes.write("THE", at);
    }
    const damaged = temporaryDirectory();
    writeFileSync(join(damaged, "data.mdb"), bytes);
    const other = await createEmbeddedLog({ directory: damaged });
    const needle = other.read(STREAM, { after: 400, ...AMPLE });
    await expect(needle).rejects.toMatchObject({
      code: "store-corrupt",
      message: expect.stringMatching("Event 401 of the stream ward/42"),
    });
    const last = await other.read(STREAM, { after: 401, ...AMPLE });
    expect(last).toMatchObject({ events: [{ data: "the last" }] });
    await other.close();
  });

  it("where another version of the program has written it in another format", async () => {
    const { directory, data } = await makeLog();
    const bytes = readFileSync(data);
    const mark = '{"format":1,';
    for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) {
      bytes.write('{"format":9,', at);
    }
    writeFileSync(data, bytes);
    await expect(createEmbeddedLog({ directory })).rejects.toMatchObject({
      code: "store-unavailable",
      message: expect.stringMatching(/has format 9; this version of the program reads format 1/),
    });
  });
});

describe("a directory that cannot be used is refused", () => {
  it("when it is a file", async () => {
    const directory = join(temporaryDirectory(), "file");
    writeFileSync(directory, "");
    await expect(createEmbeddedLog({ directory })).rejects.toMatchObject({
      code: "store-unavailable",
      message: expect.stringMatching("is a file"),
    });
  });

  it("when it would be inside a file", async () => {
    const file = join(temporaryDirectory(), "file");
    writeFileSync(file, "");
    const directory = join(file, "log");
    await expect(createEmbeddedLog({ directory })).rejects.toMatchObject({
      code: "store-unavailable",
      message: expect.stringMatching("Cannot open the log"),
    });
  });
});

function openFiles(): readonly string[] {
  return readdirSync("/proc/self/fd").flatMap((file) => {
    try {
      return [readlinkSync(`/proc/self/fd/${file}`)];
    } catch {
      // The one that was opened for listing them is no more.
      return [];
    }
  });
}

function overwrite(path: string, from: number, bytes: number): void {
  const content = readFileSync(path);
  content.fill(0xa5, from, Math.min(content.length, from + bytes));
  writeFileSync(path, content);
}
