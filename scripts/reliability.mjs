// `npm run reliability`: builds, then breaks many connections of every client, on every path, in every way that is
// listed, and holds what happened against the promises. Options go through:
//
//   npm run reliability -- --only 2,4a --client drop-in --path direct,nginx --runs 20 --seed 7
//   npm run reliability -- --compare other.json
//
// `--only`, `--client` and `--path` take beginnings of ids; `--parallel` says how many readers run at a time (32: fewer
// where the machine is slow, or has other things to do). A run of everything writes docs/reliability.md, the
// JSON and the plots beside it; one of a part writes to .generated, unless `--out` names another place.

import { build } from "./build.mjs";
import { ensureFlask } from "./python.mjs";
import { ensureChromium, ensureFirefox, ensureNamespaceTools, ensureProxies } from "./setup.mjs";
import { asCommand, run, say } from "./steps.mjs";

const program = "packages/reliability/dist/main.js";

/** It takes about twenty minutes on two cores; many runs of everything may take long. */
const timeoutMs = 14_400_000;

async function reliability() {
  await build();
  const options = process.argv.slice(2);
  const isPart = options.some((option) => /^--(only|client|path|out)\b/.test(option));
  const out = isPart ? [] : ["--out", "docs/reliability"];
  if (!options.some((option) => option.startsWith("--compare"))) await makeReady();
  await run(process.execPath, [program, ...options, ...out], { timeoutMs });
}

/** What cannot be had is said here or there, and left out. */
async function makeReady() {
  const chromium = await ensureChromium();
  if ("missing" in chromium) say(`\n!!! CLIENTS IN CHROMIUM SKIPPED: ${chromium.missing}\n`);
  if (!(await ensureFirefox())) say("\n!!! CLIENTS IN FIREFOX SKIPPED: it is not here\n");
  await ensureProxies();
  await ensureFlask();
  await ensureNamespaceTools();
}

await asCommand(import.meta.url, reliability);
