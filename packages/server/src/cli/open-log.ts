// The log that a configuration asks for.

import type { EventLog } from "../log/event-log.js";
import { createMemoryLog } from "../log/memory-log.js";
import type { ServeConfig } from "./config/serve-settings.js";

/** Opens it. Rejects with a StreamError where the settings contradict each other. */
export async function openLog(config: ServeConfig): Promise<EventLog> {
  const { maxEvents, maxBytes, maxTotalBytes, maxAgeMs, maxStreams } = config;
  return createMemoryLog({ maxEvents, maxBytes, maxTotalBytes, maxAgeMs, maxStreams });
}
