// `npm test`: everything, also in a fresh clone. `--quick` is for in between: it compiles and runs
// the unit tests but for those that wait for a disk, in less than a minute. The last line counts the
// tests of all suites together.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "./build.mjs";
import { check } from "./check.mjs";
import { ensureFlask, ensurePython } from "./python.mjs";
import { ensureRuntimes } from "./runtimes.mjs";
import {
  ensureChromium,
  ensureFirefox,
  ensureNamespaceTools,
  ensureProxies,
  ensureServers,
  ensureSpin,
} from "./setup.mjs";
import { asCommand, CommandError, runTool, say, sayError, step } from "./steps.mjs";

/** Tests on the real network mostly wait: more of them at a time than there are cores. */
const WAITING_WORKERS = 3;

/** More than twice what the slowest suite takes on a machine of two cores. */
const SUITE_WITHIN_MS = 900_000;

const count = { passed: 0, failed: 0, skipped: 0 };

async function test() {
  const quick = process.argv.includes("--quick");
  try {
    await (quick ? testQuickly() : testEverything());
  } catch (error) {
    sayError(error);
    // What failed before, or beside, a test is counted too: a run never closes green by silence.
    count.failed = Math.max(count.failed, 1);
  }
  if (count.failed > 0) process.exitCode = 1;
  const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : "";
  say(`\n${count.passed} passed, ${count.failed} failed${skipped}`);
}

async function testQuickly() {
  await build();
  await step("Unit tests, without those that wait for a disk", () => runSuite("quick", []));
}

async function testEverything() {
  await check();
  await step("Unit tests, with coverage of core", () => runSuite("unit", ["--coverage"]));
  await ensureNamespaceTools();
  const missing = [...(await ensureProxies()), ...(await ensureServers())];
  const hasSpin = await ensureSpin();
  const python = await ensurePython();
  const flask = await ensureFlask();
  const missingRuntimes = await ensureRuntimes();
  if (!missingRuntimes.includes("react-18")) {
    await step("Tests of the hooks with React 18", () => runSuite("react-18", []));
  }
  await step("Network tests", () => runSuite("network", [`--maxWorkers=${WAITING_WORKERS}`]));
  for (const program of missing)
    say(`\n!!! TESTS WITH ${program.toUpperCase()} SKIPPED: it is not here\n`);
  for (const runtime of missingRuntimes)
    say(`\n!!! TESTS WITH ${runtime.toUpperCase()} SKIPPED: it is not here\n`);
  if (!hasSpin) say("\n!!! THE MODEL IS NOT CHECKED: spin or gcc is not here\n");
  if ("missing" in python) say(`\n!!! PYTHON TESTS SKIPPED: ${python.missing}\n`);
  if ("missing" in flask) say(`\n!!! TESTS WITH FLASK SKIPPED: ${flask.missing}\n`);
  if (!(await ensureFirefox())) say("\n!!! TESTS IN FIREFOX SKIPPED: it is not here\n");
  const chromium = await ensureChromium();
  if ("path" in chromium) await step("Browser tests", () => runSuite("browser", []));
  else await skipSuite("browser", chromium.missing);
}

/**
 * Counts all tests of a suite as skipped, and says so where nobody can miss it.
 *
 * @param {string} project
 * @param {string} reason
 */
async function skipSuite(project, reason) {
  const list = await runTool("vitest", ["list", "--project", project, "--json"], { quiet: true });
  const skipped = JSON.parse(list).length;
  count.skipped += skipped;
  say(`\n!!! ${skipped} ${project.toUpperCase()} TESTS SKIPPED: ${reason}\n`);
}

/**
 * Runs one of the suites of vitest.config.ts and adds what it counted to the total.
 *
 * @param {string} project
 * @param {readonly string[]} options
 */
async function runSuite(project, options) {
  const folder = mkdtempSync(join(tmpdir(), "throughline-test-"));
  const report = join(folder, "report.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  try {
    const args = ["run", "--project", project, ...reporters, ...options];
    await runTool("vitest", args, { timeoutMs: SUITE_WITHIN_MS });
  } finally {
    addToCount(project, report);
    rmSync(folder, { recursive: true });
  }
}

/**
 * @param {string} project
 * @param {string} report
 */
function addToCount(project, report) {
  /** @type {Record<string, number>} */
  let result;
  try {
    result = JSON.parse(readFileSync(report, "utf8"));
  } catch (error) {
    throw new CommandError(`the ${project} tests left no report: ${error}`, "");
  }
  const of = (/** @type {string} */ name) => result[name] ?? 0;
  count.passed += of("numPassedTests");
  // A file that cannot be loaded fails as a whole, without one failed test.
  count.failed += of("numFailedTests");
  count.skipped += of("numPendingTests") + of("numTodoTests");
}

await asCommand(import.meta.url, test);
