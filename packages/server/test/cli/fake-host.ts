// Surroundings for a command that runs inside a test.

import type { CliHost, Command } from "../../src/cli/cli-host.js";
import { runCli } from "../../src/cli/run-cli.js";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdin?: readonly string[];
}

/** Runs a command line to its end. */
export async function run(argv: readonly string[], surroundings: Surroundings = {}): Promise<Ran> {
  return await runCommand(runCli, argv, surroundings);
}

/** Runs one command to its end. Rejects with what goes wrong in it. */
export async function runCommand(
  command: Command,
  argv: readonly string[],
  { environment = {}, stdin = [] }: Surroundings = {},
): Promise<Ran> {
  let stdout = "";
  let stderr = "";
  const host: CliHost = {
    environment,
    stdin: (async function* () {
      yield* stdin;
    })(),
    stdout: {
      write: (text) => {
        stdout += text;
      },
    },
    stderr: {
      write: (text) => {
        stderr += text;
      },
    },
    onSignal: () => () => {},
    onHangup: () => () => {},
    exit: () => {},
  };
  const code = await command(argv, host);
  return { code, stdout, stderr };
}
