// A query of TanStack Query whose data follow a stream.

import type {
  QueryFunction,
  QueryKey,
  UseQueryOptions,
  UseQueryResult,
} from "@tanstack/react-query";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import {
  useContext,
  useEffect,
  useInsertionEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";
import type { ConnectionSnapshot } from "../../client/index.js";
import type { UseEventSourceOptions } from "../options.js";
import { ScopeContext } from "../provider.js";
import { collectFirst, UNNAMED } from "../use-event-reducer.js";
import { useSource } from "../use-source.js";
import { queryStreamOf } from "./query-stream.js";

/**
 * The query: as for `useQuery`, with a query function of its own. A `queryKeyHashFn` belongs among the
 * client's default options, as for `setQueryData`.
 */
export interface StreamQueryOptions<TData, TError, TSelected, TKey extends QueryKey>
  extends Omit<UseQueryOptions<TData, TError, TSelected, TKey>, "queryKeyHashFn"> {
  readonly queryFn: QueryFunction<TData, TKey>;
}

/** The stream that keeps the query's data up to date. */
export interface QueryStreamOptions<TData> extends UseEventSourceOptions {
  /** Without one (`null`, `undefined`, `""`) the query is one like any other. */
  readonly url: string | URL | null | undefined;
  /** The data with one event taken in. It must be pure and must not change `data`. */
  readonly reduce: (data: TData, event: MessageEvent<string>) => TData;
  /** The types of the events that are taken in. Default `["message"]`. */
  readonly types?: readonly string[] | undefined;
  /**
   * The cursor of the last event that data contain: the server sends it along, and `reduce` carries it
   * on (`{ …data, cursor: event.lastEventId }`). With it the stream begins where the data end, and no
   * event is taken in twice. Default: none; the query is then fetched once more when the stream has
   * opened, and `reduce` has to bear an event that the data contain already.
   */
  readonly positionOf?: ((data: TData) => string | undefined) | undefined;
}

/** What {@link useStreamQuery} returns. */
export interface StreamQueryResult<TSelected, TError> {
  /** As of `useQuery`. */
  readonly query: UseQueryResult<TSelected, TError>;
  /** Of the component that reads the stream; `idle` in others that read the same query. */
  readonly connection: ConnectionSnapshot;
  /** Whether the data lack events until the query has been fetched again. */
  readonly isBehind: boolean;
  /** Starts a new attempt now, also out of `failed`. Always the same function. */
  readonly reconnect: () => void;
}

/**
 * A query whose data follow a stream: events are taken in as they come, once per frame, by
 * `setQueryData`; and where events are missing for good, the query is fetched again.
 *
 * The place in the stream is taken before each fetch, whoever asked for it, and all events after that
 * place are put on top of what it brings: nothing in between is lost. Data that are older than the
 * place, by `positionOf`, are refused like an error. After a gap the query is fetched until it
 * succeeds, at first within 300 ms, then at most every second, and more and more seldom down to
 * every 30 s. A server without ids cannot say what was missed: the query is then fetched after each
 * reconnect.
 *
 * All components that read the same `queryKey` by this hook share one connection. A plain `useQuery`
 * of the same key sees the same data; give it no `queryFn` of its own, for what that fetches replaces
 * what the stream has brought.
 */
export function useStreamQuery<
  TData,
  TError = Error,
  TSelected = TData,
  TKey extends QueryKey = QueryKey,
>(
  options: StreamQueryOptions<TData, TError, TSelected, TKey>,
  { url, reduce, types = UNNAMED, positionOf, ...sourceOptions }: QueryStreamOptions<TData>,
): StreamQueryResult<TSelected, TError> {
  const client = useQueryClient();
  const scope = useContext(ScopeContext);
  const { queryKey } = options;
  const { queryHash } = client.defaultQueryOptions({ queryKey });
  // biome-ignore lint/correctness/useExhaustiveDependencies: equal keys are new arrays each time.
  const stream = useMemo(
    () => queryStreamOf<TData>(client, { queryKey, queryHash }),
    [client, queryHash],
  );
  const [member] = useState(() => ({}));
  const isReader = useSyncExternalStore(
    stream.subscribe,
    () => stream.isReader(member),
    () => false,
  );
  const isBehind = useSyncExternalStore(
    stream.subscribe,
    () => stream.isBehind,
    () => false,
  );

  const query = useQuery<TData, TError, TSelected, TKey>({
    ...options,
    queryFn: (context) => stream.fetch(() => options.queryFn(context)),
  });
  // Read here, so that the hook hears of the first data also where the component does not look.
  const hasData = query.data !== undefined;
  const data = hasData ? client.getQueryData<TData>(queryKey) : undefined;
  const isWanted = isReader && (positionOf === undefined || data !== undefined);
  const position = data === undefined ? undefined : positionOf?.(data);
  const address = String(url ?? "");
  const startsAt = stream.cursorOf(address) || position || sourceOptions.lastEventId;
  const { source, connection, reconnect } = useSource(isWanted ? url : null, {
    ...sourceOptions,
    lastEventId: startsAt,
    events: collectFirst((event) => stream.onEvent(event), types, sourceOptions.events),
    onOpen: (event) => {
      stream.opened(source.lastEventId);
      sourceOptions.onOpen?.(event);
    },
    onGap: (gap) => {
      stream.missed();
      const { onGap = scope.options().onGap } = sourceOptions;
      onGap?.(gap);
    },
  });
  useInsertionEffect(() => stream.follow({ reduce, positionOf }));
  useEffect(() => {
    stream.join(member);
    return () => stream.leave(member);
  }, [stream, member]);
  useEffect(() => {
    if (isWanted) stream.read(address, source);
  }, [isWanted, stream, address, source]);
  return { query, connection, isBehind, reconnect };
}
