import { AssertionError } from "node:assert";
import { logConformance } from "@throughline/testkit";
import { describe, expect, it } from "vitest";
import { type BrokenLog, createBrokenLog } from "./broken-log.js";
import { BROKEN_LOGS } from "./broken-logs.js";
import { LOGS_WITH_BROKEN_IDS } from "./broken-logs-ids.js";
import { LOGS_WITH_BROKEN_PRODUCERS } from "./broken-logs-producers.js";

const ALL_BROKEN_LOGS = [...BROKEN_LOGS, ...LOGS_WITH_BROKEN_IDS, ...LOGS_WITH_BROKEN_PRODUCERS];

const INTACT: BrokenLog = { fault: "none", caughtBy: "", damage: () => ({}) };

describe("the conformance suite of logs notices when", () => {
  for (const broken of ALL_BROKEN_LOGS) {
    it(broken.fault, async () => {
      const [found] = casesOn(broken).filter(({ name }) => name === broken.caughtBy);
      expect(found, `the suite has no case "${broken.caughtBy}"`).toBeDefined();
      const failure = await found?.run().catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(AssertionError);
    });
  }

  it("nothing is broken, and lets every case pass", async () => {
    const failures: string[] = [];
    for (const { name, run } of casesOn(INTACT)) {
      await run().catch((error: unknown) => failures.push(`${name}: ${String(error)}`));
    }
    expect(failures).toEqual([]);
  });
});

describe("the cases of the suite", () => {
  it("on ids and producers are each shown to be needed, by a log that fails it", () => {
    const caught = new Set(ALL_BROKEN_LOGS.map(({ caughtBy }) => caughtBy));
    const needless = casesOn(INTACT)
      .map(({ name }) => name)
      .filter((name) => /\bids?\b|producer/.test(name) && !caught.has(name));
    expect(needless).toEqual([]);
  });

  it("have names that differ, so that a failing one can be found", () => {
    const names = casesOn(INTACT).map((c) => c.name);
    expect(new Set(names).size).toBe(names.length);
  });
});

function casesOn(broken: BrokenLog) {
  return logConformance({
    usesGivenClock: true,
    // Only a failing case waits so long; nothing in a memory log takes a tenth of it.
    waitMs: 300,
    createLog: async (setup) => {
      const log = createBrokenLog(broken, setup);
      return { log, dispose: () => log.close() };
    },
  });
}
