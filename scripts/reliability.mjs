// `npm run reliability`: builds, then breaks many connections in every way that is listed and holds what
// happened against the promises. Options go through: `npm run reliability -- --runs 10 --only N`. A run of all
// trials writes docs/reliability.md.

import { build } from "./build.mjs";
import { asCommand, run } from "./steps.mjs";

const program = "packages/testkit/dist/reliability/main.js";

/** Two hours: a hundred runs of a minute's flapping, and of everything else, on a slow machine. */
const timeoutMs = 7_200_000;

async function reliability() {
  await build();
  const options = process.argv.slice(2);
  const isWhole = !options.some(
    (option) => option.startsWith("--only") || option.startsWith("--out"),
  );
  const out = isWhole ? ["--out", "docs/reliability.md"] : [];
  await run(process.execPath, [program, ...out, ...options], { timeoutMs });
}

await asCommand(import.meta.url, reliability);
