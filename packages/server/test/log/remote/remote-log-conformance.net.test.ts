import { createMemoryLog } from "@throughline/server/log";
import { logConformance } from "@throughline/testkit";
import { describe, it } from "vitest";
import { connectLog } from "./connected.js";

const cases = logConformance({
  usesGivenClock: true,
  createLog: async ({ now, onListenerError }) => {
    const log = createMemoryLog({ now });
    const { remote, near } = await connectLog(log, { onListenerError });
    const dispose = async () => {
      await remote.close();
      near.destroy();
      await log.close();
    };
    return { log: remote, dispose };
  },
});

describe("the memory log of another process, as every log", () => {
  for (const { name, run } of cases) it(name, run);
});
