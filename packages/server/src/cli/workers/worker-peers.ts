// The other hubs, as the hub of a worker reaches them: through the primary.

import type { HubPeers, LimitUse } from "../../hub/index.js";
import type { Asking } from "./questions.js";

/**
 * For so long, in milliseconds, what is let in is gathered before the others are told: by as much as
 * comes to them meanwhile a limit may be exceeded.
 */
const GATHER_MS = 10;

/** @param tell takes what this worker has let in, and what has been given back */
export function createWorkerPeers(
  asking: Asking,
  tell: (uses: readonly LimitUse[]) => void,
): HubPeers {
  let gathered = new Map<string, LimitUse>();
  const flush = () => {
    const uses = [...gathered.values()].filter(({ count }) => count !== 0);
    gathered = new Map();
    if (uses.length > 0) tell(uses);
  };
  return {
    renewLease: async (hubId, renewal) =>
      (await asking.ask("lease", { hubId, renewal })) ?? { kind: "unknown-hub" },
    count: (use) => {
      if (gathered.size === 0) setTimeout(flush, GATHER_MS).unref();
      const name = `${use.what} ${use.key}`;
      const count = use.count + (gathered.get(name)?.count ?? 0);
      gathered.set(name, { ...use, count });
    },
  };
}
