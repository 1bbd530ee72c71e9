// `npm run model`: checks the model of packages/testkit/model with Spin, every run of runs.json: what has to
// hold holds, and each planted error is found. `--small`: only the runs that take seconds. docs/model.md
// says what that proves.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureSpin } from "./setup.mjs";
import { asCommand, CommandError, root, run, say, step } from "./steps.mjs";

const folder = join(root, "packages/testkit/model");

/** The longest run takes a minute on one core of two. */
const timeoutMs = 600_000;

/** What a search for errors of this kind is compiled with, and run with. */
const searches = {
  safety: { compile: ["-DSAFETY"], search: ["-E"], define: [] },
  cycles: { compile: ["-DNP"], search: ["-E", "-l"], define: [] },
  liveness: { compile: ["-DNFAIR=3"], search: ["-E", "-a", "-f"], define: ["-DLIVENESS"] },
};

/** @typedef {{ name: string, what?: string } & Record<string, string | number>} Run */

async function checkModel() {
  if (!(await ensureSpin())) {
    say("\n!!! THE MODEL IS NOT CHECKED: spin or gcc is not here (Debian has both)\n");
    return;
  }
  const runs = JSON.parse(readFileSync(join(folder, "runs.json"), "utf8"));
  const isSmall = process.argv.includes("--small");
  /** @type {Map<string, number>} */
  const reached = new Map();
  for (const each of isSmall ? runs.small : runs.proofs) await prove(each, "safety", reached);
  if (!isSmall) {
    for (const each of runs.cycles) await prove(each, "cycles", reached);
    for (const each of runs.liveness) await prove(each, "liveness", reached);
    const never = [...reached].flatMap(([name, count]) => (count === 0 ? [name] : []));
    if (never.length > 0) throw new CommandError(`no run takes: ${never.join(", ")}`, "");
  }
  for (const each of isSmall ? runs.planted.slice(0, 3) : runs.planted) await refute(each);
  say("\nThe model holds, and every planted error is found.");
}

/**
 * @param {Run} each
 * @param {keyof typeof searches} kind
 * @param {Map<string, number>} reached
 */
async function prove(each, kind, reached) {
  await step(`${kind}: ${each.name} (${flagsOf(each).join(" ")})`, async () => {
    const { output, labels } = await search(each, kind);
    if (errorsIn(output) > 0) throw new CommandError("the model does not hold", output);
    if (/max search depth too small|out of memory/.test(output))
      throw new CommandError("the search was not exhaustive", output);
    say(`  ${statesIn(output).toLocaleString("en")} states`);
    for (const [name, count] of labels) reached.set(name, (reached.get(name) ?? 0) + count);
  });
}

/** @param {Run} each */
async function refute(each) {
  await step(`planted: ${each.name}: ${each.what}`, async () => {
    const { output } = await search(each, "safety", [`-D${each.name}`]);
    if (errorsIn(output) === 0) throw new CommandError("the planted error is not found", output);
    const [, said = "an error"] = /^pan:1: (.*?) \(at depth/m.exec(output) ?? [];
    say(`  found after ${statesIn(output).toLocaleString("en")} states: ${said.slice(0, 90)}`);
  });
}

/**
 * One exhaustive search. `labels` says of each transition in how many of its places it was reached.
 *
 * @param {Run} each
 * @param {keyof typeof searches} kind
 * @param {readonly string[]} more
 */
async function search(each, kind, more = []) {
  const cwd = mkdtempSync(join(tmpdir(), "throughline-model-"));
  try {
    const { compile, search: how, define } = searches[kind];
    const model = join(folder, "throughline.pml");
    // Without -o3 steps are merged, and those that were not reached are not told one by one.
    const flags = [...flagsOf(each), ...more, ...define];
    await run("spin", ["-o3", ...flags, "-a", model], { cwd, quiet: true });
    // What is compiled is long and the search short: without optimising both together take least.
    const switches = ["-O0", "-w", "-DCOLLAPSE", "-DNOREDUCE", "-DMEMLIM=3000", ...compile];
    await run("gcc", [...switches, "-o", "pan", "pan.c"], { cwd, quiet: true });
    const output = await run("./pan", [...how, "-m2000000"], { cwd, quiet: true, timeoutMs });
    return { output, labels: reachedIn(output, readFileSync(join(cwd, "pan.m"), "utf8")) };
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

/** @param {Run} each */
function flagsOf(each) {
  return Object.entries(each).flatMap(([name, value]) =>
    typeof value === "number" ? [`-D${name}=${value}`] : [],
  );
}

/** @param {string} output */
function errorsIn(output) {
  const [, errors] = /errors: (\d+)/.exec(output) ?? [];
  if (errors === undefined) throw new CommandError("the search said nothing", output);
  return Number(errors);
}

/** @param {string} output */
function statesIn(output) {
  return Number(/([\d.e+]+) states, stored/.exec(output)?.[1] ?? 0);
}

/**
 * Each transition is in the checker's source as often as it is written out; those places that were not
 * reached are listed at the end of a search.
 *
 * @param {string} output
 * @param {string} source
 */
function reachedIn(output, source) {
  const written = source.matchAll(/\bPrintf\("((?:delivery|connection): \w+)/g);
  const missed = output.matchAll(/printf\('((?:delivery|connection): \w+)/g);
  /** @type {Map<string, number>} */
  const places = new Map();
  for (const [, name = ""] of written) places.set(name, (places.get(name) ?? 0) + 1);
  for (const [, name = ""] of missed) places.set(name, (places.get(name) ?? 0) - 1);
  return places;
}

await asCommand(import.meta.url, checkModel);
