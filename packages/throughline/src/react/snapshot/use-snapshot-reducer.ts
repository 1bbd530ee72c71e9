// A stream reduced to a state that can also be loaded as a whole.

import { useContext, useEffect, useInsertionEffect, useReducer, useRef } from "react";
import { createFrameBatch } from "../frame-batch.js";
import { ScopeContext } from "../provider.js";
import type { Source } from "../source.js";
import type { EventReducerHandle, UseEventReducerOptions } from "../use-event-reducer.js";
import { collectFirst, UNNAMED } from "../use-event-reducer.js";
import { useSource } from "../use-source.js";
import type { Behind } from "./catch-up.js";
import { AT_START, CatchUp } from "./catch-up.js";
import type { Snapshot, SnapshotRequest } from "./snapshot.js";

/** Options of {@link useSnapshotReducer}. */
export interface UseSnapshotReducerOptions<S> extends UseEventReducerOptions {
  /**
   * Loads the whole state. Called after each gap, within 300 ms of it, and again after a failure: at
   * most once a second, and more and more seldom, down to every 30 s. A call that takes longer than
   * 30 s has failed. May be another function in each rendering.
   */
  readonly loadSnapshot: (request: SnapshotRequest) => Promise<Snapshot<S>>;
  /** Load the first state, too, as soon as the stream is open. Default `false`. */
  readonly startsWithSnapshot?: boolean | undefined;
}

/** What {@link useSnapshotReducer} returns. */
export interface SnapshotReducerHandle<S> extends EventReducerHandle<S> {
  /** Present while the state lacks events: a snapshot is wanted and has not come yet. */
  readonly behind: Behind | undefined;
}

interface Model<S> {
  readonly source: Source;
  readonly state: S;
  readonly behind: Behind | undefined;
}

type Events = readonly MessageEvent<string>[];

type Action<S> =
  | { readonly kind: "begin"; readonly model: Model<S> }
  | { readonly kind: "apply"; readonly source: Source; readonly events: Events }
  | {
      readonly kind: "replace";
      readonly source: Source;
      readonly state: S;
      readonly events: Events;
    }
  | { readonly kind: "behind"; readonly source: Source; readonly behind: Behind | undefined };

/**
 * Reduces the events of a stream to a state, and loads that state anew where events are missing.
 *
 * It is `useEventReducer` with a way out of gaps. On a gap the place in the stream is taken, the
 * snapshot is loaded, and the state becomes the snapshot with every event after that place applied to
 * it. Meanwhile the former state goes on taking in events, and `behind` says that it lacks some. So
 * nothing is lost; and nothing is applied twice where the snapshot names its own place
 * (`lastEventId`), or where the reducer can bear an event twice. A snapshot whose cursor is older than
 * the place in the stream, or of another epoch, is refused, and loaded again. When the component goes,
 * loading is aborted; when React only puts it aside (`Activity`), it is begun again on its return.
 *
 * @param initialState the state until the first snapshot, or a function that makes it
 */
export function useSnapshotReducer<S>(
  url: string | URL | null | undefined,
  reducer: (state: S, event: MessageEvent<string>) => S,
  initialState: S | (() => S),
  {
    types = UNNAMED,
    loadSnapshot,
    startsWithSnapshot = false,
    ...options
  }: UseSnapshotReducerOptions<S>,
): SnapshotReducerHandle<S> {
  const scope = useContext(ScopeContext);
  const takes = useRef<Takes>(undefined);
  const events = collectFirst((event) => takes.current?.onEvent(event), types, options.events);
  const { source, connection, reconnect } = useSource(url, {
    ...options,
    events,
    onOpen: (event) => {
      takes.current?.onOpen();
      options.onOpen?.(event);
    },
    onGap: (gap) => {
      takes.current?.onGap();
      const { onGap = scope.options().onGap } = options;
      onGap?.(gap);
    },
  });
  const newestLoad = useRef(loadSnapshot);
  useInsertionEffect(() => {
    newestLoad.current = loadSnapshot;
  });

  const begin = (): Model<S> => ({
    source,
    state: typeof initialState === "function" ? (initialState as () => S)() : initialState,
    behind: startsWithSnapshot ? AT_START : undefined,
  });
  const [held, dispatch] = useReducer(
    (before: Model<S>, action: Action<S>): Model<S> => {
      if (action.kind === "begin") return action.model;
      // Of a source that has been replaced since.
      if (action.source !== before.source) return before;
      if (action.kind === "behind") return { ...before, behind: action.behind };
      const from = action.kind === "replace" ? action.state : before.state;
      return { ...before, state: action.events.reduce(reducer, from) };
    },
    undefined,
    begin,
  );
  let model: Model<S> = held;
  if (held.source !== source) {
    model = begin();
    dispatch({ kind: "begin", model });
  }

  const behindOf = useRef<{ readonly source: Source; readonly behind: Behind | undefined }>(
    undefined,
  );
  const startsBehind = useRef(startsWithSnapshot);
  useInsertionEffect(() => {
    startsBehind.current = startsWithSnapshot;
  });
  useEffect(() => {
    const batch = createFrameBatch<MessageEvent<string>>((collected) =>
      dispatch({ kind: "apply", source, events: collected }),
    );
    const known = behindOf.current;
    const fresh = startsBehind.current ? AT_START : undefined;
    const catchUp = new CatchUp<S>(
      {
        lastEventId: () => source.lastEventId,
        load: (request) => newestLoad.current(request),
        replace: (state, collected) => {
          // What waits for its frame belongs to the former state.
          batch.flush();
          dispatch({ kind: "replace", source, state, events: collected });
        },
        onChange: (behind) => dispatch({ kind: "behind", source, behind }),
      },
      known?.source === source ? known.behind : fresh,
    );
    takes.current = {
      onEvent: (event) => {
        if (catchUp.take(event)) batch.push(event);
      },
      onOpen: () => catchUp.opened(),
      onGap: () => catchUp.missed(),
    };
    return () => {
      behindOf.current = { source, behind: catchUp.stop() };
      // The source will go on after the last event it has told, so none may be left behind.
      batch.flush();
    };
  }, [source]);
  return { state: model.state, behind: model.behind, connection, reconnect };
}

/** What is told of the stream, while the component is mounted. */
interface Takes {
  onEvent(event: MessageEvent<string>): void;
  onOpen(): void;
  onGap(): void;
}
