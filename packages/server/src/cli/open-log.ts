// The log that a configuration asks for.

import type { HubErrorListener } from "../hub/index.js";
import type { EventLog } from "../log/event-log.js";
import { createEmbeddedLog, createMemoryLog, type LossListener } from "../log/index.js";
import type { StreamName } from "../log/stream-name.js";
import type { StoreConfig } from "./config/server-settings.js";

/** Who is told of what goes wrong in a log beside its calls. */
export interface LogListeners {
  /** Told what goes wrong in a tail. */
  readonly onError: HubErrorListener;
  readonly onLost: LossListener;
}

/**
 * Opens it.
 *
 * @throws StreamError where settings contradict each other, or the directory cannot be used
 */
export async function openLog(
  config: StoreConfig,
  { onError, onLost }: LogListeners,
): Promise<EventLog> {
  const { maxEvents, maxBytes, maxTotalBytes, maxAgeMs, maxStreams } = config;
  const onListenerError = (error: unknown, stream: StreamName) =>
    onError(error, { operation: "deliver", stream });
  const limits = { maxEvents, maxBytes, maxTotalBytes, maxAgeMs, maxStreams, onListenerError };
  if (config.log === "memory") return createMemoryLog(limits);
  const { dataDir: directory, acknowledge } = config;
  return await createEmbeddedLog({ ...limits, directory, acknowledge, onLost });
}
