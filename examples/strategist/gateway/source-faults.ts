// What can be done to the back end, and to the link between it and the gateway.

import { setTimeout as delay } from "node:timers/promises";
import type { Backend } from "../backend/launcher/start-backend.js";
import type { FaultPlans } from "../server/fault-control.js";
import { type LinkSwitch, linkFaults } from "../server/link-faults.js";

/** How long a supervisor takes to notice that the back end is gone. */
const NOTICED_AFTER_MS = 1500;

/** With that, and until its workers answer again. */
const EXPECTED_MS = 4500;

/** Builds the faults of what fills the feed. After `signal` a back end that is gone stays so. */
export function sourceFaults(
  backend: Pick<Backend, "kill" | "restart">,
  link: LinkSwitch,
  signal: AbortSignal,
): FaultPlans {
  const { reset, freeze, unavailable } = linkFaults(link);
  return {
    kill: {
      durationMs: EXPECTED_MS,
      begin: async () => {
        try {
          await backend.kill("SIGKILL");
          await delay(NOTICED_AFTER_MS, undefined, { signal });
          await backend.restart();
        } catch (error) {
          // It was ended in the middle of its start, or before.
          if (!signal.aborted) throw error;
        }
      },
    },
    reset,
    freeze,
    unavailable,
  };
}
