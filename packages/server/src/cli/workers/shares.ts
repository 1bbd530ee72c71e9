// What of the settings is for all workers together, and cannot be counted together.

import { DEFAULT_MAX_QUEUED_BYTES } from "../../hub/limits/limit-options.js";
import { DEFAULT_HIGH_WATER_BYTES } from "../../hub/options.js";
import type { ServeConfig } from "../config/serve-settings.js";

/** The settings of one worker: what is memory is divided. */
export function shareOfWorker(config: ServeConfig): ServeConfig {
  const { workers, maxQueuedBytes = DEFAULT_MAX_QUEUED_BYTES } = config;
  const { highWaterBytes = DEFAULT_HIGH_WATER_BYTES } = config;
  // What contradicts itself stays so, and is refused like that of a single process.
  if (maxQueuedBytes < highWaterBytes) return config;
  const share = Math.max(Math.ceil(maxQueuedBytes / workers), highWaterBytes);
  return { ...config, maxQueuedBytes: share };
}
