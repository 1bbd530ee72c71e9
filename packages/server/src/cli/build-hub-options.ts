// The hub that a configuration asks for.

import type { HubErrorListener, HubObserver, HubOptions } from "../hub/index.js";
import type { EventLog } from "../log/event-log.js";
import type { ServeConfig } from "./config/serve-settings.js";

/** What the hub is put together with. */
export interface HubParts {
  readonly log: EventLog;
  readonly observer: HubObserver;
  readonly onError: HubErrorListener;
}

/** Names match, but for what the hub groups. */
export function buildHubOptions(config: ServeConfig, parts: HubParts): HubOptions {
  const { basePath, heartbeatMs, heartbeatType, leaseMs, maxConnections } = config;
  const { maxEventBytes, maxBatchEvents, maxBodyBytes } = config;
  const pulse = { intervalMs: config.pulseIntervalMs, deadlineMs: config.pulseDeadlineMs };
  return {
    ...parts,
    ...{ basePath, pulse, heartbeatMs, heartbeatType, leaseMs, maxConnections },
    ...{ maxEventBytes, maxBatchEvents, maxBodyBytes },
  };
}
