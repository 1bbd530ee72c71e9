// The log that a configuration asks for.

import type { HubErrorListener } from "../hub/index.js";
import type { EventLog } from "../log/event-log.js";
import { createEmbeddedLog, createMemoryLog } from "../log/index.js";
import type { StreamName } from "../log/stream-name.js";
import type { StoreConfig } from "./config/server-settings.js";

/**
 * Opens it.
 *
 * @param onError is told what goes wrong in a tail
 * @throws StreamError where settings contradict each other, or the directory cannot be used
 */
export async function openLog(config: StoreConfig, onError: HubErrorListener): Promise<EventLog> {
  const { maxEvents, maxBytes, maxTotalBytes, maxAgeMs, maxStreams } = config;
  const onListenerError = (error: unknown, stream: StreamName) =>
    onError(error, { operation: "deliver", stream });
  const limits = { maxEvents, maxBytes, maxTotalBytes, maxAgeMs, maxStreams, onListenerError };
  if (config.log === "memory") return createMemoryLog(limits);
  const { dataDir: directory, acknowledge } = config;
  return await createEmbeddedLog({ ...limits, directory, acknowledge });
}
