// The other hubs, as the hub of a worker reaches them: through the primary.

import type { HubPeers, LimitUse } from "../../hub/index.js";
import type { Asking } from "./questions.js";

/**
 * For so long, in milliseconds, it is gathered which places are taken and given back before the others are
 * told: by as many as come to them meanwhile a limit may be exceeded.
 */
const PLACES_MS = 10;

/**
 * The same for rates, which are told with every publish else. What is let in too early is owed afterwards, so
 * that a rate holds for any longer time.
 */
const RATES_MS = 250;

/** @param tell takes what this worker has let in, and what has been given back */
export function createWorkerPeers(
  asking: Asking,
  tell: (uses: readonly LimitUse[]) => void,
): HubPeers {
  const countPlaces = gather(PLACES_MS, tell);
  const countRates = gather(RATES_MS, tell);
  return {
    renewLease: async (hubId, renewal) =>
      (await asking.ask("lease", { hubId, renewal })) ?? { kind: "unknown-hub" },
    count: (use) => (use.what === "places" ? countPlaces(use) : countRates(use)),
  };
}

/** Adds up what comes within a time, and passes it on together. */
function gather(
  withinMs: number,
  tell: (uses: readonly LimitUse[]) => void,
): (use: LimitUse) => void {
  let gathered = new Map<string, LimitUse>();
  const flush = () => {
    const uses = [...gathered.values()].filter(({ count }) => count !== 0);
    gathered = new Map();
    if (uses.length > 0) tell(uses);
  };
  return (use) => {
    if (gathered.size === 0) setTimeout(flush, withinMs).unref();
    const name = `${use.what} ${use.key}`;
    const count = use.count + (gathered.get(name)?.count ?? 0);
    gathered.set(name, { ...use, count });
  };
}
