// One thread of `npm run sim`: runs its share of the seeds, and says every now and then how far it is.

import { parentPort, workerData } from "node:worker_threads";
import { runSeeds, type SeedRange } from "./run-seeds.js";

/** Schedules between two messages. */
const ROUND = 25;

const { firstSeed, runs, step = 1, ...rest } = workerData as SeedRange;
for (let done = 0; done < runs; done += ROUND) {
  const round = Math.min(ROUND, runs - done);
  const range = { ...rest, firstSeed: firstSeed + done * step, runs: round, step };
  parentPort?.postMessage(await runSeeds(range));
}
