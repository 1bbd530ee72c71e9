// Plays something until it has been measured: again when it could not be played, and again when the machine stood
// still meanwhile, whatever had come out.

import type { CampaignTools } from "./campaign-tools.js";
import type { RunFailure, RunResult } from "./result.js";

/** A browser may crash under a run, and another one under the next; what fails three times has a reason. */
const MOST_FAILURES = 3;

/** Where the machine is always busy, the second one stands as it is: a run of everything has to come to an end. */
const MOST_SPOILED = 1;

/** Something that can be measured as often as one likes. */
export interface Measurement {
  /** How it is called, where it fails. */
  readonly where: Omit<RunFailure, "message">;
  /** The one client whose page it depends on; any where it is not one. */
  readonly client?: string;
  play(): Promise<readonly RunResult[]>;
}

/** Measures once, and says how it went. */
export async function measureOnce(
  { where, client, play }: Measurement,
  { pool, sink, progress, witness, signal }: CampaignTools,
): Promise<void> {
  let failures = 0;
  for (let spoiled = 0; ; ) {
    const beganMs = performance.now();
    try {
      const results = await play();
      if (pool.hasLostBrowserSince(beganMs)) throw new Error("A browser has crashed meanwhile.");
      if (witness.hasSpoiledSince(beganMs, client) && spoiled < MOST_SPOILED && !signal.aborted) {
        spoiled += 1;
        sink.spoiled();
        continue;
      }
      for (const result of results) sink.result(result);
      return;
    } catch (error) {
      failures += 1;
      const message = error instanceof Error ? error.message : String(error);
      progress.say(`${where.fault} ${where.client} ${where.path}: ${message}`);
      if (failures < MOST_FAILURES && !signal.aborted) continue;
      sink.failure({ ...where, message });
      return;
    }
  }
}
