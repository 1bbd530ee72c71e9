// What the browser vendors' test suite asserts, in one browser, on its own class and on the drop-in.

import { readFile } from "node:fs/promises";
import type { BrowserName } from "@throughline/browsers";
import { beforeAll, describe, expect, it } from "vitest";
import { cases } from "./cases/index.js";
import { deviations as allDeviations } from "./expected-deviations.js";
import { type Implementation, implementations } from "./implementations.js";
import { type Outcomes, type Run, runSuite, runs } from "./run-suite.js";
import { suiteFiles } from "./suite-files.js";

/** Runs the suite in a browser, and compares with what is known of it. */
export function describeWebPlatform(browser: BrowserName): void {
  const deviations = allDeviations[browser];
  let outcomes: Outcomes;

  beforeAll(async () => {
    outcomes = await runSuite(browser);
  }, 120_000);

  for (const implementation of implementations) {
    describe(implementation, () => {
      for (const run of runs) {
        const listed = deviations[implementation].find(({ name }) => name === run.testCase.name);
        if (listed === undefined) {
          it(run.title, () => {
            const failure = failureOf(outcomes, implementation, run);
            expect(failure, failure).toBeUndefined();
          });
        } else {
          it(`is listed as deviating, and does: ${run.title}`, () => {
            expect(failureOf(outcomes, implementation, run)).toMatch(listed.message);
          });
        }
      }
    });
  }

  describe("the suite", () => {
    it("finds nothing that the browser passes and the drop-in fails, but what is listed", () => {
      const listed = new Set(deviations["drop-in"].map(({ name }) => name));
      const unlisted = runs.filter(
        (run) =>
          failureOf(outcomes, "native", run) === undefined &&
          failureOf(outcomes, "drop-in", run) !== undefined &&
          !listed.has(run.testCase.name),
      );
      const report = unlisted.map(
        ({ title, testCase }) => `${title}: ${testCase.covers.join(", ")}`,
      );
      expect(report).toEqual([]);
    });

    it("lists no deviation that does not happen", () => {
      const stale = implementations.flatMap((implementation) =>
        deviations[implementation].filter(({ name }) => {
          const listed = runs.filter(({ testCase }) => testCase.name === name);
          const fails = (run: Run) => failureOf(outcomes, implementation, run) !== undefined;
          return listed.length === 0 || !listed.every(fails);
        }),
      );
      expect(stale).toEqual([]);
    });

    it("has every deviation explained in the documentation", async () => {
      const page = new URL("../../../../docs/deviations.md", import.meta.url);
      // As one line: in the page a name may be broken into two.
      const text = (await readFile(page, "utf8")).replace(/\s+/g, " ");
      const names = implementations.flatMap((name) => deviations[name].map(({ name }) => name));
      expect(names.filter((name) => !text.includes(name))).toEqual([]);
    });

    it("covers every test file of web-platform-tests, and names no other", () => {
      const covered = new Set(cases.flatMap(({ covers }) => covers));
      expect([...covered].sort()).toEqual([...suiteFiles].sort());
    });

    it("has a name of its own for every case", () => {
      expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    });
  });
}

function failureOf(
  outcomes: Outcomes,
  implementation: Implementation,
  { title }: Run,
): string | undefined {
  const outcome = outcomes.get(implementation)?.get(title);
  if (outcome === undefined) {
    return "This case was not run.";
  }
  return outcome.passed ? undefined : outcome.message;
}
