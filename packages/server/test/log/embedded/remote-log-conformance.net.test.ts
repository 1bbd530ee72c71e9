import { createEmbeddedLog } from "@throughline/server/log";
import { logConformance } from "@throughline/testkit";
import { describe, it } from "vitest";
import { connectLog } from "../remote/connected.js";
import { makeDirectory } from "./temporary-directory.js";

const cases = logConformance({
  usesGivenClock: true,
  createLog: async ({ now, onListenerError }) => {
    const { path, remove } = makeDirectory();
    const log = await createEmbeddedLog({ directory: path, now });
    const { remote, near } = await connectLog(log, { onListenerError });
    const dispose = async () => {
      await remote.close();
      near.destroy();
      await log.close();
      remove();
    };
    return { log: remote, dispose };
  },
});

describe("the embedded log of another process, as every log", () => {
  for (const { name, run } of cases) it(name, run);
});
