// What sources below a provider are opened with, and who wins where several have a say.

import type { EventSourceOptions, ThroughlineEventSource } from "../client/index.js";

/** What the hooks need of an event source; `EventSource` of this package has it. */
export interface StreamSource
  extends Pick<ThroughlineEventSource, "connection" | "lastEventId" | "reconnect" | "close"> {
  addEventListener(type: string, listener: (event: Event) => void): void;
  removeEventListener(type: string, listener: (event: Event) => void): void;
}

/** A class that can stand in for this package's `EventSource` below a provider. */
export type EventSourceClass = new (url: string, init: EventSourceOptions) => StreamSource;

/** Options for every source below a provider. */
export interface ThroughlineOptions extends EventSourceOptions {
  /** Makes the sources, for instance what `defineEventSource` returns. Default: `EventSource`. */
  readonly EventSource?: EventSourceClass | undefined;
}

/** A function that takes one event of a stream. */
export type EventHandler = (event: MessageEvent<string>) => void;

/** Options of `useEventSource`. */
export interface UseEventSourceOptions extends EventSourceOptions {
  /** The stream is open; called again after each reconnect. */
  readonly onOpen?: ((event: Event) => void) | undefined;
  /** An event without a type of its own. */
  readonly onMessage?: EventHandler | undefined;
  /** Something went wrong; `connection` says what, and whether for good. */
  readonly onError?: ((event: Event) => void) | undefined;
  /** Handlers for events by their type. Only the types named here are listened to. */
  readonly events?: Readonly<Record<string, EventHandler>> | undefined;
}

/**
 * What a source is opened with, such that the functions among the options are always the newest: a
 * `fetch` or `headers` that closes over a token, or a `transport` that closes over a flag, is a new
 * function in every rendering. `onGap` is left out; the source's channel tells of gaps.
 */
export function resolveInit(
  { EventSource: _EventSource, onGap: _onGap, ...init }: ThroughlineOptions,
  newest: () => ThroughlineOptions,
): EventSourceOptions {
  // An option that nobody gave stays absent, so that a class with defaults of its own keeps them.
  return Object.fromEntries(
    Object.entries(init).map(([name, value]) => [
      name,
      typeof value === "function" ? followNewest(name as keyof typeof init, value, newest) : value,
    ]),
  );
}

type AnyFunction = (...args: never[]) => unknown;

function followNewest(
  name: keyof ThroughlineOptions,
  first: AnyFunction,
  newest: () => ThroughlineOptions,
): AnyFunction {
  const follow: AnyFunction = (...args) => {
    const wanted: unknown = newest()[name] ?? first;
    // What may be a function or a value may have become a value since.
    return typeof wanted === "function" ? wanted(...args) : wanted;
  };
  // What a function has beside itself, such as a way to subscribe to it, stays that of the first.
  return Object.assign(follow, first);
}
