// Other runtimes, compilers and versions of React for the tests: the client has to hold in every one that it
// is offered for. Each is installed by npm into a folder of its own, and is no dependency of anything. As a
// command it installs them.

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { asCommand, CommandError, root, run, say, step } from "./steps.mjs";

/** Where they are; tests look for `<folder>/<name>/node_modules/.bin/<program>`, or for the libraries. */
const folder = join(root, ".generated/runtimes");

/**
 * @typedef {object} Runtime
 * @property {string} name its folder, and what it is called in reports
 * @property {string} [program] what is started; none where only libraries are wanted
 * @property {readonly string[]} wanted the packages that bring it, with their versions
 */

/** Besides the Node that runs this: the newest of each line, as a user would have it. */
/** @type {readonly Runtime[]} */
const runtimes = [
  { name: "node-22", program: "node", wanted: ["node@22"] },
  { name: "node-24", program: "node", wanted: ["node@24"] },
  { name: "node-26", program: "node", wanted: ["node@26"] },
  { name: "deno", program: "deno", wanted: ["deno@2"] },
  { name: "bun", program: "bun", wanted: ["bun@1"] },
  // Compilers, for what the package declares.
  { name: "typescript-5.4", program: "tsc", wanted: ["typescript@5.4"] },
  { name: "typescript-6", program: "tsc", wanted: ["typescript@6"] },
  // The older React that the hooks are offered for, and what uses it in tests: in a folder of their own,
  // where they find each other.
  {
    name: "react-18",
    wanted: [
      "react@18.3.1",
      "react-dom@18.3.1",
      "@testing-library/dom@10",
      "@testing-library/react@16.3.3",
      "@tanstack/react-query@5.108.0",
    ],
  },
];

/**
 * Makes the other runtimes available. Returns the names of those that are not there and cannot be
 * installed: their tests are left out by themselves.
 *
 * @returns {Promise<string[]>}
 */
export async function ensureRuntimes() {
  const missing = await missingOnes();
  if (missing.length > 0) {
    await step(`Install ${missing.map(({ name }) => name).join(", ")} (npm)`, async () => {
      await Promise.all(missing.map(install));
    });
  }
  return (await missingOnes()).map(({ name }) => name);
}

async function missingOnes() {
  const found = await Promise.all(runtimes.map(starts));
  return runtimes.filter((_, index) => !found[index]);
}

/** @param {Runtime} runtime */
async function install({ name, wanted }) {
  const cwd = join(folder, name);
  mkdirSync(cwd, { recursive: true });
  // Without one npm would install into the folder above that has one: the project's.
  writeFileSync(join(cwd, "package.json"), '{ "private": true }\n');
  const options = ["--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"];
  try {
    await run("npm", ["install", ...options, ...wanted], { cwd, quiet: true, timeoutMs: 180_000 });
  } catch (error) {
    // Without a network, or not made for this machine. Everything else can still be tested.
    say(`  ${error instanceof CommandError ? error.message : error}`);
  }
}

/** Whether a runtime is there and is made for this machine. @param {Runtime} runtime */
async function starts({ name, program }) {
  // What npm writes last.
  if (program === undefined)
    return existsSync(join(folder, name, "node_modules/.package-lock.json"));
  const path = join(folder, name, "node_modules/.bin", program);
  if (!existsSync(path)) return false;
  try {
    await run(path, ["--version"], { quiet: true, timeoutMs: 30_000 });
    return true;
  } catch {
    // A package for another machine is as good as none.
    return false;
  }
}

await asCommand(import.meta.url, async () => {
  const missing = await ensureRuntimes();
  say(missing.length === 0 ? "all there" : `missing: ${missing.join(", ")}`);
});
