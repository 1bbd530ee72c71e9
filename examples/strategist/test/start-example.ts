// Starts the built example as a process of its own, as an operator would.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The servers of the page: the one that simulates the endpoints, and the one over Flask. */
const mains = {
  simulated: fileURLToPath(new URL("../dist/server/main.js", import.meta.url)),
  flask: fileURLToPath(new URL("../dist/gateway/main.js", import.meta.url)),
} as const;

/** How long it may take until it listens. */
const READY_WITHIN_MS = 60_000;

/** A process of the example. */
export interface ExampleProcess {
  /** Everything it has said so far, to both outputs. */
  output(): string;
  /** Resolves with its address; rejects when it ends instead, or stays silent. */
  readonly url: Promise<string>;
  /** Resolves when it has ended by itself or by a signal, with its exit code. */
  readonly exitCode: Promise<number | null>;
  signal(name: "SIGINT" | "SIGTERM"): void;
  /** Where it keeps its data. */
  readonly dataDirectory: string;
  /** Ends it whatever it does, and waits until it is gone. */
  kill(): Promise<void>;
}

/**
 * Starts the example on `port`; 0 means any free one. It must have been built. It keeps its feed in a
 * folder of its own, which goes with it, or in the one that is given.
 */
export function startExample(
  port: number,
  dataDirectory?: string,
  server: keyof typeof mains = "simulated",
): ExampleProcess {
  const main = mains[server];
  const own = dataDirectory === undefined ? mkdtempSync(join(tmpdir(), "strategist-")) : undefined;
  const folder = dataDirectory ?? own ?? "";
  if (!existsSync(main)) throw new Error("The example has not been built: npm run build");
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, PORT: String(port), HOST: "127.0.0.1", DATA_DIR: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  const exitCode = once(child, "close").then(() => {
    if (own !== undefined) rmSync(own, { recursive: true, force: true, maxRetries: 3 });
    return child.exitCode;
  });
  return {
    output: () => said,
    url: readUrl(child, () => said),
    exitCode,
    dataDirectory: folder,
    signal: (name) => child.kill(name),
    kill: async () => {
      child.kill("SIGKILL");
      await exitCode;
    },
  };
}

function readUrl(child: ChildProcess, said: () => string): Promise<string> {
  const url = new Promise<string>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`The example did not start:\n${said()}`)),
      READY_WITHIN_MS,
    );
    child.stdout?.on("data", () => {
      const match = /^Throughline strategist example: (http:\S+)$/m.exec(said());
      if (match?.[1] === undefined) return;
      clearTimeout(timer);
      resolve(match[1]);
    });
    child.on("close", () => {
      clearTimeout(timer);
      reject(new Error(`The example ended:\n${said()}`));
    });
  });
  // Not every test waits for the address.
  url.catch(() => {});
  return url;
}
