// A program in one of the runtimes, as a process of its own, with what it says.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const PROGRAM = here("./program.mjs");

/** The package as it is published: what was built, and not the sources. */
const DIST = new URL("../../dist", import.meta.url).href;

/** A runtime, which may not be here. */
export interface Runtime {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
}

/** Where `scripts/runtimes.mjs` puts them. */
const installed = (name: string, program: string) =>
  here(`../../../../.generated/runtimes/${name}/node_modules/.bin/${program}`);

export const runtimes: readonly Runtime[] = [
  { name: "the Node that runs the tests", program: process.execPath, args: [] },
  ...["22", "24", "26"].map((line) => ({
    name: `Node ${line}`,
    program: installed(`node-${line}`, "node"),
    args: [],
  })),
  { name: "Deno", program: installed("deno", "deno"), args: ["run", "--allow-all"] },
  { name: "Bun", program: installed("bun", "bun"), args: [] },
];

export function isHere({ program }: Runtime): boolean {
  return existsSync(program);
}

/** What `program.mjs` is asked to do; it says what each is. */
export type ProgramKind = "source" | "subscription" | "unreferenced";

/** One line of a program. */
export interface Line {
  readonly data?: string;
  readonly state?: string;
  readonly reason?: string;
}

export interface RuntimeProcess {
  readonly lines: readonly Line[];
  /** All `data` so far. */
  data(): readonly string[];
  hasEnded(): boolean;
  /** Waits for a line; rejects with everything that was said when it does not come in time. */
  until(what: string, isIt: (line: Line) => boolean, withinMs: number): Promise<void>;
  /** Its exit code, once it has ended by itself; rejects when it does not within the time. */
  code(withinMs: number): Promise<number | null>;
  /** Ends it, if it has not ended. */
  end(): Promise<void>;
}

/** Starts a program in a runtime. */
export function startProgram(runtime: Runtime, url: string, kind: ProgramKind): RuntimeProcess {
  const child = spawn(runtime.program, [...runtime.args, PROGRAM, DIST, url, kind], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "close");
  // Also for a test that failed before it came to wait for it.
  exited.catch(() => {});
  const lines: Line[] = [];
  let errors = "";
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(JSON.parse(line)));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const failure = (what: string) =>
    new Error(`${runtime.name}: ${what}; said: ${JSON.stringify(lines.slice(-10))} ${errors}`);
  return {
    lines,
    data: () => lines.flatMap(({ data }) => (data === undefined ? [] : [data])),
    hasEnded,
    until: async (what, isIt, withinMs) => {
      const untilMs = performance.now() + withinMs;
      while (!lines.some(isIt)) {
        if (hasEnded()) throw failure(`ended with ${child.exitCode} before ${what}`);
        if (performance.now() > untilMs) throw failure(`not within ${withinMs} ms: ${what}`);
        await wait(10);
      }
    },
    code: async (withinMs) => {
      const ended = await Promise.race([exited.then(() => true), wait(withinMs, false)]);
      if (!ended) throw failure(`still runs after ${withinMs} ms`);
      return child.exitCode;
    },
    end: async () => {
      if (hasEnded()) return;
      child.kill("SIGKILL");
      await exited;
    },
  };
}
