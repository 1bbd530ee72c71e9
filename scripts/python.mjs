// Pythons for the tests: one that has the packages of docs/publishing.md, and one that can run the
// back end of the strategist example. As a command it makes both.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { asCommand, CommandError, root, run, say, step } from "./steps.mjs";

/**
 * Packages that belong together, and the Python that has them.
 *
 * @typedef {object} PythonNeed
 * @property {string} packages what they are called in a sentence
 * @property {string} question a program that runs only where they are, in whatever version
 * @property {string} requirements the file that names them; Debian has each as `python3-<name>`
 * @property {string} venv where they are put
 * @property {string} variable the environment variable that names the Python, for the tests
 */

/** @type {PythonNeed} */
const publishing = {
  packages: "requests and celery",
  question: "import requests, celery",
  requirements: join(root, "packages/server/test/python/requirements.txt"),
  venv: join(root, ".generated/python"),
  variable: "PYTHON_PATH",
};

/** @type {PythonNeed} */
const flask = {
  packages: "Flask and gunicorn",
  question: "import sys, flask, gunicorn; assert sys.version_info >= (3, 10)",
  requirements: join(root, "examples/strategist/backend/requirements.txt"),
  venv: join(root, ".generated/flask"),
  variable: "FLASK_PYTHON_PATH",
};

/** A Python for the tests of docs/publishing.md, set as `PYTHON_PATH`; or why there is none. */
export function ensurePython() {
  return ensurePackages(publishing);
}

/** A Python for the back end of the strategist example, set as `FLASK_PYTHON_PATH`; or why not. */
export function ensureFlask() {
  return ensurePackages(flask);
}

/**
 * The path of a Python that has the packages, which is also set in the environment for the tests; or,
 * where there is none and none can be made, why. It is made with pip, in a folder of its own, or as
 * root with Debian's packages.
 *
 * @param {PythonNeed} need
 * @returns {Promise<{ path: string } | { missing: string }>}
 */
async function ensurePackages(need) {
  const { packages, question, variable } = need;
  const asked = process.env[variable];
  if (asked !== undefined && !(await answers(asked, question))) {
    throw new CommandError(`${variable} names no Python with ${packages}: ${asked}`, "");
  }
  const path =
    asked ?? (await findPython(need)) ?? (await makeVenv(need)) ?? (await installPackages(need));
  if (path === undefined) {
    return { missing: `no Python with ${packages} here, and none could be made` };
  }
  process.env[variable] = path;
  return { path };
}

/** @param {PythonNeed} need */
async function findPython({ venv, question }) {
  for (const path of [pythonOf(venv), "python3", "/usr/bin/python3"]) {
    if (await answers(path, question)) return path;
  }
  return undefined;
}

/** @param {PythonNeed} need */
async function makeVenv({ packages, requirements, venv }) {
  if (!(await answers("python3", "import venv, ensurepip"))) return undefined;
  const python = pythonOf(venv);
  try {
    await step(`Install ${packages} (pip)`, async () => {
      if (!existsSync(python)) await run("python3", ["-m", "venv", venv], { quiet: true });
      const args = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
      await run(python, [...args, "-r", requirements], { quiet: true });
    });
    return python;
  } catch (error) {
    // Without a network, say. Debian's packages are left, and if they fail the tests are skipped.
    say(`  ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

/** @param {PythonNeed} need */
async function installPackages(need) {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return undefined;
  try {
    await step(`Install ${need.packages} (apt-get)`, async () => {
      const env = { DEBIAN_FRONTEND: "noninteractive" };
      const names = readFileSync(need.requirements, "utf8").match(/^[a-z]+/gm) ?? [];
      await run("apt-get", ["update"], { env, quiet: true });
      const packages = names.map((name) => `python3-${name}`);
      await run("apt-get", ["install", "-y", ...packages], { env, quiet: true });
    });
  } catch (error) {
    // The tests are skipped, loudly; everything else can still be tested.
    say(`  ${error instanceof Error ? error.message : error}`);
  }
  return findPython(need);
}

/** @param {string} venv */
function pythonOf(venv) {
  return join(venv, "bin/python");
}

/**
 * Whether a Python is there and a program runs in it.
 *
 * @param {string} path
 * @param {string} program
 */
async function answers(path, program) {
  try {
    await run(path, ["-c", program], { quiet: true, timeoutMs: 60_000 });
    return true;
  } catch {
    // Not there and not fit are the same to the caller.
    return false;
  }
}

/** @param {{ path: string } | { missing: string }} found */
function sayFound(found) {
  say("path" in found ? found.path : found.missing);
}

await asCommand(import.meta.url, async () => {
  sayFound(await ensurePython());
  sayFound(await ensureFlask());
});
