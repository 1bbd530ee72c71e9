import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type Repository, rules } from "./tidy-rules.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** For each rule a file that breaks it. What must not stand here as such is put together. */
const violations: Readonly<Record<keyof typeof rules, readonly [path: string, text: string]>> = {
  "no file is longer than 500 lines": ["docs/long.md", "line\n".repeat(501)],
  "files and folders are named in kebab-case": ["scripts/someThing.mjs", ""],
  "nothing is exported by default, except configuration": ["a.ts", "export default 1;"],
  "exports are listed by name": ["a.ts", 'export * from "./b.js";'],
  "nothing is marked as unfinished": ["a.md", "TO" + "DO: later"],
  "no test is left out": ["a.test.ts", "it.on" + 'ly("works", () => {});'],
  "a test that depends on its surroundings says why": [
    "a.test.ts",
    "\nit.skip" + 'If(isWindows)("works", () => {});',
  ],
  "no path of somebody's machine": ["README.md", "see /ho" + "me/me/notes.md"],
  "no address of a package registry": ["a.json", "https://registry" + ".npmjs.org/x"],
  "the lock file installs on every platform, from any registry": [
    "package-lock.json",
    '{"packages":{"node_modules/a":{"optionalDependencies":{"a-for-plan9":"1.0.0"}}}}',
  ],
  "a decision is one page": ["docs/decisions/0001-long.md", "line\n".repeat(61)],
  "a command in a document exists": ["README.md", "Run `npm run no-such-script`."],
  "a script of package.json runs a file that exists": ["a.ts", ""],
  "a link in a document leads to a file": ["docs/a.md", "[the other](./b.md)"],
  "each part of a package imports only what lies below it": [
    "packages/throughline/src/core/a.ts",
    'import {\n  EventSource,\n} from "../client/index.js";',
  ],
};

describe("the repository", () => {
  const repository = readRepository();

  it.each(Object.entries(rules))("obeys the rule: %s", (_name, rule) => {
    expect(rule(repository)).toEqual([]);
  });
});

describe("a rule", () => {
  it.each(Object.entries(violations))("notices a violation: %s", (name, violation) => {
    const planted = { files: new Map([violation]), scripts: { lost: "node scripts/lost.mjs" } };
    expect(rules[name as keyof typeof rules](planted)).toHaveLength(1);
  });

  it("lets a lock file without addresses pass, and refuses one with them", () => {
    const rule = rules["the lock file installs on every platform, from any registry"];
    const lock = (resolved: string) =>
      rule({
        files: new Map([["package-lock.json", JSON.stringify({ packages: { a: { resolved } } })]]),
        scripts: {},
      });
    expect(lock("packages/server")).toEqual([]);
    expect(lock("https://example.org/a.tgz")).toHaveLength(1);
  });

  it.each([
    ["packages/throughline/src/client/a.ts", 'import "node:fs";'],
    ["packages/throughline/src/publish/a.ts", 'import "../client/index.js";'],
    ["packages/throughline/src/core/a.ts", 'import type { A } from "throughline";'],
    ["packages/throughline/src/react/a.ts", 'export { B } from "@throughline/server";'],
    ["packages/server/src/log/a.ts", 'import { createHub } from "../hub/index.js";'],
    ["packages/server/src/hub/a.ts", 'const kit = await import("@throughline/testkit");'],
  ])("notices an import against the direction in %s: %s", (path, text) => {
    const rule = rules["each part of a package imports only what lies below it"];
    expect(rule({ files: new Map([[path, text]]), scripts: {} })).toHaveLength(1);
  });
});

/** The files that git knows or would add, as they are in the working tree. */
function readRepository(): Repository {
  const listed = execFileSync("git", ["ls-files", "-z", "-co", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  const files = listed
    .split("\0")
    .filter((path) => path !== "" && existsSync(join(root, path)))
    .map((path) => [path, readFileSync(join(root, path), "utf8")] as const)
    .filter(([, text]) => !text.includes("\0"));
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  return { files: new Map(files), scripts };
}
