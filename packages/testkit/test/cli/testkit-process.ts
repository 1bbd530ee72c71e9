// Starts the built command as a process of its own, as a person would.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const main = fileURLToPath(new URL("../../bin/throughline-testkit.mjs", import.meta.url));
const built = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** A process of the command, which ends with the test. */
export class TestkitProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly exitCode: Promise<number | null>;
  stdout = "";
  stderr = "";

  constructor(...argv: readonly string[]) {
    if (!existsSync(built)) throw new Error("The testkit has not been built: npm run build");
    const { PATH = "" } = process.env;
    this.#child = spawn(process.execPath, [main, ...argv], { env: { PATH } });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.exitCode = once(this.#child, "close").then(() => this.#child.exitCode);
    onTestFinished(async () => {
      this.#child.kill("SIGKILL");
      await this.exitCode;
    });
  }

  /** Types a line. */
  type(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  interrupt(): void {
    this.#child.kill("SIGINT");
  }

  /** Resolves with what a pattern finds in its output. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.stdout);
      if (found !== null) return found;
      if (this.#child.exitCode !== null) throw new Error(`It ended: ${this.stdout}${this.stderr}`);
      await Promise.race([once(this.#child.stdout, "data"), this.exitCode]);
    }
  }
}
