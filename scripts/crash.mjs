// `npm run crash`: builds, then kills a process that publishes into an embedded log, again and again, and
// holds what is stored against what was acknowledged. Options go through: `npm run crash -- --runs 5000`.

import { build } from "./build.mjs";
import { asCommand, run } from "./steps.mjs";

const program = "packages/testkit/dist/crash/main.js";

/** Six hours: ten thousand kills on a slow machine. */
const timeoutMs = 21_600_000;

async function crash() {
  await build();
  await run(process.execPath, [program, ...process.argv.slice(2)], { timeoutMs });
}

await asCommand(import.meta.url, crash);
