// `npm run reliability`: runs every trial many times, prints the table, writes it, and fails when a
// promise was broken.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { uniform } from "../uniform.js";
import { startHub, type TrialHub } from "./path.js";
import { brokenPromises } from "./promises.js";
import { renderReport } from "./report.js";
import { runTrial, type TrialResult } from "./run-trial.js";
import { type Random, TRIALS, type Trial } from "./trial.js";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    only: { type: "string", default: "" },
    parallel: { type: "string", default: "25" },
    out: { type: "string" },
  },
});
const runsEach = whole("runs", values.runs);
const seed = whole("seed", values.seed);
const parallel = whole("parallel", values.parallel);
const trials = TRIALS.filter(({ id }) => id.startsWith(values.only));
if (trials.length === 0) throw new Error(`--only ${values.only}: no trial begins with that.`);

const results: TrialResult[] = [];
for (const trial of trials) results.push(...(await runMany(trial)));
const report = renderReport({ trials, results, runsEach, seed });
process.stdout.write(`${report}\n`);
if (values.out !== undefined) writeFileSync(values.out, report);
process.exitCode = results.some((result) => brokenPromises(result).length > 0) ? 1 : 0;

/** All runs of one trial, some at a time; a minute's flapping goes all at once. */
async function runMany(trial: Trial): Promise<TrialResult[]> {
  const hub = await startHub();
  const random = uniform(seed);
  const queue = Array.from({ length: runsEach }, (_, run) => run);
  const lanes = trial.disruption.kind === "flap" ? runsEach : Math.min(parallel, runsEach);
  const done: TrialResult[] = [];
  try {
    await Promise.all(
      Array.from({ length: lanes }, () => runLane(trial, hub, queue, done, random)),
    );
  } finally {
    await hub.close();
  }
  const broken = done.filter((result) => brokenPromises(result).length > 0).length;
  process.stderr.write(`${trial.id} ${trial.title}: ${done.length - broken} of ${done.length}\n`);
  return done;
}

async function runLane(
  trial: Trial,
  hub: TrialHub,
  queue: number[],
  done: TrialResult[],
  random: Random,
): Promise<void> {
  for (let run = queue.shift(); run !== undefined; run = queue.shift()) {
    done.push(await runTrial(trial, hub, `${trial.id}-${run}`, random));
  }
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new Error(`--${name}: expected a whole number from 1, got "${text}".`);
  }
  return value;
}
