// What a preset is.

import type { CheckRules, IdentityRules } from "../options.js";
import type { GatewayRoute } from "../route.js";

/** All that a gateway is told of one application. */
export interface GatewayPreset {
  readonly identity: IdentityRules;
  readonly check: CheckRules;
  readonly routes: readonly GatewayRoute[];
}
