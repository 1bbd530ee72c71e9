// A proxy as operators run it, nginx, HAProxy or Caddy, as a process of its own on a free port of
// loopback, in a folder of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort, isListening } from "../ports.js";

/** What is different from program to program. */
export interface ProxyKind {
  /** The program, which is also the name of its package in Debian. */
  readonly program: string;
  /** Names of files and their content; the first is what the program is started with. */
  files(setup: ProxySetup): Readonly<Record<string, string>>;
  /** Arguments with which it stays in the foreground. */
  args(folder: string): readonly string[];
  /** How it is told to read its files again: a signal, or a command. */
  readonly reload: "SIGHUP" | "SIGUSR2" | ((setup: ProxySetup) => readonly string[]);
}

/** Where a proxy runs, and with what. */
export interface ProxySetup {
  readonly folder: string;
  readonly port: number;
  /** A port for the administration of programs that want one. */
  readonly adminPort: number;
  /** The configuration as an operator has written it, with the ports of this proxy. */
  readonly config: string;
}

/** A proxy, running. */
export interface RealProxy {
  readonly url: string;
  /** Has it read its configuration again, as after a change. */
  reload(): Promise<void>;
  /** Ends all of its processes at once, without a word to anybody. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** Ends it and removes its folder. */
  close(): Promise<void>;
}

/** How long a proxy may take until it listens. */
const READY_WITHIN_MS = 10_000;

/** How often a port is tried that does not answer yet. */
const TRY_EVERY_MS = 20;

/** The path of a program; `undefined` where it is not installed. Debian keeps servers in `sbin`. */
export function findProgram(program: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return [...folders, "/usr/sbin", "/usr/local/sbin"]
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there and not executable are the same to the caller.
    return false;
  }
}

/**
 * Starts a proxy; resolves when it listens.
 *
 * @param options.config makes the configuration for ports that are free
 * @throws when it is not installed, does not like its configuration, or does not listen in time
 */
export async function startRealProxy(
  kind: ProxyKind,
  options: { readonly config: (ports: ProxyPorts) => string },
): Promise<RealProxy> {
  const program = findProgram(kind.program);
  if (program === undefined) throw new Error(`${kind.program} is not installed.`);
  const folder = await mkdtemp(join(tmpdir(), `throughline-${kind.program}-`));
  const [port, adminPort] = await Promise.all([freePort(), freePort()]);
  const config = options.config({ port, adminPort, folder });
  const setup: ProxySetup = { folder, port, adminPort, config };
  for (const [name, text] of Object.entries(kind.files(setup))) {
    await writeFile(join(folder, name), text);
  }
  let running: Running | undefined;
  const kill = async () => {
    await running?.kill();
    running = undefined;
  };
  const start = async () => {
    running = run(program, kind.args(folder), folder);
    await running.listens(port);
  };
  const close = async () => {
    await kill();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    await start();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    url: `http://127.0.0.1:${port}`,
    kill,
    start,
    close,
    reload: async () => {
      if (typeof kind.reload === "string") running?.signal(kind.reload);
      else await run(program, kind.reload(setup), folder).succeeds();
    },
  };
}

/** The places that a configuration has to name. */
export interface ProxyPorts {
  readonly port: number;
  readonly adminPort: number;
  readonly folder: string;
}

interface Running {
  listens(port: number): Promise<void>;
  succeeds(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  kill(): Promise<void>;
}

/** Runs a program in a process group of its own: what it starts is ended with it. */
function run(program: string, args: readonly string[], folder: string): Running {
  const child = spawn(program, args, {
    cwd: folder,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said = `${said}${text}`.slice(-10_000);
    });
  }
  const exited = once(child, "exit");
  // Also for a caller who waits for something else.
  exited.catch(() => {});
  const failure = () => new Error(`${program} ${args.join(" ")}\n${said}`);
  return {
    signal: (name) => child.kill(name),
    succeeds: async () => {
      await exited;
      if (child.exitCode !== 0) throw failure();
    },
    listens: async (port) => {
      const untilMs = performance.now() + READY_WITHIN_MS;
      while (!(await isListening(port))) {
        if (hasEnded(child) || performance.now() > untilMs) throw failure();
        await wait(TRY_EVERY_MS);
      }
    },
    kill: async () => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // Nobody of the group is left.
      }
      if (!hasEnded(child)) await exited;
    },
  };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
