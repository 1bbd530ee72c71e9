// The command `throughline-testkit`.

import { createInterface } from "node:readline";
import { runCli } from "./run-cli.js";

const stop = new AbortController();
process.on("SIGINT", () => stop.abort());
process.on("SIGTERM", () => stop.abort());
// Whoever read the output has gone, and so is whoever wanted to know.
process.stdout.on("error", () => process.exit(0));

process.exitCode = await runCli(process.argv.slice(2), {
  // Made when it is asked for: a command that reads nothing does not wait for the end of its input.
  get lines() {
    return createInterface({ input: process.stdin, signal: stop.signal });
  },
  say: (line) => process.stdout.write(`${line}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
  signal: stop.signal,
});
process.stdin.destroy();
