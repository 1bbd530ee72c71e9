import { createEmbeddedLog } from "@throughline/server/log";
import { logConformance } from "@throughline/testkit";
import { describe, it } from "vitest";
import { makeDirectory } from "./temporary-directory.js";

describe.each(["durable", "written"] as const)("the embedded log, %s, as every log", (mode) => {
  const cases = logConformance({
    usesGivenClock: true,
    createLog: async (setup) => {
      const { path, remove } = makeDirectory();
      const log = await createEmbeddedLog({ directory: path, acknowledge: mode, ...setup });
      const dispose = async () => {
        await log.close();
        remove();
      };
      return { log, dispose };
    },
  });

  for (const { name, run } of cases) it(name, run);
});
