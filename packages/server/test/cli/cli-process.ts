// Starts the built command as a process of its own, as an operator would.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** How long anything that is waited for may take: other tests run at the same time. */
const WITHIN_MS = 30_000;

/** A process of the command. */
export class CliProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly exitCode: Promise<number | null>;
  stdout = "";
  stderr = "";

  constructor(argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    if (!existsSync(main)) throw new Error("The server package has not been built: npm run build");
    const { PATH = "" } = process.env;
    this.#child = spawn(process.execPath, [main, ...argv], { env: { PATH, ...environment } });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.exitCode = once(this.#child, "close").then(() => this.#child.exitCode);
  }

  /** Writes to its standard input, and closes that. */
  feed(text: string): void {
    this.#child.stdin.end(text);
  }

  signal(name: "SIGHUP" | "SIGINT" | "SIGTERM" | "SIGKILL" | "SIGSTOP" | "SIGCONT"): void {
    this.#child.kill(name);
  }

  /** Resolves when what it has said so far gives something; rejects when it ends or takes too long. */
  async until<T>(found: () => T | undefined): Promise<T> {
    const late = setTimeout(() => this.#child.kill("SIGKILL"), WITHIN_MS);
    try {
      for (;;) {
        const value = found();
        if (value !== undefined) return value;
        if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
          throw new Error(`It ended:\n${this.stdout}\n${this.stderr}`);
        }
        await Promise.race([
          once(this.#child.stdout, "data"),
          once(this.#child.stderr, "data"),
          this.exitCode,
        ]);
      }
    } finally {
      clearTimeout(late);
    }
  }

  /** Takes nothing more of what it writes: its output is a pipe that nobody reads. */
  stopReading(): void {
    this.#child.stdout.destroy();
  }

  /** Ends it whatever it does, and waits until it is gone. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.exitCode;
  }

  /** Its lines of one kind so far, if it writes lines of JSON. */
  lines(event: string): Readonly<Record<string, unknown>>[] {
    return this.stdout
      .split("\n")
      .filter((line) => line.endsWith("}"))
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
      .filter((line) => line["event"] === event);
  }

  /** The address that a server says it serves. */
  async url(event = "listening"): Promise<string> {
    return String((await this.until(() => this.lines(event)[0]))["url"]);
  }
}
