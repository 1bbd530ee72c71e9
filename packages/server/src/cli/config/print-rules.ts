// The routes that are in force, as sections of a file that can be used again.

import { stringify } from "yaml";
import type { GatewayRules } from "./gateway-file.js";

/**
 * The sections as YAML, with nothing left to a preset or a default. Whoever reads them back chooses the
 * preset `none`.
 */
export function printRules({ identity, check, routes }: GatewayRules): string {
  const sections = {
    identity,
    check: check ?? "none",
    routes: routes.map(({ query, upstream, ...route }) => ({
      ...route,
      query: query ?? "all",
      upstream: {
        ...upstream,
        silenceMs: Number.isFinite(upstream.silenceMs) ? upstream.silenceMs : "never",
      },
    })),
  };
  // What two routes have in common would become an anchor, and files with aliases are not read.
  return stringify(sections, { aliasDuplicateObjects: false });
}
