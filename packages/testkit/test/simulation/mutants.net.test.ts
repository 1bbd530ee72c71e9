// The planted bugs, on what is compiled: that each is still where it was, and that some are caught.
// `npm run mutants` holds that of all of them.

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { MUTANTS } from "../../src/simulation/mutants/index.js";
import { plantBug } from "../../src/simulation/mutants/mutant.js";

const packages = fileURLToPath(new URL("../../..", import.meta.url));
const program = `${packages}testkit/dist/simulation/mutants/main.js`;

describe("a planted bug", () => {
  it.each(MUTANTS)("is planted in $file: $id", (mutant) => {
    const text = readFileSync(`${packages}${mutant.file}`, "utf8");
    expect(plantBug(text, mutant)).not.toBe(text);
  });

  it("that is not where it was is an error which names it", () => {
    const moved = { id: "moved", file: "a.js", find: "b", replace: "c", story: "" };
    expect(() => plantBug("abba", moved)).toThrow('Mutant "moved": expected its text once in a.js');
    expect(() => plantBug("aa", moved)).toThrow("found it 0 times");
  });

  it("is caught by the simulation, which passes without it", async () => {
    const ids = ["never-gives-up-silence", "shows-no-cursor", "leaves-the-lease-running"];
    const { stdout } = await promisify(execFile)(process.execPath, [
      program,
      ...["--only", ids.join(","), "--runs", "12"],
    ]);
    expect(stdout).toContain("passes 12 schedules");
    expect(stdout).toContain("3 of 3 planted bugs are caught");
  });
});

describe("the list of planted bugs", () => {
  it("has at least twenty, each with a name of its own and a story", () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(20);
    expect(new Set(MUTANTS.map(({ id }) => id)).size).toBe(MUTANTS.length);
    expect(MUTANTS.filter(({ story }) => story.length < 20)).toEqual([]);
  });
});
