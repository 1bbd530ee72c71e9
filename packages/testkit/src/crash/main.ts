// `npm run crash`: kills a process that publishes into an embedded log, at random moments, many
// times, and examines the log after each. Ends with exit code 1 where a promise was broken.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runCrashes } from "./run-crashes.js";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    acknowledge: { type: "string", default: "durable" },
    directory: { type: "string" },
  },
});
const runs = whole("runs", values.runs);
const seed = whole("seed", values.seed);
const { acknowledge } = values;
if (acknowledge !== "durable" && acknowledge !== "accepted") {
  throw new Error(`--acknowledge must be durable or accepted; got ${acknowledge}.`);
}
const directory = values.directory ?? mkdtempSync(join(tmpdir(), "throughline-crash-"));

const begunMs = performance.now();
const { complaints, acknowledged, lost, killedWhile } = await runCrashes({
  directory,
  acknowledge,
  runs,
  seed,
  onRun: (run, broken) => {
    for (const complaint of broken) process.stderr.write(`run ${run}: ${complaint}\n`);
    if (run % 100 === 0) process.stderr.write(`${run} of ${runs}\n`);
  },
});
const seconds = ((performance.now() - begunMs) / 1000).toFixed(0);
process.stdout.write(
  `${runs} kills in ${seconds} s, ${killedWhile.opening} of them while opening; ` +
    `${acknowledged} events acknowledged, ${lost} of them lost; ${complaints} promises broken\n`,
);
if (complaints > 0) {
  process.stdout.write(
    `again: npm run crash -- --runs ${runs} --seed ${seed} --acknowledge ${acknowledge}\n` +
      `the log is in ${directory}\n`,
  );
  process.exitCode = 1;
} else if (values.directory === undefined) rmSync(directory, { recursive: true, force: true });

function whole(name: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new Error(`--${name} must be an integer of at least 1; got ${text}.`);
}
