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
  /** Each as often as it has been counted in: several components may share a source. */
  const channels: ConnectionChannel[] = [];
  const listeners = new Set<() => void>();
  let summary: ConnectionSummary | undefined;

  function changed(): void {
    summary = undefined;
    for (const listener of [...listeners]) listener();
  }

  return {
    get snapshot() {
      summary ??= summarize([...new Set(channels)].map(({ snapshot }) => snapshot));
      return summary;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    add(channel) {
      const leaveOuter = outer?.add(channel);
      const unsubscribe = channel.subscribe(changed);
      channels.push(channel);
      changed();
      return () => {
        leaveOuter?.();
        unsubscribe();
        channels.splice(channels.indexOf(channel), 1);
        changed();
      };
    },
  };
}
