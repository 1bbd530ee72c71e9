// docs/runtimes.md says which test plays which scenario in a real browser: that each has one, and that it is there.

import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

/** The scenarios that are about browsers. */
const SCENARIOS = [6, 7, 9, 10, 11, 12, 31, 33, 34, 35, 36, 37];

const page = new URL("../../../../docs/runtimes.md", import.meta.url);
const rows = readFileSync(page, "utf8")
  .split("\n")
  .flatMap((line) => {
    const [, scenario, tests = ""] = /^\| (\d+) \|[^|]*\|([^|]*)\|$/.exec(line) ?? [];
    const files = [...tests.matchAll(/\]\(([^)]+)\)/g)].map(([, file = ""]) => file);
    return scenario === undefined ? [] : [{ scenario: Number(scenario), files }];
  });

describe("the table of faults in real browsers", () => {
  it("has all scenarios", () => {
    expect([...new Set(rows.map(({ scenario }) => scenario))]).toEqual(SCENARIOS);
  });

  it.each(rows)("names browser tests for scenario $scenario that are there", ({ files }) => {
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      expect(file).toMatch(/\.browser\.test\.ts$/);
      expect(existsSync(new URL(file, page)), file).toBe(true);
    }
  });
});
