// The state of one connection, or of all below the provider.

import { useCallback, useContext, useSyncExternalStore } from "react";
import type { ConnectionChannel, ConnectionSnapshot } from "../client/index.js";
import { StreamError } from "../client/index.js";
import type { ConnectionSummary } from "./connection-summary.js";
import { NO_SOURCES } from "./connection-summary.js";
import { ScopeContext } from "./provider.js";

/**
 * All sources below the nearest provider as one: the worst of them, how many there are, and the
 * disruptions of all. The component renders when any of them changes.
 *
 * Worst comes first in: failed, waiting or connecting after a failure, stale, connecting for the
 * first time, paused, idle, live, closed. Only sources that are open now count; without any, the
 * state is `idle`.
 *
 * @throws StreamError `invalid-state` while rendering, where there is no provider
 */
export function useConnectionStatus(): ConnectionSummary;
/** The connection of one source, for instance an `EventSource` made outside of React. */
export function useConnectionStatus(source: {
  readonly connection: ConnectionChannel;
}): ConnectionSnapshot;
export function useConnectionStatus(source?: {
  readonly connection: ConnectionChannel;
}): ConnectionSnapshot {
  const { registry } = useContext(ScopeContext);
  const watched = source?.connection ?? registry;
  if (watched === undefined) {
    throw new StreamError("Expected a <ThroughlineProvider> above, or a source.", {
      code: "invalid-state",
      fault: "local",
    });
  }
  const subscribe = useCallback((listener: () => void) => watched.subscribe(listener), [watched]);
  return useSyncExternalStore(
    subscribe,
    () => watched.snapshot,
    () => NO_SOURCES,
  );
}
