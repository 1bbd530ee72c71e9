import { createEmbeddedLog, type EmbeddedLogOptions } from "@throughline/server/log";
import { type ConformanceCase, logConformance } from "@throughline/testkit";
import { makeDirectory } from "./temporary-directory.js";

/** The conformance suite of logs on the embedded one, each case in a directory of its own. */
export function embeddedLogConformance(
  acknowledge: EmbeddedLogOptions["acknowledge"],
): readonly ConformanceCase[] {
  return logConformance({
    usesGivenClock: true,
    createLog: async (setup) => {
      const { path, remove } = makeDirectory();
      const log = await createEmbeddedLog({ directory: path, acknowledge, ...setup });
      const dispose = async () => {
        await log.close();
        remove();
      };
      return { log, dispose };
    },
  });
}
