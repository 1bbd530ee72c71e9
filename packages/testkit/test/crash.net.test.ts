import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/** Compiled, because the process that is killed is started by Node itself. */
const PROGRAM = fileURLToPath(new URL("../dist/crash/main.js", import.meta.url));

describe("an embedded log whose process is killed while it publishes", () => {
  it.each([
    ["durable", "15"],
    ["accepted", "10"],
  ])("has all that it promised as %s, once and in order, %s times", async (mode, runs) => {
    const options = ["--runs", runs, "--acknowledge", mode, "--seed", `${Date.now() % 1_000_000}`];
    const program = spawn(process.execPath, [PROGRAM, ...options], { stdio: "pipe" });
    let said = "";
    for (const output of [program.stdout, program.stderr]) {
      output.setEncoding("utf8").on("data", (text) => {
        said += text;
      });
    }
    const [code] = await once(program, "close");
    expect(said).toMatch(new RegExp(`^${runs} kills .* 0 promises broken\\n$`));
    expect(code).toBe(0);
  });
});
