// Lives and deaths of a process that publishes, one after the other, on one directory.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createEmbeddedLog } from "@throughline/server/log";
import { uniform } from "../uniform.js";
import { type CrashJob, MAX_EVENTS } from "./job.js";
import { Ledger } from "./ledger.js";

const PUBLISHER = fileURLToPath(new URL("./publisher.js", import.meta.url));

/** How long a process may publish, at most: long enough for hundreds of commits. */
const LONGEST_LIFE_MS = 150;
/** In so many of a hundred lives the process is killed while it still opens the log. */
const EARLY_PERCENT = 15;
/** About what a process needs from its start to an open log. */
const OPENING_MS = 250;

/** What to do. */
export interface CrashPlan {
  readonly directory: string;
  readonly acknowledge: CrashJob["acknowledge"];
  readonly runs: number;
  readonly seed: number;
  /** Told after each run, with what was found broken. */
  onRun(run: number, complaints: readonly string[]): void;
}

/** What became of it. */
export interface CrashResult {
  readonly complaints: number;
  readonly acknowledged: number;
  /** Those of the acknowledged that were lost as the mode allows it. */
  readonly lost: number;
  readonly killedWhile: { readonly opening: number; readonly publishing: number };
}

/** Kills so many times, and examines the log after each. */
export async function runCrashes(plan: CrashPlan): Promise<CrashResult> {
  const { directory, acknowledge } = plan;
  const ledger = new Ledger(acknowledge);
  const random = uniform(plan.seed);
  const killedWhile = { opening: 0, publishing: 0 };
  let complaints = 0;
  for (let run = 1; run <= plan.runs; run += 1) {
    const wasReady = await live({ directory, acknowledge, next: [...ledger.next] }, ledger, random);
    killedWhile[wasReady ? "publishing" : "opening"] += 1;
    const log = await createEmbeddedLog({ directory, acknowledge, maxEvents: MAX_EVENTS });
    const found = await ledger.examine(log);
    await log.close();
    complaints += found.length;
    plan.onRun(run, found);
  }
  const { acknowledged, lost } = ledger;
  return { complaints, acknowledged, lost, killedWhile };
}

/** One life. Resolves to whether the log was open when it ended. */
async function live(job: CrashJob, ledger: Ledger, random: () => number): Promise<boolean> {
  const child = spawn(process.execPath, [PUBLISHER, JSON.stringify(job)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const isEarly = random() * 100 < EARLY_PERCENT;
  const lifeMs = random() * (isEarly ? OPENING_MS : LONGEST_LIFE_MS);
  let isReady = false;
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line !== "ready") return ledger.hear(line);
      isReady = true;
      resolve();
    });
  });
  if (!isEarly) await Promise.race([ready, ended]);
  await wait(lifeMs);
  child.kill("SIGKILL");
  // By then everything that it has said was heard.
  const [, signal] = await ended;
  if (signal !== "SIGKILL") throw new Error("The process that publishes ended by itself.");
  return isReady;
}
