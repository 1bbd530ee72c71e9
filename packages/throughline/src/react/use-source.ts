// A component's source: held across renderings, replaced when it asks for another stream.

import {
  useContext,
  useEffect,
  useInsertionEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import type { ConnectionSnapshot } from "../client/index.js";
import { IDLE_SNAPSHOT } from "./connection-summary.js";
import type { UseEventSourceOptions } from "./options.js";
import { ScopeContext } from "./provider.js";
import { Source } from "./source.js";

/** A component's source, as of one rendering. */
export interface SourceView {
  readonly source: Source;
  readonly connection: ConnectionSnapshot;
  /** Always the same function. */
  readonly reconnect: () => void;
}

/** Keeps one source open while the component is mounted. */
export function useSource(
  url: string | URL | null | undefined,
  options: UseEventSourceOptions,
): SourceView {
  const scope = useContext(ScopeContext);
  const request = {
    url: url === null || url === undefined ? "" : String(url),
    withCredentials: options.withCredentials,
  };
  const [held, hold] = useState(() => new Source(request, scope));
  let source = held;
  if (
    held.request.url !== request.url ||
    held.request.withCredentials !== request.withCredentials
  ) {
    // Replaced while rendering, so that nothing of the former stream is shown for the new one.
    source = new Source(request, scope);
    hold(source);
  }
  const newest = useRef(source);
  useInsertionEffect(() => {
    source.follow(options);
    newest.current = source;
  });
  useEffect(() => source.open(), [source]);
  const connection = useSyncExternalStore(source.subscribe, source.snapshot, idle);

  const [reconnect] = useState(() => () => newest.current.reconnect());
  return { source, connection, reconnect };
}

function idle(): ConnectionSnapshot {
  return IDLE_SNAPSHOT;
}
