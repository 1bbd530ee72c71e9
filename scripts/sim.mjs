// `npm run sim`: builds, then runs schedules of faults on virtual time. Options go through:
// `npm run sim -- --seed 1 --runs 100000`. Fails when a promise was broken; see docs/simulation.md.

import { build } from "./build.mjs";
import { asCommand, run } from "./steps.mjs";

const program = "packages/testkit/dist/simulation/main.js";

/** A day: somebody may want to leave it alone for a night. */
const timeoutMs = 86_400_000;

async function sim() {
  await build();
  await run(process.execPath, [program, ...process.argv.slice(2)], { timeoutMs });
}

await asCommand(import.meta.url, sim);
