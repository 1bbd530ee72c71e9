// `npm run migration-report`: breaks the existing front end's streams on every way of the migration, in a
// real Chromium before the real back end, and writes what came of it into a document.

import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { type Backend, startBackend } from "../backend/launcher/start-backend.js";
import { bundlePage } from "./bundle-page.js";
import { FAULTS } from "./fault.js";
import { placeTables, renderTables } from "./report.js";
import { type Outcome, runFault } from "./run-fault.js";
import type { Generation } from "./way.js";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    lanes: { type: "string", default: "2" },
    out: { type: "string" },
  },
});
const faults = FAULTS.filter(({ name }) => name.startsWith(values.only));
if (faults.length === 0)
  throw new Error(`--only ${values.only}: the name of no fault begins with that.`);

const script = await bundlePage();
const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
});
const queue = [...faults];
const outcomes: Outcome[] = [];
try {
  await Promise.all(Array.from({ length: Number(values.lanes) }, () => runLane()));
} finally {
  await browser.close();
}
const tables = renderTables({ faults, outcomes });
process.stdout.write(`${tables}\n`);
if (values.out !== undefined) {
  writeFileSync(values.out, placeTables(readFileSync(values.out, "utf8"), tables));
}

/** Takes one fault after the other, each lane on back ends of its own, because some faults kill them. */
async function runLane(): Promise<void> {
  const backends = new Map<Generation, Backend>();
  try {
    for (let fault = queue.shift(); fault !== undefined; fault = queue.shift()) {
      const { generation } = fault;
      const backend = backends.get(generation) ?? (await start(generation));
      backends.set(generation, backend);
      outcomes.push(...(await runFault(fault, { browser, script, backend })));
      process.stderr.write(`${fault.title}\n`);
    }
  } finally {
    await Promise.all([...backends.values()].map((backend) => backend.close()));
  }
}

/** Polls thirty times as often as the original; threads enough for those that nobody reads any more. */
function start(generation: Generation): Promise<Backend> {
  return startBackend({ generation, pollS: 1, workers: 2, threads: 24, gracefulS: 1 });
}
