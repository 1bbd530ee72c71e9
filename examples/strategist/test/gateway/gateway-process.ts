// The command `throughline gateway`, as a process of its own that can be killed and started again.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(
  new URL("./dist/cli/main.js", import.meta.resolve("@throughline/server/package.json")),
);

/** On an embedded log in a folder of its own, which goes with it. */
export class GatewayProcess {
  readonly #folder: string;
  readonly #argv: readonly string[];
  #child: ChildProcess | undefined;
  #port = 0;
  /** The last of what it said. */
  output = "";

  private constructor(folder: string, argv: readonly string[]) {
    this.#folder = folder;
    this.#argv = argv;
  }

  /** @param config what stands in its file */
  static async start(upstream: string, config: object): Promise<GatewayProcess> {
    const folder = await mkdtemp(join(tmpdir(), "strategist-gateway-"));
    const file = join(folder, "gateway.json");
    await writeFile(file, JSON.stringify(config));
    const place = ["--upstream", upstream, "--config", file, "--data-dir", join(folder, "data")];
    const gateway = new GatewayProcess(folder, [main, "gateway", ...place]);
    await gateway.restart();
    return gateway;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Starts it on the port that it had. */
  async restart(): Promise<void> {
    const argv = [...this.#argv, "--port", String(this.#port)];
    const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    const ended = once(child, "exit");
    const listening = new Promise<number>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          this.output = `${this.output}${text}`.slice(-20_000);
          const port = /"event":"listening".*?"url":"http:\/\/[^:]+:(\d+)/.exec(text)?.[1];
          if (port !== undefined) resolve(Number(port));
        });
      }
    });
    const failed = ended.then(() => Promise.reject(new Error(`It ended:\n${this.output}`)));
    failed.catch(() => {});
    this.#port = await Promise.race([listening, failed]);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
