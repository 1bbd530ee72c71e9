// `npm start`: builds what has changed and runs the strategist example. `PORT` and `HOST` go through
// to its server, which says its address once it listens.

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { build } from "./build.mjs";
import { asCommand, root, say } from "./steps.mjs";

const server = "examples/strategist/dist/server/main.js";

/** How long after a first signal a second one means "now": one key press may arrive twice. */
const repeatMs = 1_000;

async function start() {
  await build();
  say("▸ Start the strategist example (Ctrl+C ends it)");
  process.exitCode = await serve(server);
}

/**
 * Runs a server of the example until it ends and resolves with the exit code to pass on. It has a process group
 * of its own, so that Ctrl+C reaches it once, from here, and not also from the terminal: the first
 * signal asks it to close its streams in good order, a later one ends it at once.
 *
 * @param {string} server its path in the repository
 * @returns {Promise<number>}
 */
export function serve(server) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, server)], {
      cwd: root,
      detached: true,
      stdio: ["ignore", "inherit", "inherit"],
    });
    let askedAtMs = Number.POSITIVE_INFINITY;
    for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
      process.on(signal, () => {
        const nowMs = performance.now();
        if (askedAtMs === Number.POSITIVE_INFINITY) {
          askedAtMs = nowMs;
          child.kill(signal);
        } else if (nowMs - askedAtMs > repeatMs) child.kill("SIGKILL");
      });
    }
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
    });
  });
}

await asCommand(import.meta.url, start);
