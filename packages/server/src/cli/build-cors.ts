// Which pages of other origins may ask, as a configuration has it.

import type { CorsOptions } from "../hub/index.js";
import type { FrontConfig } from "./config/server-settings.js";
import { UsageError } from "./config/usage-error.js";

/** @throws UsageError where it says how pages may ask, and not which */
export function buildCors(config: FrontConfig): CorsOptions | undefined {
  const { corsOrigins, corsCredentials: credentials, corsMaxAgeS: maxAgeS } = config;
  if (corsOrigins === undefined) {
    if (!credentials && maxAgeS === undefined) return undefined;
    const idle = credentials ? "corsCredentials" : "corsMaxAgeS";
    throw new UsageError(`Setting "${idle}": expected "corsOrigins" beside it; got none.`);
  }
  const origins = corsOrigins === "*" ? "*" : corsOrigins.split(",");
  return { origins, credentials, maxAgeS };
}
