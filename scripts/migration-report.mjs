// `npm run migration-report`: builds, then breaks the existing front end's streams on every way of the
// migration, in Chromium and before the Flask back end of the example. Options go through:
// `npm run migration-report -- --only 502`. A run of all faults writes its tables into docs/migration.md.

import { build } from "./build.mjs";
import { ensureFlask } from "./python.mjs";
import { ensureChromium } from "./setup.mjs";
import { asCommand, run } from "./steps.mjs";

const program = "examples/strategist/dist/migration/main.js";

/** It takes four minutes on two cores, and six where they are shared. */
const timeoutMs = 900_000;

async function migrationReport() {
  await build();
  await ensureChromium();
  const flask = await ensureFlask();
  if ("missing" in flask) throw new Error(flask.missing);
  const options = process.argv.slice(2);
  const isWhole = !options.some((option) => /^--(only|out)/.test(option));
  const out = isWhole ? ["--out", "docs/migration.md"] : [];
  await run(process.execPath, [program, ...out, ...options], { timeoutMs });
}

await asCommand(import.meta.url, migrationReport);
