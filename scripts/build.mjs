// `npm run build`: set-up, the compiler over all projects, and the page of the example. Each part is
// skipped, or takes about a second, when nothing that it depends on has changed.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { setUp } from "./setup.mjs";
import { asCommand, CommandError, root, runTool, say, step } from "./steps.mjs";

const packages = [
  "packages/throughline",
  "packages/server",
  "packages/testkit",
  "packages/browsers",
  "packages/reliability",
];
const web = "examples/strategist/web";

/** Where the page of the example is built to; its server serves this folder. */
const webOutput = "examples/strategist/dist/web";

/** Makes everything that runs: the packages, the example's server and its page. */
export async function build() {
  await setUp();
  await step("Compile (tsc -b)", compile);
  for (const folder of packages) removeOrphans(folder);
  await buildWeb();
}

/**
 * Compiles all projects that have changed. TypeScript 7.0 crashes now and then in its incremental
 * build (a Go panic, not a finding about the code), so a crash, and only a crash, is tried again.
 */
async function compile() {
  try {
    await runTool("tsc", ["-b"], { quiet: true });
  } catch (error) {
    if (!(error instanceof CommandError) || !/^panic: /m.test(error.output)) throw error;
    say("  the compiler crashed; trying again");
    await runTool("tsc", ["-b"], { quiet: true });
  }
}

/**
 * Removes what the compiler made from a source that is gone: it stays in `dist` otherwise, would be
 * published, and would satisfy an import that no longer has a source.
 *
 * @param {string} folder
 */
function removeOrphans(folder) {
  for (const path of filesBelow(join(folder, "dist"))) {
    const stem = relative(join(folder, "dist"), path).replace(/(\.d)?\.(js|ts)(\.map)?$/, "");
    if (stem.endsWith(".tsbuildinfo")) continue;
    const source = join(root, folder, "src", stem);
    const hasSource = [".ts", ".tsx", ".js"].some((ending) => existsSync(source + ending));
    if (!hasSource) rmSync(join(root, path));
  }
}

/** Builds the page with Vite when it, or a package that it bundles, is not as it was last time. */
async function buildWeb() {
  const note = join(root, ".generated/web-inputs.sha256");
  const inputs = hash([
    "package-lock.json",
    ...filesBelow(web),
    ...filesBelow("packages/throughline/dist").filter((path) => path.endsWith(".js")),
  ]);
  const isBuilt = existsSync(join(root, webOutput, "index.html"));
  if (isBuilt && existsSync(note) && readFileSync(note, "utf8") === inputs) {
    return say("✓ Build the page (nothing changed)");
  }
  await step("Build the page (vite)", () =>
    runTool("vite", ["build", "--logLevel", "warn"], { cwd: join(root, web) }),
  );
  if (!existsSync(join(root, webOutput, "index.html"))) {
    throw new Error(`${web}/vite.config.ts: the page must be built to ${webOutput}`);
  }
  mkdirSync(dirname(note), { recursive: true });
  writeFileSync(note, inputs);
}

/**
 * All files below a folder, as paths from the repository's folder, in a fixed order.
 *
 * @param {string} folder
 */
function filesBelow(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

/** One digest over the names and the contents of files. @param {readonly string[]} paths */
function hash(paths) {
  const digest = createHash("sha256");
  for (const path of paths) digest.update(`${path}\0`).update(readFileSync(join(root, path)));
  return digest.digest("hex");
}

await asCommand(import.meta.url, build);
