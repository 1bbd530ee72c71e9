// The DOM's types of listeners, written anew: a Node project has no lib.dom, and a declaration that
// named its types would mean `any` there, without a word.

/** The events that an EventSource has by itself, as lib.dom's `EventSourceEventMap`. */
export interface SourceEvents {
  readonly error: Event;
  readonly message: MessageEvent;
  readonly open: Event;
}

/** lib.dom's `EventListenerOrEventListenerObject`, or nobody. */
export type Listener = ((event: Event) => void) | { handleEvent(event: Event): void } | null;

/** lib.dom's `EventListenerOptions`, or its one member. */
export type RemoveOptions = boolean | { capture?: boolean };

/** lib.dom's `AddEventListenerOptions`, or its first member. */
export type ListenOptions =
  | boolean
  | { capture?: boolean; once?: boolean; passive?: boolean; signal?: AbortSignal };
