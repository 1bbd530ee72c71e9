import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createEmbeddedLog, parseStreamName } from "@throughline/server/log";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryDirectory } from "./temporary-directory.js";

const STREAM = parseStreamName("ward/42");
const FULL_DISK = fileURLToPath(new URL("./full-disk.mjs", import.meta.url));
const HOLD = fileURLToPath(new URL("./hold.mjs", import.meta.url));

const isLinux = process.platform === "linux";
const isRoot = process.getuid?.() === 0;

describe("a log that acknowledges before it stores, whose process was killed", () => {
  it("has other epochs, and what was stored under its offsets", async () => {
    const directory = temporaryDirectory();
    const epochs = new Set<string>();
    for (let life = 1; life <= 3; life += 1) {
      const argv = [HOLD, directory, "accepted"];
      const holder = spawn(process.execPath, argv, { stdio: ["pipe", "pipe", "pipe"] });
      await once(holder.stdout, "data");
      holder.kill("SIGKILL");
      await once(holder, "exit");
      const log = await createEmbeddedLog({ directory, acknowledge: "accepted" });
      const { epoch, offset } = await log.head(STREAM);
      expect(offset).toBe(life);
      await log.close();
      epochs.add(epoch);
    }
    expect(epochs.size).toBe(3);
  });
});

describe("a directory that another process uses", () => {
  it("is refused with its number, and free as soon as that process was killed", async () => {
    const directory = temporaryDirectory();
    for (let life = 1; life <= 3; life += 1) {
      const holder = spawn(process.execPath, [HOLD, directory], {
        stdio: ["pipe", "pipe", "pipe"],
      });
      await once(holder.stdout, "data");
      await expect(createEmbeddedLog({ directory })).rejects.toMatchObject({
        code: "store-locked",
        message: expect.stringContaining(`in use by process ${holder.pid}.`),
      });
      holder.kill("SIGKILL");
      await once(holder, "exit");
      const log = await createEmbeddedLog({ directory });
      expect((await log.head(STREAM)).offset).toBe(life);
      await log.close();
    }
  });

  it("is refused while that process is stopped, too", async () => {
    const directory = temporaryDirectory();
    const holder = spawn(process.execPath, [HOLD, directory], { stdio: ["pipe", "pipe", "pipe"] });
    onTestFinished(() => void holder.kill("SIGKILL"));
    await once(holder.stdout, "data");
    holder.kill("SIGSTOP");
    await expect(createEmbeddedLog({ directory })).rejects.toMatchObject({ code: "store-locked" });
  });
});

describe("a disk that is full", () => {
  // Only a shell can set a limit on the size of files.
  it.runIf(isLinux)("for this process: nothing is lost, reads and trims go on", async () => {
    const directory = temporaryDirectory();
    const report = await fillDisk(directory, "durable");
    expect(report).toMatchObject({
      refusal: "store-full",
      isRetryable: true,
      head: report.acknowledged,
      readWhileFull: 10,
      first: report.acknowledged + 1,
      isSameEpoch: true,
      losses: [],
    });
    const log = await createEmbeddedLog({ directory });
    expect((await log.head(STREAM)).offset).toBe(0);
    const stream = parseStreamName("full");
    expect((await log.head(stream)).offset).toBe(report.acknowledged + 50);
    await log.close();
  });

  // Only a shell can set a limit on the size of files.
  it.runIf(isLinux)("costs what was accepted before it was noticed, which is told", async () => {
    const directory = temporaryDirectory();
    const report = await fillDisk(directory, "accepted");
    expect(report).toMatchObject({
      refusal: "store-full",
      isRetryable: true,
      head: report.acknowledged - 50,
      readWhileFull: 10,
      first: report.acknowledged - 50 + 1,
      isSameEpoch: false,
      losses: [{ code: "store-full", lost: [{ stream: "full", events: 50 }] }],
    });
  });

  // Only root can make a disk of its own.
  it.runIf(isLinux && isRoot)("takes events again when there is room again", async () => {
    const directory = temporaryDirectory();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", directory]);
    onTestFinished(() => void execFileSync("umount", [directory]));
    const log = await createEmbeddedLog({ directory });
    await log.append(STREAM, [{ data: "before" }]);
    fill(join(directory, "ballast"));
    const large = Array(20).fill({ data: "x".repeat(10_000) });
    const refused = log.append(STREAM, large);
    await expect(refused).rejects.toMatchObject({ code: "store-full", retryable: true });
    const page = await log.read(STREAM, { after: 0, limit: 10, maxBytes: 10_000 });
    expect(page).toMatchObject({ events: [{ data: "before" }] });
    rmSync(join(directory, "ballast"));
    const { events } = await log.append(STREAM, large);
    expect(events[0]).toEqual({ offset: 2, isDuplicate: false });
    await log.close();
  });

  // Only root can make a disk of its own.
  it.runIf(isLinux && isRoot)("that may only be read is refused", async () => {
    const directory = temporaryDirectory();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", directory]);
    onTestFinished(() => void execFileSync("umount", [directory]));
    const log = await createEmbeddedLog({ directory });
    await log.append(STREAM, [{ data: "before" }]);
    await log.close();
    execFileSync("mount", ["-o", "remount,ro", directory]);
    await expect(createEmbeddedLog({ directory })).rejects.toMatchObject({
      code: "store-unavailable",
      message: expect.stringMatching(/may not open .* Give its user the right/),
    });
  });

  // To root everything is allowed.
  it.runIf(!isRoot)("that belongs to somebody else is refused", async () => {
    const directory = temporaryDirectory();
    chmodSync(directory, 0o500);
    await expect(createEmbeddedLog({ directory })).rejects.toMatchObject({
      code: "store-unavailable",
      message: expect.stringMatching(/may not open .* Give its user the right/),
    });
  });
});

/** Writes until there is no room. */
function fill(path: string): void {
  for (let bytes = 1 << 20; bytes >= 1; bytes = Math.floor(bytes / 2)) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(bytes), { flag: "a" });
    } catch {
      // Less still may fit.
    }
  }
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += chunk;
  return text;
}

/** What `full-disk.mjs` says of a log that could not grow any more. */
interface FullDiskReport {
  readonly acknowledged: number;
  readonly [field: string]: unknown;
}

async function fillDisk(directory: string, acknowledge: string): Promise<FullDiskReport> {
  const script = 'ulimit -f 2000; exec "$0" "$@"';
  const argv = ["-c", script, process.execPath, FULL_DISK, directory, acknowledge];
  // LMDB complains on the error output.
  const shell = spawn("bash", argv, { stdio: ["ignore", "pipe", "ignore"] });
  const [out] = await Promise.all([textOf(shell.stdout), once(shell, "close")]);
  return JSON.parse(out) as FullDiskReport;
}
