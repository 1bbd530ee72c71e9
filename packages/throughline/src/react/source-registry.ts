// The open sources below a provider.

import type { ConnectionChannel } from "../client/index.js";
import type { ConnectionSummary } from "./connection-summary.js";
import { summarize } from "./connection-summary.js";

/** Knows the open sources below a provider, and sums them up. */
export interface SourceRegistry {
  /** The same object until something changes. */
  readonly snapshot: ConnectionSummary;
  /** Calls `listener` after every change of a source or of their number; returns the way out. */
  subscribe(listener: () => void): () => void;
  /** Counts a source in, here and in every registry around; returns the way out. */
  add(channel: ConnectionChannel): () => void;
}

/** Makes an empty registry. `outer` is that of the next provider up, which counts all of these too. */
export function createSourceRegistry(outer: SourceRegistry | undefined): SourceRegistry {
  const channels = new Set<ConnectionChannel>();
  const listeners = new Set<() => void>();
  let summary: ConnectionSummary | undefined;

  function changed(): void {
    summary = undefined;
    for (const listener of [...listeners]) listener();
  }

  return {
    get snapshot() {
      summary ??= summarize([...channels].map(({ snapshot }) => snapshot));
      return summary;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    add(channel) {
      const leaveOuter = outer?.add(channel);
      const unsubscribe = channel.subscribe(changed);
      channels.add(channel);
      changed();
      return () => {
        leaveOuter?.();
        unsubscribe();
        channels.delete(channel);
        changed();
      };
    },
  };
}
