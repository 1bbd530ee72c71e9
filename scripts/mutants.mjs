// `npm run mutants`: builds, then plants bugs, one at a time, and holds that the simulation notices each.
// Options go through: `npm run mutants -- --only never-gives-up-silence --runs 5000`.

import { build } from "./build.mjs";
import { asCommand, run } from "./steps.mjs";

const program = "packages/testkit/dist/simulation/mutants/main.js";

/** Two hours, on a slow machine. */
const timeoutMs = 7_200_000;

async function mutants() {
  await build();
  await run(process.execPath, [program, ...process.argv.slice(2)], { timeoutMs });
}

await asCommand(import.meta.url, mutants);
