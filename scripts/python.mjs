// A Python for the tests of docs/publishing.md: one that has the packages which that page uses.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError, root, run, say, step } from "./steps.mjs";

const requirements = join(root, "packages/server/test/python/requirements.txt");
const venv = join(root, ".generated/python");

/** Whether a Python has the packages, in whatever version. */
const question = "import requests, celery";

/**
 * The path of a Python with `requests` and `celery`, which is also set as `PYTHON_PATH` for the tests;
 * or, where there is none and none can be made, why. It is made with pip, in a folder of its own, or
 * as root with Debian's packages.
 *
 * @returns {Promise<{ path: string } | { missing: string }>}
 */
export async function ensurePython() {
  const asked = process.env["PYTHON_PATH"];
  if (asked !== undefined && !(await answers(asked, question))) {
    throw new CommandError(`PYTHON_PATH names no Python with requests and celery: ${asked}`, "");
  }
  const path = asked ?? (await findPython()) ?? (await makeVenv()) ?? (await installPackages());
  if (path === undefined) {
    return { missing: "no Python with requests and celery here, and none could be made" };
  }
  process.env["PYTHON_PATH"] = path;
  return { path };
}

async function findPython() {
  for (const path of [venvPython(), "python3", "/usr/bin/python3"]) {
    if (await answers(path, question)) return path;
  }
  return undefined;
}

async function makeVenv() {
  if (!(await answers("python3", "import venv, ensurepip"))) return undefined;
  try {
    await step("Install requests and celery (pip)", async () => {
      if (!existsSync(venvPython())) await run("python3", ["-m", "venv", venv], { quiet: true });
      const args = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
      await run(venvPython(), [...args, "-r", requirements], { quiet: true });
    });
    return venvPython();
  } catch (error) {
    // Without a network, say. Debian's packages are left, and if they fail the tests are skipped.
    say(`  ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

async function installPackages() {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return undefined;
  try {
    await step("Install requests and celery (apt-get)", async () => {
      const env = { DEBIAN_FRONTEND: "noninteractive" };
      const names = readFileSync(requirements, "utf8").match(/^[a-z]+/gm) ?? [];
      await run("apt-get", ["update"], { env, quiet: true });
      const packages = names.map((name) => `python3-${name}`);
      await run("apt-get", ["install", "-y", ...packages], { env, quiet: true });
    });
  } catch (error) {
    // The tests are skipped, loudly; everything else can still be tested.
    say(`  ${error instanceof Error ? error.message : error}`);
  }
  return findPython();
}

function venvPython() {
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
