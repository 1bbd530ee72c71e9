// The hub that a configuration asks for.

import type { CorsOptions, HubErrorListener, HubObserver, HubOptions } from "../hub/index.js";
import type { EventLog } from "../log/event-log.js";
import { buildAuthorizer } from "./build-authorizer.js";
import type { ServeConfig } from "./config/serve-settings.js";

/** What the hub is put together with. */
export interface HubParts {
  readonly log: EventLog;
  readonly observer: HubObserver;
  readonly onError: HubErrorListener;
}

/**
 * Names match, but for what the hub groups. What is left out is the hub's own default.
 *
 * @throws UsageError where what is said of tokens cannot be used
 */
export function buildHubOptions(config: ServeConfig, parts: HubParts): HubOptions {
  const { basePath, heartbeatMs, heartbeatType, leaseMs } = config;
  const { maxConnections, maxConnectionsPerAddress, maxConnectionsPerIdentity } = config;
  const { maxConnectionAgeMs, maxQueuedBytes } = config;
  const { maxEventBytes, maxBatchEvents, maxBodyBytes } = config;
  const pulse = { intervalMs: config.pulseIntervalMs, deadlineMs: config.pulseDeadlineMs };
  return {
    ...parts,
    ...{ basePath, pulse, heartbeatMs, heartbeatType, leaseMs },
    ...{ maxConnections, maxConnectionsPerAddress, maxConnectionsPerIdentity },
    ...{ maxConnectionAgeMs, maxQueuedBytes, maxEventBytes, maxBatchEvents, maxBodyBytes },
    trustedProxies: config.trustedProxies?.split(","),
    cors: buildCors(config),
    authorize: buildAuthorizer(config),
  };
}

function buildCors({ corsOrigins, corsCredentials }: ServeConfig): CorsOptions | undefined {
  if (corsOrigins === undefined) return undefined;
  const origins = corsOrigins === "*" ? "*" : corsOrigins.split(",");
  return { origins, credentials: corsCredentials };
}
