// The benchmarks: every workload, one after the other, and a report of what came out. No thresholds: machines
// differ, and what counts are the ratios to the others in the same run.
//
//   npm run bench                         all of it, some twelve minutes; writes docs/performance.md
//   npm run bench -- --only fan-out,idle  some of it, to the terminal
//   npm run bench:quick                   all of it in small, under a minute: whether it still works
//
// Other options: --rounds <n>; --out <file>.

import { availableParallelism, cpus, release } from "node:os";
import { parseArgs } from "node:util";
import { Children, isPinned } from "./harness/children.mjs";
import { load } from "./harness/cpu.mjs";
import { missingServers } from "./harness/servers.mjs";
import { toMarkdown, writeReport } from "./report/markdown.mjs";
import * as append from "./workloads/append.mjs";
import * as browser from "./workloads/browser.mjs";
import * as bursts from "./workloads/bursts.mjs";
import * as fanOut from "./workloads/fan-out.mjs";
import * as gateway from "./workloads/gateway.mjs";
import * as idle from "./workloads/idle.mjs";
import * as latency from "./workloads/latency.mjs";
import * as parser from "./workloads/parser.mjs";
import * as publish from "./workloads/publish.mjs";
import * as reconnect from "./workloads/reconnect.mjs";
import * as replay from "./workloads/replay.mjs";
import * as scaling from "./workloads/scaling.mjs";

const WORKLOADS = [
  fanOut,
  bursts,
  latency,
  idle,
  reconnect,
  replay,
  publish,
  append,
  gateway,
  parser,
  browser,
  scaling,
];

const ROUNDS = 5;

/** @returns exit code: 1 where an event was lost, repeated, or out of order, or something was not measured */
async function main() {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      rounds: { type: "string" },
      out: { type: "string" },
    },
  });
  if (process.platform !== "linux") {
    throw new Error("The benchmarks read CPU time and memory from /proc, which only Linux has.");
  }
  const isQuick = values.quick;
  const rounds = Number(values.rounds ?? (isQuick ? 1 : ROUNDS));
  const wanted = chosen(values.only);
  const missing = missingServers();
  for (const line of missing) console.log(`LEFT OUT: ${line}`);
  const children = new Children();
  const stop = () => {
    children.endAll().finally(() => process.exit(130));
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const sections = [];
  const faults = [];
  const failures = [];
  const loadBefore = load();
  const beganMs = performance.now();
  const isReport = values.out !== undefined || (!isQuick && values.only === undefined);
  try {
    for (const workload of wanted) {
      const run = { isQuick, rounds, children, faults, failures, title: workload.title };
      const since = performance.now();
      const { name, title } = workload;
      sections.push({ title, name, ...(await measured(workload, run)) });
      console.log(toMarkdown(sections.at(-1)));
      console.log(`(${((performance.now() - since) / 1000).toFixed(0)} s)\n`);
      // After each, so that a run that is broken off has written what it has.
      const loads = [loadBefore, load()];
      const minutes = (performance.now() - beganMs) / 60_000;
      const setting = { ...machine(), rounds, loads, minutes, missing, faults };
      if (isReport) writeReport(sections, setting, values.out);
    }
  } finally {
    await children.endAll();
  }
  for (const line of faults) console.error(`NOT EXACTLY ONCE: ${line}`);
  for (const line of failures) console.error(`NOT MEASURED: ${line}`);
  return faults.length + failures.length === 0 ? 0 : 1;
}

/** A workload that cannot be measured is said so, and the others are measured all the same. */
async function measured(workload, run) {
  try {
    return await workload.measure(run);
  } catch (error) {
    console.error(error);
    const reason = error instanceof Error ? error.message : String(error);
    run.failures.push(`${run.title}: ${reason}`);
    return { text: `Not measured: ${reason}.`, parts: [] };
  } finally {
    await run.children.endAll();
  }
}

function machine() {
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    system: `Linux ${release()}, ${cpus()[0]?.model ?? "unknown"}, ${availableParallelism()} cores`,
    isPinned,
  };
}

function chosen(only) {
  if (only === undefined) return WORKLOADS;
  const names = only.split(",");
  const known = new Set(WORKLOADS.map(({ name }) => name));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new Error(
      `--only: expected some of ${[...known].join(", ")}; got ${unknown.join(", ")}.`,
    );
  }
  return names.flatMap((name) => WORKLOADS.filter((workload) => workload.name === name));
}

process.exitCode = await main();
