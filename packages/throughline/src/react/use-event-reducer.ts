// A stream, reduced to a state.

import { useEffect, useReducer, useRef } from "react";
import type { ConnectionSnapshot } from "../client/index.js";
import type { FrameBatch } from "./frame-batch.js";
import { createFrameBatch } from "./frame-batch.js";
import type { EventHandler, UseEventSourceOptions } from "./options.js";
import type { Source } from "./source.js";
import { useSource } from "./use-source.js";

/** Options of {@link useEventReducer}. */
export interface UseEventReducerOptions extends UseEventSourceOptions {
  /** The types of the events that are reduced. Default `["message"]`. */
  readonly types?: readonly string[] | undefined;
}

/** What {@link useEventReducer} returns. */
export interface EventReducerHandle<S> {
  /** All events so far, reduced. */
  readonly state: S;
  /** State, reason, gaps and disruptions. The component renders when it changes. */
  readonly connection: ConnectionSnapshot;
  /** Starts a new attempt now, also out of `failed`. Always the same function. */
  readonly reconnect: () => void;
}

export const UNNAMED = ["message"] as const;

/** A state and the source that it was made from. */
interface Model<S> {
  readonly source: Source;
  readonly state: S;
}

type Action<S> =
  | { readonly kind: "begin"; readonly model: Model<S> }
  | {
      readonly kind: "apply";
      readonly source: Source;
      readonly events: readonly MessageEvent<string>[];
    };

/**
 * Reduces the events of a stream to a state.
 *
 * Each event is applied exactly once and in the order of the stream. The events of one animation
 * frame come in one rendering; none waits longer than 100 ms, and in a hidden page none waits at
 * all. The state begins anew, in the same rendering, when `url` or `withCredentials` changes.
 *
 * `reducer` follows the rules of React's `useReducer`: it must be pure, for React may call it twice
 * for one event and drop one of the results; it may be another function in each rendering; and what
 * it throws is thrown from the rendering. Handlers among the options are called as the events come,
 * before the state has taken them in. The connection is as `useEventSource` has it.
 *
 * @param initialState the state to begin with, or a function that makes it
 */
export function useEventReducer<S>(
  url: string | URL | null | undefined,
  reducer: (state: S, event: MessageEvent<string>) => S,
  initialState: S | (() => S),
  { types = UNNAMED, ...options }: UseEventReducerOptions = {},
): EventReducerHandle<S> {
  const batch = useRef<FrameBatch<MessageEvent<string>>>(undefined);
  const collect = (event: MessageEvent<string>) => batch.current?.push(event);
  const events = collectFirst(collect, types, options.events);
  const { source, connection, reconnect } = useSource(url, { ...options, events });

  const [held, dispatch] = useReducer(
    (before: Model<S>, action: Action<S>): Model<S> => {
      if (action.kind === "begin") return action.model;
      // Events of a source that has been replaced since.
      if (action.source !== before.source) return before;
      return { ...before, state: action.events.reduce(reducer, before.state) };
    },
    { source, state: initialState },
    begin,
  );
  let model: Model<S> = held;
  if (held.source !== source) {
    model = begin({ source, state: initialState });
    dispatch({ kind: "begin", model });
  }

  useEffect(() => {
    const opened = createFrameBatch<MessageEvent<string>>((collected) =>
      dispatch({ kind: "apply", source, events: collected }),
    );
    batch.current = opened;
    // The source will go on after the last event it has told, so none may be left behind.
    return () => opened.flush();
  }, [source]);
  return { state: model.state, connection, reconnect };
}

function begin<S>({ source, state }: { source: Source; state: S | (() => S) }): Model<S> {
  return { source, state: typeof state === "function" ? (state as () => S)() : state };
}

/** Handlers that collect the events of `types`, and then do what `handlers` has for their type. */
export function collectFirst(
  collect: EventHandler,
  types: readonly string[],
  handlers: Readonly<Record<string, EventHandler>> = {},
): Readonly<Record<string, EventHandler>> {
  const collecting = types.map((type): [string, EventHandler] => [
    type,
    (event) => {
      collect(event);
      handlers[type]?.(event);
    },
  ]);
  return { ...handlers, ...Object.fromEntries(collecting) };
}
