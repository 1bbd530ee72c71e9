// Whatever a configuration holds, it is read or refused as documented: with a UsageError, or, where fields
// contradict each other, a StreamError.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { StreamError } from "throughline/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resolveRules } from "../../src/cli/config/gateway-file.js";
import { parseFlags } from "../../src/cli/config/parse-flags.js";
import { readConfigFile } from "../../src/cli/config/read-config-file.js";
import { resolveSettings } from "../../src/cli/config/resolve-settings.js";
import { SERVE_SETTINGS } from "../../src/cli/config/serve-settings.js";
import { environmentName, flagName } from "../../src/cli/config/setting-names.js";
import { UsageError } from "../../src/cli/config/usage-error.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "throughline-config-fuzz-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Nothing of `work` is thrown but what is documented. */
function isDocumented(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (error instanceof UsageError || error instanceof StreamError) return;
    throw error;
  }
}

const NAMES = Object.keys(SERVE_SETTINGS);
const name = fc.constantFrom(
  ...NAMES,
  "routes",
  "check",
  "identity",
  "__proto__",
  "constructor",
  "",
);
const value = fc.constantFrom(
  "1",
  "-1",
  "true",
  "~",
  "[]",
  "{}",
  "1e99",
  "0x10",
  "'",
  '"',
  "x",
  "é",
);
const yamlValue = fc.oneof(
  value,
  fc.constantFrom(
    "&a 1",
    "*a",
    "*b",
    "!!binary aGk=",
    "!!set {a}",
    "|\n  x",
    "{<<: *a}",
    "2026-01-01",
  ),
  fc.json({ maxDepth: 2 }),
);
const yamlFile = fc.oneof(
  fc
    .array(fc.tuple(name, yamlValue), { maxLength: 5 })
    .map((entries) => entries.map(([key, worth]) => `${key}: ${worth}\n`).join("")),
  fc.json(),
  fc.string(),
);

/** Files that once mattered, or that other readers of YAML trip over. */
const KEPT = [
  ["an alias", "port: &a 1\nadminPort: *a\n"],
  ["an alias of nothing", "port: *a\n"],
  ["aliases that multiply", `a: &a [x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n`],
  ["an alias of itself", "a: &a [*a]\n"],
  ["two documents", "port: 1\n---\nport: 2\n"],
  ["a key that is a prototype", "__proto__: {port: 1}\n"],
  ["a list", "- port\n"],
  ["nothing", ""],
  ["routes that are none", "routes: [1, null, {name: {}}]\ncheck: 7\nidentity: []\n"],
] as const;

function readFile(text: string): void {
  const path = join(folder, "some.yaml");
  writeFileSync(path, text);
  isDocumented(() => {
    const file = readConfigFile(path);
    isDocumented(() => resolveSettings(SERVE_SETTINGS, { file, environment: {}, flags: {} }));
    isDocumented(() => resolveRules(undefined, file));
  });
}

describe("a configuration of anything", () => {
  it.each(KEPT)("is read, or refused as documented: %s", (_name, text) => {
    expect(() => readFile(text)).not.toThrow();
  });

  it("is read, or refused as documented, from a file", () => {
    fc.assert(fc.property(yamlFile, readFile), { numRuns: 300, seed: 1 });
  });

  it("is read, or refused as documented, from flags and the environment", () => {
    const flag = fc.oneof(
      fc
        .tuple(fc.constantFrom(...NAMES), value)
        .map(([key, worth]) => `--${flagName(key)}=${worth}`),
      fc.constantFrom("--", "-", "--=", "---", "--no-port", "-x"),
      fc.string(),
    );
    const environment = fc.dictionary(fc.constantFrom(...NAMES).map(environmentName), value);
    const anything = fc.property(fc.array(flag, { maxLength: 4 }), environment, (argv, variables) =>
      isDocumented(() => {
        const { flags } = parseFlags(argv, SERVE_SETTINGS, {}, 1);
        resolveSettings(SERVE_SETTINGS, { environment: variables, flags });
      }),
    );
    fc.assert(anything, { numRuns: 500, seed: 1 });
  });
});
