// `npm run reliability`: builds, then breaks many connections in every way that is listed and holds what
// happened against the promises. Options go through: `npm run reliability -- --runs 10 --only N`.

import { build } from "./build.mjs";
import { asCommand, run } from "./steps.mjs";

const program = "packages/testkit/dist/reliability/main.js";

/** Two hours: a hundred runs of a minute's flapping, and of everything else, on a slow machine. */
const timeoutMs = 7_200_000;

async function reliability() {
  await build();
  await run(process.execPath, [program, ...process.argv.slice(2)], { timeoutMs });
}

await asCommand(import.meta.url, reliability);
