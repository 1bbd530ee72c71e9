// The hub that a configuration asks for.

import type { HubErrorListener, HubObserver, HubOptions, Rate } from "../hub/index.js";
import type { EventLog } from "../log/event-log.js";
import { buildAuthorizer } from "./build-authorizer.js";
import { buildCors } from "./build-cors.js";
import type { ServeConfig } from "./config/serve-settings.js";
import { UsageError } from "./config/usage-error.js";

/** What the hub is put together with. */
export interface HubParts {
  readonly log: EventLog;
  readonly observer: HubObserver;
  readonly onError: HubErrorListener;
}

/**
 * Names match, but for what the hub groups. What is left out is the hub's own default.
 *
 * @throws UsageError where what is said of tokens cannot be used, or half of a rate is missing
 */
export function buildHubOptions(config: ServeConfig, parts: HubParts): HubOptions {
  const { basePath, heartbeatMs, heartbeatType, leaseMs } = config;
  const { maxConnections, maxConnectionsPerAddress, maxConnectionsPerIdentity } = config;
  const { maxConnectionAgeMs, maxQueuedBytes, highWaterBytes, maxTopics } = config;
  const { maxEventBytes, maxBatchEvents, maxBodyBytes } = config;
  const pulse = { intervalMs: config.pulseIntervalMs, deadlineMs: config.pulseDeadlineMs };
  return {
    ...parts,
    ...{ basePath, pulse, heartbeatMs, heartbeatType, leaseMs },
    ...{ maxConnections, maxConnectionsPerAddress, maxConnectionsPerIdentity },
    ...{ maxConnectionAgeMs, maxQueuedBytes, highWaterBytes, maxTopics },
    ...{ maxEventBytes, maxBatchEvents, maxBodyBytes },
    trustedProxies: config.trustedProxies?.split(","),
    forwardedHeader: config.forwardedHeader,
    subscribeRate: buildRate(config, "subscribe"),
    publishRate: buildRate(config, "publish"),
    cors: buildCors(config),
    authorize: buildAuthorizer(config),
  };
}

/** A rate and its burst belong together: the default of one may make no sense beside the other. */
function buildRate(config: ServeConfig, what: "subscribe" | "publish"): Rate | undefined {
  const names = [`${what}PerSecond`, `${what}Burst`] as const;
  const [perSecond, burst] = [config[names[0]], config[names[1]]];
  if (perSecond !== undefined && burst !== undefined) return { perSecond, burst };
  if (perSecond === undefined && burst === undefined) return undefined;
  const [given, missing] = perSecond === undefined ? [names[1], names[0]] : names;
  throw new UsageError(`Setting "${given}": expected "${missing}" beside it; got none.`);
}
