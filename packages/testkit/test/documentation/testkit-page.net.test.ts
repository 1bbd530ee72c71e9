// docs/testkit.md: its examples are what runs, and its tables leave nothing out.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startHubServer } from "@throughline/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { FAULT_FIELDS } from "../../src/scenario/fault-fields.js";
import { parseScenario } from "../../src/scenario/index.js";
import { STEPS } from "../../src/scenario/take-step.js";
import { TestkitProcess } from "../cli/testkit-process.js";

const read = (path: string) => readFileSync(fileURLToPath(new URL(path, import.meta.url)), "utf8");
const page = read("../../../../docs/testkit.md");
const readme = read("../../README.md");

/** The blocks of a language. */
function blocks(text: string, language: string): readonly string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(
    ([, block = ""]) => block,
  );
}

/** A command line as a shell reads it, as far as quotes go. */
function wordsOf(command: string): readonly string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
}

describe("docs/testkit.md", () => {
  it("shows the test file that runs", () => {
    expect(blocks(page, "ts")[0]).toBe(read("./my-server.net.test.ts"));
  });

  it("shows a scenario that can be read, as the README does", () => {
    for (const text of [page, readme]) {
      const [scenario = ""] = blocks(text, "text");
      expect(parseScenario(scenario).steps.length).toBeGreaterThan(2);
    }
  });

  it("names every fault with its fields, and every line", () => {
    for (const [kind, fields] of Object.entries(FAULT_FIELDS)) {
      expect(page).toContain(`\`${kind}\``);
      for (const field of Object.keys(fields)) expect(page).toContain(field);
    }
    for (const word of STEPS.keys()) expect(page).toMatch(new RegExp(`^\\| \`${word}\\b`, "m"));
  });

  const commands = [page, readme].flatMap((text) =>
    blocks(text, "sh")
      .join("\n")
      .split("\n")
      .filter((line) => line.includes("npx throughline-testkit")),
  );

  it.each([...new Set(commands)])("shows a command that does what it says: %s", async (line) => {
    const hub = await startHubServer();
    onTestFinished(() => hub.close());
    const [input, command = line] = line.startsWith("echo ") ? line.split(" | ") : ["", line];
    const here = command.replaceAll("127.0.0.1:8080", `127.0.0.1:${hub.upstream.port}`);
    const [, , ...argv] = wordsOf(here);
    const program = new TestkitProcess(...argv);
    if (input !== "") program.type(input?.replace("echo ", "") ?? "");
    expect(await program.exitCode, program.stdout + program.stderr).toBe(0);
  });

  it("has commands to show", () => {
    expect(commands.length).toBeGreaterThan(5);
  });
});
