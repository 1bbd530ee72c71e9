import { copyFileSync, cpSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createEmbeddedLog, type EventLog, parseStreamName } from "@throughline/server/log";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "./temporary-directory.js";

const STREAM = parseStreamName("ward/42");
const AMPLE = { limit: 1000, maxBytes: 1_000_000 };

/** A log with two events, and a copy of its directory as it was when it had one. */
async function makeLogAndBackup() {
  const directory = temporaryDirectory();
  const backup = temporaryDirectory();
  await using(directory, (log) => log.append(STREAM, [{ data: "old" }]));
  cpSync(directory, backup, { recursive: true });
  const { epoch } = await using(directory, (log) => log.append(STREAM, [{ data: "lost" }]));
  return { directory, backup, epoch };
}

async function using<T>(directory: string, work: (log: EventLog) => Promise<T>): Promise<T> {
  const log = await createEmbeddedLog({ directory });
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}

/** How a reader that has had both events is answered, and where the next event goes. */
async function resume(directory: string, epoch: string) {
  return using(directory, async (log) => {
    const answer = await log.read(STREAM, { after: 2, epoch, ...AMPLE });
    const next = await log.append(STREAM, [{ data: "new" }]);
    return { answer, next };
  });
}

describe("a store that was rolled back gives another epoch, when", () => {
  it.each<[how: string, restore: (directory: string, backup: string) => void]>([
    [
      "the directory was replaced by a copy",
      (directory, backup) => {
        rmSync(directory, { recursive: true });
        cpSync(backup, directory, { recursive: true });
      },
    ],
    [
      "the directory was exchanged for a copy by renaming",
      (directory, backup) => {
        rmSync(directory, { recursive: true });
        renameSync(backup, directory);
      },
    ],
    [
      "the data file was replaced by a copy",
      (directory, backup) => {
        rmSync(join(directory, "data.mdb"));
        copyFileSync(join(backup, "data.mdb"), join(directory, "data.mdb"));
      },
    ],
    [
      "the data file was overwritten in place",
      (directory, backup) => copyFileSync(join(backup, "data.mdb"), join(directory, "data.mdb")),
    ],
    [
      "everything was overwritten in place",
      (directory, backup) => cpSync(backup, directory, { recursive: true }),
    ],
    [
      "the data file was put into an empty directory",
      (directory, backup) => {
        for (const name of readdirSync(directory)) rmSync(join(directory, name));
        copyFileSync(join(backup, "data.mdb"), join(directory, "data.mdb"));
      },
    ],
  ])("%s", async (_how, restore) => {
    const { directory, backup, epoch } = await makeLogAndBackup();
    restore(directory, backup);
    const { answer, next } = await resume(directory, epoch);
    expect(next.epoch).not.toBe(epoch);
    expect(answer).toMatchObject({ kind: "gap", reason: "reset" });
  });

  it("the data file was overwritten in place by a copy of the same life", async () => {
    const directory = temporaryDirectory();
    const data = join(directory, "data.mdb");
    const copy = join(temporaryDirectory(), "data.mdb");
    const log = await createEmbeddedLog({ directory });
    const { epoch } = await log.append(STREAM, [{ data: "old" }]);
    copyFileSync(data, copy);
    await log.append(STREAM, [{ data: "lost" }]);
    await log.close();
    copyFileSync(copy, data);
    expect((await resume(directory, epoch)).next.epoch).not.toBe(epoch);
  });

  it("it was wiped", async () => {
    const { directory, epoch } = await makeLogAndBackup();
    for (const name of readdirSync(directory)) rmSync(join(directory, name));
    const { answer, next } = await resume(directory, epoch);
    expect(next.epoch).not.toBe(epoch);
    expect(answer).toMatchObject({ kind: "gap", reason: "reset" });
  });

  it("its witness was taken away, because then nothing can be proven", async () => {
    const { directory, epoch } = await makeLogAndBackup();
    for (const name of readdirSync(directory)) {
      if (name.startsWith("witness")) rmSync(join(directory, name));
    }
    expect((await resume(directory, epoch)).next.epoch).not.toBe(epoch);
  });
});

describe("a store that goes on where it was", () => {
  it("keeps its epoch over many lives", async () => {
    const { directory, epoch } = await makeLogAndBackup();
    for (let life = 0; life < 5; life += 1) {
      const { answer, next } = await resume(directory, epoch);
      expect(answer.kind).toBe("events");
      expect(next).toEqual({ epoch, events: [{ offset: 3 + life, isDuplicate: false }] });
    }
  });

  it("keeps its epoch when the directory is renamed, and when the option changes", async () => {
    const { directory, epoch } = await makeLogAndBackup();
    const moved = join(temporaryDirectory(), "moved");
    renameSync(directory, moved);
    const log = await createEmbeddedLog({ directory: moved, acknowledge: "accepted" });
    expect((await log.head(STREAM)).epoch).toBe(epoch);
    await log.close();
    expect((await resume(moved, epoch)).next.epoch).toBe(epoch);
  });

  it("keeps the events of a copy that was put back, under their offsets in the new epoch", async () => {
    const { directory, backup } = await makeLogAndBackup();
    rmSync(directory, { recursive: true });
    cpSync(backup, directory, { recursive: true });
    await using(directory, async (log) => {
      const page = await log.read(STREAM, { after: 0, ...AMPLE });
      expect(page).toMatchObject({ kind: "events", events: [{ offset: 1, data: "old" }] });
    });
  });
});
