// Which command is meant, and what becomes of what goes wrong in it.

import { readFileSync } from "node:fs";
import { StreamError } from "throughline/core";
import { createGateway } from "../gateway/index.js";
import { type CliHost, type Command, EXIT } from "./cli-host.js";
import { UsageError } from "./config/usage-error.js";
import { doctorCommand } from "./doctor-command.js";
import { createGatewayCommand } from "./gateway-command.js";
import { publishCommand } from "./publish-command.js";
import { serveCommand } from "./serve-command.js";
import { tailCommand } from "./tail-command.js";

const COMMANDS: Readonly<Record<string, Command>> = {
  serve: serveCommand,
  gateway: createGatewayCommand(createGateway),
  publish: publishCommand,
  tail: tailCommand,
  doctor: doctorCommand,
};

const HELP = `Usage: throughline <command> [options]

  serve      serves streams over HTTP, and takes what is published
  gateway    stands before a backend that streams already, and makes its streams lose nothing
  publish    publishes events to a stream
  tail       prints a stream as it comes
  doctor     says what is wrong with a stream, through whatever stands between

throughline <command> --help says everything about one of them; throughline --version which this is.
`;

/**
 * Runs a command line.
 *
 * @param argv what stands behind the name of the program
 * @returns the exit code. Never rejects: what is expected to go wrong is one line on standard error
 */
export async function runCli(argv: readonly string[], host: CliHost): Promise<number> {
  const [name = "", ...rest] = argv;
  if (name === "--version") return say(host, `${version()}\n`);
  if (name === "--help" || name === "-h" || name === "help") return say(host, HELP);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const what =
      name === "" ? "No command was given." : `There is no command ${JSON.stringify(name)}.`;
    host.stderr.write(`throughline: ${what} See throughline --help.\n`);
    return EXIT.failed;
  }
  try {
    return await command(rest, host);
  } catch (error) {
    host.stderr.write(explain(error, name));
    return EXIT.failed;
  }
}

function say(host: CliHost, text: string): number {
  host.stdout.write(text);
  return EXIT.ok;
}

/** Lines for whoever called: of what was expected the sentence alone, of a bug all that is known. */
function explain(error: unknown, name: string): string {
  if (error instanceof UsageError || error instanceof StreamError) {
    return `${error.message.replaceAll(/^/gm, `throughline ${name}: `)}\n`;
  }
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `throughline ${name}: this is a bug. ${details}\n`;
}

function version(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { readonly version: string }).version;
}
