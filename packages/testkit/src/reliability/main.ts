// `npm run reliability`: runs every bundled scenario many times, prints the table, writes it, and fails when an
// expectation was broken.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { dropInClient, runScenario, type ScenarioVerdict } from "../network-run/index.js";
import { bundledScenarios, type Random, type Scenario } from "../scenario/index.js";
import { uniform } from "../uniform.js";
import { renderReport } from "./report.js";

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
const scenarios = bundledScenarios().filter(({ id }) => id.startsWith(values.only));
if (scenarios.length === 0) throw new Error(`--only ${values.only}: no scenario begins with that.`);

const verdicts: ScenarioVerdict[] = [];
for (const scenario of scenarios) verdicts.push(...(await runMany(scenario)));
const report = renderReport({ scenarios, verdicts, runsEach, seed });
process.stdout.write(`${report}\n`);
if (values.out !== undefined) writeFileSync(values.out, report);
process.exitCode = verdicts.some(({ broken }) => broken.length > 0) ? 1 : 0;

/** All runs of one scenario, some at a time; those that take long go all at once. */
async function runMany(scenario: Scenario): Promise<readonly ScenarioVerdict[]> {
  const random = uniform(seed);
  const queue = Array.from({ length: runsEach }, (_, run) => run);
  const lanes = isLong(scenario) ? runsEach : Math.min(parallel, runsEach);
  const done: ScenarioVerdict[] = [];
  const isCrowd = scenario.readers > 1;
  await Promise.all(
    Array.from({ length: isCrowd ? 1 : lanes }, () => runLane(scenario, queue, done, random)),
  );
  const kept = done.filter(({ broken }) => broken.length === 0).length;
  process.stderr.write(`${scenario.id} ${scenario.title}: ${kept} of ${done.length}\n`);
  return done;
}

/** Longer than a lane should be held up. */
function isLong({ steps }: Scenario): boolean {
  return steps.some(
    (step) =>
      (step.kind === "flap" && step.flap.forMs > 5000) ||
      (step.kind === "wait" && step.duration.mostMs > 5000),
  );
}

async function runLane(
  scenario: Scenario,
  queue: number[],
  done: ScenarioVerdict[],
  random: Random,
): Promise<void> {
  const client = dropInClient();
  for (let run = queue.shift(); run !== undefined; run = queue.shift()) {
    done.push(await runScenario(scenario, { client, random }));
  }
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new Error(`--${name}: expected a whole number from 1, got "${text}".`);
  }
  return value;
}
