// A server as a process of its own, in a folder of its own, that can be ended and started again.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { isListening } from "@throughline/testkit";

/** How long a program may take until it listens. */
const READY_WITHIN_MS = 20_000;

/** How long one may take to end that is asked to. */
const ENDED_WITHIN_MS = 10_000;

/** What to start. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** It listens on all of these when it is ready. */
  readonly ports: readonly number[];
  /** Whether it is asked to end, because what it starts would outlive a kill. */
  readonly isAsked?: boolean | undefined;
}

/** Starts a program; resolves when it listens, with what ends it and all that it started. */
export async function startProcess(command: Command): Promise<() => Promise<void>> {
  const { program, args, folder, env = {}, ports, isAsked = false } = command;
  // A process group of its own: what it starts is ended with it.
  const child = spawn(program, args, {
    cwd: folder,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said = `${said}${text}`.slice(-5000);
    });
  }
  const untilMs = performance.now() + READY_WITHIN_MS;
  try {
    for (const port of ports) {
      while (!(await isListening(port))) {
        if (hasEnded(child) || performance.now() > untilMs) {
          throw new Error(`${program} does not listen: ${said}`);
        }
        await wait(30);
      }
    }
  } catch (error) {
    await end(child, isAsked);
    throw error;
  }
  return () => end(child, isAsked);
}

async function end(child: ChildProcess, isAsked: boolean): Promise<void> {
  if (child.pid === undefined) return;
  const exited = hasEnded(child) ? undefined : once(child, "exit");
  if (isAsked && exited !== undefined) {
    child.kill("SIGTERM");
    await Promise.race([exited, wait(ENDED_WITHIN_MS, undefined, { ref: false })]);
  }
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // Nobody of the group is left.
  }
  await exited;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** Whether a file is there, and may be run where it is a program. */
export function isThere(path: string, isProgram = true): boolean {
  try {
    accessSync(path, isProgram ? constants.X_OK : constants.R_OK);
    return true;
  } catch {
    // Not there and not usable are the same to the caller.
    return false;
  }
}
