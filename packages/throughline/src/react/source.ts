// One request of one component. Making it does nothing, so that a rendering can make it and be thrown
// away; it is opened by an effect, and can be opened again.

import { callSafely } from "../client/call-safely.js";
import { withDefaults } from "../client/define.js";
import type { ConnectionSnapshot, GapNotice } from "../client/index.js";
import { ThroughlineEventSource } from "../client/index.js";
import { IDLE_SNAPSHOT } from "./connection-summary.js";
import type { StreamSource, ThroughlineOptions, UseEventSourceOptions } from "./options.js";
import { resolveInit } from "./options.js";
import type { Scope } from "./provider.js";

/** What defines a request: when one of these changes, another source takes its place. */
export interface SourceRequest {
  /** Empty for no connection. */
  readonly url: string;
  /** As the component gave it; `undefined` leaves it to the provider. */
  readonly withCredentials: boolean | undefined;
}

/** Types that have handlers of their own. */
const ALWAYS_HEARD = ["open", "message", "error"];

/** A source of a component: idle until it is opened. */
export class Source {
  readonly request: SourceRequest;
  readonly #scope: Scope;
  readonly #listeners = new Set<() => void>();
  /** As of the newest rendering that React has kept. */
  #options: UseEventSourceOptions = {};
  /** The newest; it may have been closed. */
  #source: StreamSource | undefined;
  /** Present while the source is open. */
  #release: (() => void) | undefined;
  #gap: GapNotice | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(request: SourceRequest, scope: Scope) {
    this.request = request;
    this.#scope = scope;
  }

  /** What the last event that came in was called; on opening again the stream goes on after it. */
  get lastEventId(): string {
    return this.#source?.lastEventId ?? "";
  }

  /** Takes over the options of a rendering: new handlers, and the event types that they are for. */
  follow(options: UseEventSourceOptions): void {
    this.#options = options;
    this.#listenToTypes();
  }

  /**
   * Opens the connection, unless it is closed again before the present task is over: StrictMode
   * mounts every component twice in one go, and a component that leaves at once needs no request.
   *
   * @returns a function that closes the connection
   */
  open(): () => void {
    let isWanted = this.request.url !== "";
    queueMicrotask(() => {
      if (isWanted) this.#connect();
    });
    return () => {
      isWanted = false;
      this.#disconnect();
    };
  }

  reconnect(): void {
    this.#source?.reconnect();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** @throws what the source's class threw when it was asked to connect */
  readonly snapshot = (): ConnectionSnapshot => {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#source === undefined || this.#release === undefined) return IDLE_SNAPSHOT;
    return this.#source.connection.snapshot;
  };

  #connect(): void {
    const options = this.#newestOptions();
    const EventSource = options.EventSource ?? ThroughlineEventSource;
    const init = resolveInit(options, () => this.#newestOptions());
    const { lastEventId } = this;
    let source: StreamSource;
    this.#failure = undefined;
    try {
      source = new EventSource(
        this.request.url,
        lastEventId === "" ? init : { ...init, lastEventId },
      );
    } catch (error) {
      // Nobody could catch it here; thrown from the rendering, it reaches an error boundary.
      this.#failure = { error };
      this.#notify();
      return;
    }
    const unsubscribe = source.connection.subscribe((snapshot) => this.#onChange(snapshot));
    const leave = this.#scope.registry?.add(source.connection);
    this.#source = source;
    // A source that is shared may have told of a gap before this component came.
    this.#gap = source.connection.gap;
    this.#release = () => {
      leave?.();
      unsubscribe();
    };
    this.#listenToTypes();
    this.#notify();
  }

  #disconnect(): void {
    this.#release?.();
    this.#release = undefined;
    this.#source?.close();
  }

  #newestOptions(): ThroughlineOptions {
    return withDefaults<ThroughlineOptions>(this.#options, this.#scope.options());
  }

  #listenToTypes(): void {
    // To listen twice with the same function is to listen once; where a type has lost its handler,
    // nobody is called.
    for (const type of [...ALWAYS_HEARD, ...Object.keys(this.#options.events ?? {})]) {
      this.#source?.addEventListener(type, this.#receive);
    }
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #onChange({ gap }: ConnectionSnapshot): void {
    this.#notify();
    if (gap === undefined || gap === this.#gap) return;
    this.#gap = gap;
    this.#newestOptions().onGap?.(gap);
  }

  readonly #receive = (event: Event): void => {
    const { onOpen, onError, onMessage, events } = this.#options;
    const { type } = event;
    if (event instanceof MessageEvent) {
      if (type === "message") callSafely(() => onMessage?.(event));
      callSafely(() => events?.[type]?.(event));
      return;
    }
    // Events of the stream may be called "open" or "error" too: those are for `events` alone.
    if (type === "open") callSafely(() => onOpen?.(event));
    if (type === "error") callSafely(() => onError?.(event));
  };
}
