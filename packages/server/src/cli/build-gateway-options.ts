// The gateway that a configuration asks for.

import type { GatewayOptions } from "../gateway/index.js";
import { buildCors } from "./build-cors.js";
import type { HubParts } from "./build-hub-options.js";
import type { GatewayRules } from "./config/gateway-file.js";
import type { GatewayConfig } from "./config/gateway-settings.js";
import { UsageError } from "./config/usage-error.js";

/**
 * Names match, but for what the gateway groups.
 *
 * @throws UsageError where there is no backend, or half of what is said of other origins is missing
 */
export function buildGatewayOptions(
  config: GatewayConfig,
  rules: GatewayRules,
  parts: HubParts,
): GatewayOptions {
  const { maxUpstreams, maxConnections, forwardedHeader } = config;
  const trustedProxies = config.trustedProxies?.split(",");
  return {
    ...parts,
    ...rules,
    upstream: upstreamOf(config),
    ...{ maxUpstreams, maxConnections, trustedProxies, forwardedHeader },
    cors: buildCors(config),
  };
}

/** @throws UsageError where nobody said it */
export function upstreamOf({ upstream }: GatewayConfig): string {
  if (upstream === undefined) {
    throw new UsageError(
      'Setting "upstream": expected where the backend is, for example ' +
        "--upstream http://127.0.0.1:5000; got nothing.",
    );
  }
  if (URL.canParse(upstream)) return new URL(upstream).origin;
  throw new UsageError(
    `Setting "upstream": expected an origin such as http://127.0.0.1:5000; got ` +
      `${JSON.stringify(upstream)}.`,
  );
}
