// What every part of a run works with.

import type { ClientPool } from "../clients/client-pool.js";
import type { PathOptions } from "../paths/path.js";
import type { Progress } from "./progress.js";
import type { ResultSink } from "./result.js";
import type { StallWitness } from "./stall-witness.js";

/** The tools of a run. */
export interface CampaignTools {
  readonly pool: ClientPool;
  readonly options: PathOptions;
  readonly sink: ResultSink;
  readonly progress: Progress;
  readonly witness: StallWitness;
  /** When it has fired, nothing new is begun. */
  readonly signal: AbortSignal;
}
