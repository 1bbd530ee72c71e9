import { createMemoryLog } from "@throughline/server/log";
import { logConformance } from "@throughline/testkit";
import { describe, it } from "vitest";

const cases = logConformance({
  usesGivenClock: true,
  createLog: async (setup) => {
    const log = createMemoryLog(setup);
    return { log, dispose: () => log.close() };
  },
});

describe("the memory log, as every log", () => {
  for (const { name, run } of cases) it(name, run);
});
