import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(`./packages/${path}`, import.meta.url));

// Tests run against the sources, so that a failing line is the line that was written; what is
// published is checked by the package-shape checks and by the tests that start real processes.
const alias = [
  { find: /^throughline\/core$/, replacement: source("throughline/src/core/index.ts") },
  { find: /^throughline\/continuity$/, replacement: source("throughline/src/continuity/index.ts") },
  { find: /^throughline\/publish$/, replacement: source("throughline/src/publish/index.ts") },
  { find: /^throughline\/node$/, replacement: source("throughline/src/node/index.ts") },
  {
    find: /^throughline\/react\/(history|query|shared|snapshot)$/,
    replacement: source("throughline/src/react/$1/index.ts"),
  },
  {
    find: /^throughline\/devtools\/panel$/,
    replacement: source("throughline/src/devtools/panel/index.ts"),
  },
  { find: /^throughline\/devtools$/, replacement: source("throughline/src/devtools/index.ts") },
  { find: /^throughline\/roll-out$/, replacement: source("throughline/src/roll-out/index.ts") },
  { find: /^throughline\/react$/, replacement: source("throughline/src/react/index.ts") },
  { find: /^throughline\/tabs$/, replacement: source("throughline/src/tabs/index.ts") },
  { find: /^throughline$/, replacement: source("throughline/src/client/index.ts") },
  { find: /^@throughline\/server\/log$/, replacement: source("server/src/log/index.ts") },
  { find: /^@throughline\/server\/hub$/, replacement: source("server/src/hub/index.ts") },
  { find: /^@throughline\/server\/gateway$/, replacement: source("server/src/gateway/index.ts") },
  { find: /^@throughline\/server\/auth$/, replacement: source("server/src/auth/index.ts") },
  { find: /^@throughline\/server\/gateway$/, replacement: source("server/src/gateway/index.ts") },
  {
    find: /^@throughline\/server\/operations$/,
    replacement: source("server/src/operations/index.ts"),
  },
  { find: /^@throughline\/server$/, replacement: source("server/src/index.ts") },
  { find: /^@throughline\/browsers$/, replacement: source("browsers/src/index.ts") },
  {
    find: /^@throughline\/example-strategist\/backend$/,
    replacement: fileURLToPath(
      new URL("./examples/strategist/backend/launcher/index.ts", import.meta.url),
    ),
  },
  { find: /^@throughline\/testkit$/, replacement: source("testkit/src/index.ts") },
];

/** React 18 and what the tests use of it, where `scripts/runtimes.mjs` has put it. */
const react18 = fileURLToPath(
  new URL("./.generated/runtimes/react-18/node_modules", import.meta.url),
);

const network = "**/*.net.test.{ts,tsx}";
const browser = "**/*.browser.test.{ts,tsx}";
/** What waits for a disk, and so for as long as the disk takes. */
const disk = "**/log/embedded/**";

export default defineConfig({
  resolve: { alias },
  test: {
    projects: [
      suite("unit", "**/*.test.{ts,tsx}", { exclude: [network, browser], timeoutMs: 10_000 }),
      // The part of them for in between, which has to stay under a minute.
      suite("quick", "**/*.test.{ts,tsx}", {
        exclude: [network, browser, disk],
        timeoutMs: 10_000,
        // Half of the time is a process of its own for each file. All together have that.
        isolate: false,
      }),
      suite("network", network, { timeoutMs: 60_000 }),
      // Only a machine that has it can run it; `npm test` installs it where it can.
      ...(existsSync(react18) ? [react18Suite()] : []),
      // One browser at a time: several would compete for the cores and blur every measured time.
      suite("browser", browser, { timeoutMs: 60_000, fileParallelism: false }),
    ],
    coverage: {
      provider: "v8",
      include: ["packages/throughline/src/core/**/*.ts"],
      reporter: [["text", { skipFull: true }]],
      thresholds: { lines: 100, branches: 100, functions: 100, statements: 100 },
    },
  },
});

/** The tests of the hooks once more, with the older React that they are offered for. */
function react18Suite(): TestProjectInlineConfiguration {
  const find = /^(react|react-dom|@testing-library\/react|@tanstack\/react-query)($|\/)/;
  const project = suite("react-18", "react/*.test.{ts,tsx}", {
    exclude: [browser],
    timeoutMs: 10_000,
  });
  return { ...project, resolve: { alias: [{ find, replacement: `${react18}/$1$2` }] } };
}

interface SuiteOptions {
  readonly exclude?: readonly string[];
  readonly timeoutMs: number;
  readonly fileParallelism?: boolean;
  readonly isolate?: boolean;
}

/** The tests of all packages and examples whose file name matches `pattern`. */
function suite(
  name: string,
  pattern: string,
  { exclude = [], timeoutMs, fileParallelism = true, isolate = true }: SuiteOptions,
): TestProjectInlineConfiguration {
  return {
    extends: true,
    test: {
      name,
      include: [`packages/*/test/${pattern}`, `examples/*/test/${pattern}`],
      exclude: ["**/node_modules/**", "**/dist/**", ...exclude],
      testTimeout: timeoutMs,
      hookTimeout: 60_000,
      fileParallelism,
      isolate,
    },
  };
}
