// `npm run sim`: runs schedules, prints what was reached, and of the first that fail how to run them again,
// what is left of them when all that does not matter is taken out, and what happened in that.

import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { drawPlan } from "./draw-plan.js";
import { FAULT_CLASSES, type FaultClass } from "./plan.js";
import { renderTimeline } from "./report.js";
import { runPlan } from "./run-plan.js";
import { addTally, emptyTally, type Failure, type Tally } from "./run-seeds.js";
import { minimise, type Remainder, shrinkPlan } from "./shrink-plan.js";

/** Failing schedules that are looked into. */
const MOST_SHOWN = 3;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    runs: { type: "string", default: "2000" },
    workers: { type: "string", default: "2" },
    only: { type: "string" },
    with: { type: "string" },
    without: { type: "string" },
    keep: { type: "string" },
    timeline: { type: "boolean", default: false },
  },
});
const seed = whole("seed", values.seed, 0);
const runs = whole("runs", values.runs, 1);
const always = classes("with", values.with);
const only = classes("only", values.only) ?? FAULT_CLASSES;
if (values.timeline || values.keep !== undefined || values.without !== undefined) {
  await showOne({
    without: [
      ...(classes("without", values.without) ?? []),
      ...FAULT_CLASSES.filter((fault) => !only.includes(fault)),
    ],
    keep: values.keep === undefined ? undefined : indices(values.keep),
  });
} else await runMany(whole("workers", values.workers, 1));

async function showOne(remainder: Remainder): Promise<void> {
  const plan = shrinkPlan(drawPlan(seed, always), remainder);
  const { breaches, timeline } = await runPlan(plan, { keepsTimeline: true });
  process.stdout.write(renderTimeline(timeline));
  process.stdout.write(breaches.length === 0 ? "All promises were kept.\n" : "");
  process.exitCode = breaches.length === 0 ? 0 : 1;
}

async function runMany(workers: number): Promise<void> {
  const startedMs = performance.now();
  const tally = emptyTally();
  await Promise.all(
    Array.from({ length: workers }, (_, index) => runWorker(index, workers, tally)),
  );
  const seconds = (performance.now() - startedMs) / 1000;
  process.stdout.write(render(tally, seconds));
  for (const failure of tally.failures.slice(0, MOST_SHOWN)) await explain(failure);
  process.exitCode = tally.failures.length === 0 ? 0 : 1;
}

function runWorker(index: number, workers: number, tally: Tally): Promise<void> {
  const share = Math.ceil((runs - index) / workers);
  const workerData = { firstSeed: seed + index, runs: share, step: workers, only, always };
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./worker.js", import.meta.url), { workerData });
    worker.on("message", (part: Tally) => addTally(tally, part));
    worker.once("error", reject);
    worker.once("exit", () => resolve());
  });
}

function render(tally: Tally, seconds: number): string {
  const rows = [...tally.reached].sort(([a], [b]) => (a < b ? -1 : 1));
  const reached = rows.map(
    ([what, { times, runs: inRuns }]) =>
      `  ${what.padEnd(28)} ${String(times).padStart(9)} times in ${String(inRuns).padStart(7)} schedules\n`,
  );
  const perSecond = (tally.runs / seconds).toFixed(0);
  const virtualHours = (tally.virtualMs / 3_600_000).toFixed(1);
  return (
    `${tally.runs} schedules in ${seconds.toFixed(1)} s, ${perSecond} a second; ` +
    `${virtualHours} hours of virtual time\n${reached.join("")}` +
    `${tally.failures.length} schedules broke a promise\n`
  );
}

async function explain({ seed: failing, breach }: Failure): Promise<void> {
  const plan = drawPlan(failing, always);
  const steered = values.with === undefined ? "" : ` --with ${values.with}`;
  const fails = async (smaller: typeof plan) =>
    (await runPlan(smaller)).breaches[0]?.kind === breach.kind;
  const { without, keep } = await minimise(plan, fails);
  const { timeline } = await runPlan(shrinkPlan(plan, { without, keep }), { keepsTimeline: true });
  const options = [
    `--seed ${failing}${steered}`,
    ...(without.length === 0 ? [] : [`--without ${without.join(",")}`]),
    `--keep ${keep?.join(",") || "none"}`,
  ];
  process.stdout.write(
    `\nSeed ${failing}: ${breach.kind}: ${breach.detail}\n` +
      `again:    npm run sim -- --seed ${failing}${steered} --timeline\n` +
      `smallest: npm run sim -- ${options.join(" ")}\n${renderTimeline(timeline)}`,
  );
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`--${name}: expected a whole number from ${least}, got "${text}".`);
}

function classes(name: string, text: string | undefined): readonly FaultClass[] | undefined {
  return text?.split(",").map((word) => {
    const known = FAULT_CLASSES.find((fault) => fault === word);
    if (known !== undefined) return known;
    throw new Error(`--${name}: "${word}" is none of ${FAULT_CLASSES.join(", ")}.`);
  });
}

function indices(text: string): readonly number[] {
  return text === "none" ? [] : text.split(",").map((word) => whole("keep", word, 0));
}
