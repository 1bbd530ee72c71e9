// `npm run bench`: builds, fetches what it is compared with, and runs the benchmarks with the arguments that it
// was given; see packages/server/bench/main.mjs.

import { build } from "./build.mjs";
import { ensureServers } from "./setup.mjs";
import { asCommand, root, run } from "./steps.mjs";

/** The longest run, with patience for a machine that does other things as well. */
const LONGEST_MS = 3_600_000;

async function bench() {
  await build();
  await ensureServers();
  const args = ["packages/server/bench/main.mjs", ...process.argv.slice(2)];
  await run(process.execPath, args, { cwd: root, timeoutMs: LONGEST_MS });
}

await asCommand(import.meta.url, bench);
