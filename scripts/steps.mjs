// How the commands of this folder run other programs and say what they are doing. Plain Node, no
// dependency: these commands run before anything is installed.

import { spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository, as an absolute path. */
export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");

/** A program that ended badly; `output` is what it said when it ran quietly, else empty. */
export class CommandError extends Error {
  /** @param {string} message @param {string} output */
  constructor(message, output) {
    super(message);
    this.name = "CommandError";
    this.output = output;
  }
}

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd] The folder to run in; the repository by default.
 * @property {Record<string, string>} [env] Variables on top of this process's own.
 * @property {boolean} [quiet] Keep the output, to be shown only when the program fails.
 * @property {number} [timeoutMs] Killed after this long; ten minutes by default, so that a program
 *   that hangs fails the run instead of holding it up.
 */

/**
 * Runs one program to its end and resolves with what it wrote to standard output (empty unless
 * `quiet`). Rejects with a `CommandError` when it cannot start, exits with another code than 0, or
 * takes too long.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<string>}
 */
export function run(program, args, options = {}) {
  const { cwd = root, env = {}, quiet = false, timeoutMs = 600_000 } = options;
  const line = [program, ...args].join(" ");
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: quiet ? ["ignore", "pipe", "pipe"] : ["ignore", "inherit", "inherit"],
    });
    let stdout = "";
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      output += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(new CommandError(`${line} could not start: ${error.message}`, output));
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(stdout);
      else if (signal === "SIGKILL") {
        reject(new CommandError(`${line} was killed (limit: ${timeoutMs / 1000} s)`, output));
      } else reject(new CommandError(`${line} ended with ${signal ?? `code ${code}`}`, output));
    });
  });
}

/**
 * Runs one program that an installed package brings (`tsc`, `biome`, `vitest`), like `run`.
 *
 * @param {string} name
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export function runTool(name, args, options) {
  return run(join(root, "node_modules", ".bin", name), args, options);
}

/**
 * Does one named piece of work and says when it begins, how it ended and how long it took. An error
 * passes through, after the line that says so.
 *
 * @template T
 * @param {string} title
 * @param {() => Promise<T> | T} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const begunMs = performance.now();
  const seconds = () => `${((performance.now() - begunMs) / 1000).toFixed(1)} s`;
  say(`▸ ${title}`);
  try {
    const result = await work();
    say(`✓ ${title} (${seconds()})`);
    return result;
  } catch (error) {
    say(`✗ ${title} (${seconds()})`);
    throw error;
  }
}

/** Writes one line for the reader of the terminal. @param {string} line */
export function say(line) {
  process.stdout.write(`${line}\n`);
}

/** Says why a command failed, with the output of the program that failed. @param {unknown} error */
export function sayError(error) {
  if (error instanceof CommandError) {
    process.stderr.write(`${error.output}\n${error.message}\n`);
  } else {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  }
}

/**
 * Runs `work` when the file with this `import.meta.url` is the command that was started, and not
 * when another script imports it. A failure is said and becomes exit code 1.
 *
 * @param {string} moduleUrl
 * @param {() => Promise<void> | void} work
 */
export async function asCommand(moduleUrl, work) {
  const started = process.argv[1];
  if (started === undefined || realpathSync(started) !== realpathSync(fileURLToPath(moduleUrl))) {
    return;
  }
  try {
    await work();
  } catch (error) {
    sayError(error);
    process.exitCode = 1;
  }
}
