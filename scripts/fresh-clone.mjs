// Runs a command in a fresh clone, where nothing is installed or built, to prove that a command of
// the README works for someone who has just come:
//
//     node scripts/fresh-clone.mjs npm test
//     node scripts/fresh-clone.mjs --working-tree npm run build
//
// The clone holds the last commit, or with `--working-tree` the files as they are now.

import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asCommand, CommandError, root, run, step } from "./steps.mjs";

/** An hour: installing, building and all tests on a slow machine. */
const timeoutMs = 3_600_000;

async function inFreshClone() {
  const args = process.argv.slice(2);
  const withWorkingTree = args[0] === "--working-tree";
  const [program, ...rest] = withWorkingTree ? args.slice(1) : args;
  if (program === undefined) {
    throw new CommandError("usage: node scripts/fresh-clone.mjs [--working-tree] command …", "");
  }
  const clone = mkdtempSync(join(tmpdir(), "throughline-clone-"));
  try {
    await step("Clone", () => makeClone(clone, withWorkingTree));
    await step([program, ...rest].join(" "), () => run(program, rest, { cwd: clone, timeoutMs }));
  } finally {
    rmSync(clone, { recursive: true });
  }
}

/**
 * @param {string} clone
 * @param {boolean} withWorkingTree
 */
async function makeClone(clone, withWorkingTree) {
  await run("git", ["clone", "--quiet", "--no-hardlinks", root, clone], { quiet: true });
  if (!withWorkingTree) return;
  const listed = await run("git", ["ls-files", "-z", "-co", "--exclude-standard"], { quiet: true });
  for (const path of listed.split("\0").filter(Boolean)) {
    if (existsSync(join(root, path))) cpSync(join(root, path), join(clone, path));
    else rmSync(join(clone, path));
  }
}

await asCommand(import.meta.url, inFreshClone);
