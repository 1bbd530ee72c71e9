// Which command is meant, and what becomes of what goes wrong in it.

import { readFileSync } from "node:fs";
import { StreamError } from "throughline/core";
import { type CliHost, type Command, EXIT, UsageError } from "./cli-host.js";
import { conformanceCommand } from "./conformance-command.js";
import { proxyCommand } from "./proxy-command.js";
import { runCommand } from "./run-command.js";

const COMMANDS: Readonly<Record<string, Command>> = {
  proxy: proxyCommand,
  run: runCommand,
  conformance: conformanceCommand,
};

const HELP = `Usage: throughline-testkit <command> [options]

  proxy        stands before a server, and breaks connections on command
  run          plays scenarios against a server, with the drop-in as the client, and judges
  conformance  says what a server of event streams does not do as it has to

throughline-testkit <command> --help says everything about one of them; --version which this is.
Exit codes: 0 all is well, 1 it could not be tried, 2 it was tried, and something is not as it has to be.`;

/**
 * Runs a command line.
 *
 * @param argv what stands behind the name of the program
 * @returns the exit code. Never rejects: what is expected to go wrong is one line on standard error
 */
export async function runCli(argv: readonly string[], host: CliHost): Promise<number> {
  const [name = "", ...rest] = argv;
  if (name === "--help" || name === "-h" || name === "help" || name === "--version") {
    host.say(name === "--version" ? version() : HELP);
    return EXIT.ok;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const what = name === "" ? "No command was given." : `There is no command "${name}".`;
    host.complain(`throughline-testkit: ${what} See throughline-testkit --help.`);
    return EXIT.failed;
  }
  try {
    return await command(rest, host);
  } catch (error) {
    host.complain(explain(error, name));
    return EXIT.failed;
  }
}

/** A sentence for what was expected to go wrong; of a bug all that is known. */
function explain(error: unknown, name: string): string {
  const program = `throughline-testkit ${name}`;
  if (error instanceof UsageError) return `${program}: ${error.message} See ${program} --help.`;
  if (error instanceof StreamError || isOfSystem(error)) return `${program}: ${error.message}`;
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${program}: this is a bug. ${details}`;
}

/** A file that is not there, a port that is taken: the message names it. */
function isOfSystem(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}

function version(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { readonly version: string }).version;
}
