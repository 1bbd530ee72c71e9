// Starts programs on a core of their own where the system allows it, and ends them.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { familyOf } from "./cpu.mjs";

/** Servers have the first core, and everything else the others. */
export const CORES = { server: "0", load: `1-${availableParallelism() - 1}` };

/** Whether processes can be kept on cores: there is `taskset`, and more than one core. */
export const isPinned =
  availableParallelism() > 1 && spawnSync("taskset", ["--version"]).status === 0;

/** The programs that a run has started, so that none outlives it. */
export class Children {
  #running = new Set();

  /** Starts a program; `core` is one of `CORES`, or `undefined` for any. */
  start(core, program, args, options = {}) {
    const isKept = isPinned && core !== undefined;
    const [command, ...rest] = isKept
      ? ["taskset", "-c", core, program, ...args]
      : [program, ...args];
    const child = spawn(command, rest, { stdio: ["ignore", "pipe", "inherit"], ...options });
    this.#running.add(child);
    child.once("exit", () => this.#running.delete(child));
    return child;
  }

  /** Ends one, with those that it has started, at once: they have nothing to say any more. */
  async end(child) {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    for (const pid of familyOf(child.pid)) kill(pid);
    await exited;
  }

  async endAll() {
    await Promise.all([...this.#running].map((child) => this.end(child)));
  }
}

function kill(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself meanwhile.
  }
}

/** Resolves with the port that a program names in its output, in a line that `pattern` finds. */
export async function portOf(child, pattern) {
  let said = "";
  child.stdout.setEncoding("utf8");
  return await new Promise((resolve, reject) => {
    child.stdout.on("data", (text) => {
      said = `${said}${text}`.slice(-10_000);
      const port = pattern.exec(said)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    child.once("exit", () => reject(new Error(`a server has ended at once:\n${said}`)));
    child.once("error", reject);
  });
}
