// The compiler keeps `core` pure. That it really does is shown by compiling what must not pass, with
// the settings that `core` itself is compiled with.

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "throughline-pure-core-"));

const impure = [
  ["a timer", "setTimeout(() => {}, 1);"],
  ["a microtask of the host", "queueMicrotask(() => {});"],
  ["the network", 'fetch("https://example.org/");'],
  ["the console", 'console.log("hello");'],
  ["the clock", "Date.now();"],
  ["a date", "new Date();"],
  ["another clock", "performance.now();"],
  ["randomness", "Math.random();"],
  ["more randomness", "crypto.randomUUID();"],
  ["the process", "process.exit();"],
  ["the page", 'document.title = "x";'],
  ["a decoder of the host", "new TextDecoder();"],
  ["an abort signal", "new AbortController();"],
  ["the global object's timers", "globalThis.setInterval(() => {}, 1);"],
  ["the client, which lies above it", 'import("../client/clock.js");'],
] as const;

const pure = `
  /** Everything of the language itself is there. */
  export async function sum(numbers: ReadonlyMap<string, number>): Promise<number> {
    const date: Date | undefined = undefined;
    return Math.max(...numbers.values(), JSON.stringify(date)?.length ?? 0);
  }
`;

/** What the compiler says, by the file it says it about. */
let complaints: ReadonlyMap<string, readonly string[]>;

beforeAll(async () => {
  await run(process.execPath, [join(root, "scripts/pure-lib.mjs")]);
  write("package.json", JSON.stringify({ type: "module" }));
  write("client/clock.ts", "export const clock = 1;\n");
  write("core/pure.ts", pure);
  for (const [index, [, text]] of impure.entries()) {
    write(`core/${fileOf(index)}`, `export const value = () => {\n${text}\n};\n`);
  }
  write(
    "core/tsconfig.json",
    JSON.stringify({
      extends: join(root, "packages/throughline/src/core/tsconfig.json"),
      compilerOptions: { rootDir: ".", outDir: "../dist", tsBuildInfoFile: "../dist/.tsbuildinfo" },
      files: [join(root, ".generated/pure-lib.d.ts")],
      include: ["."],
    }),
  );
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  complaints = byFile(await run(process.execPath, [tsc, "-p", "core", "--pretty", "false"]));
});

afterAll(() => rmSync(folder, { recursive: true }));

it("lets code pass that uses nothing but the language", () => {
  expect(complaints.get("core/pure.ts")).toBeUndefined();
});

it.each(impure.map(([name, text], index) => [name, text, fileOf(index)]))(
  "refuses %s in core: %s",
  (_name, _text, file) => {
    // Not found, not a value, no such member, or outside of the project.
    const expected = /^TS(2304|2584|2591|2693|2339|7017|6059|6307)$/;
    expect(complaints.get(`core/${file}`)?.[0]).toMatch(expected);
  },
);

function fileOf(index: number): string {
  return `impure-${index}.ts`;
}

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** Runs a program in the folder and resolves with what it wrote, however it ended. */
function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, args, { cwd: folder }, (_error, stdout, stderr) => resolve(stdout + stderr));
  });
}

function byFile(output: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const [, file = "", code = ""] of output.matchAll(/^(\S+)\(\d+,\d+\): error (TS\d+):/gm)) {
    found.set(file, [...(found.get(file) ?? []), code]);
  }
  return found;
}
