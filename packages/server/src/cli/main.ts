#!/usr/bin/env node
// The command `throughline`.

import { runCli } from "./run-cli.js";

// Whoever read the output has gone. That ends what was printed for them, not a server.
process.stdout.on("error", () => {
  const [, , command] = process.argv;
  if (command !== "serve" && command !== "gateway") process.exit(0);
});

process.exitCode = await runCli(process.argv.slice(2), {
  environment: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  onSignal: (listener) => {
    process.on("SIGTERM", listener);
    process.on("SIGINT", listener);
    return () => {
      process.off("SIGTERM", listener);
      process.off("SIGINT", listener);
    };
  },
  onHangup: (listener) => {
    process.on("SIGHUP", listener);
    return () => {
      process.off("SIGHUP", listener);
    };
  },
  exit: (code) => process.exit(code),
});
