// The drop-in: `EventSource` as the HTML standard has it (§9.2), over a connection that heals itself.

import type { Gap, ParsedEvent } from "../core/index.js";
import { PATH_FIRST_MS, readyStateOf } from "../core/index.js";
import { callSafely } from "./call-safely.js";
import type { ChannelFacts } from "./channel.js";
import { Channel } from "./channel.js";
import { Driver } from "./driver.js";
import type { Environment } from "./environment.js";
import { available, createEnvironment } from "./environment.js";
import type { Handler } from "./event-handler.js";
import { HandlerSlot } from "./event-handler.js";
import type { NativeSource } from "./native-source.js";
import { openNative } from "./native-source.js";
import type { ResolvedOptions } from "./options.js";
import { resolveOptions } from "./options.js";
import { withCursor } from "./resume-request.js";
import type { ConnectionChannel, EventSourceOptions, GapNotice, TransportName } from "./types.js";

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 2;

type Listener = EventListenerOrEventListenerObject | null;
type ListenOptions = boolean | AddEventListenerOptions;

/**
 * An `EventSource` that loses nothing, repeats nothing and heals by itself.
 *
 * It has the interface and the behaviour of the standard's, with the deviations that
 * `docs/deviations.md` lists; the one that matters: temporary HTTP errors, and any HTTP error on a
 * reconnect, are retried and not final. Beyond the standard it has {@link connection},
 * {@link lastEventId}, {@link reconnectionTime} and {@link reconnect}.
 *
 * Guarantees towards a Throughline server: every event of the stream is dispatched exactly once and
 * in order, across any number of connections, or `onGap` says which are missing before any later one
 * is dispatched. Towards any other server: as much of that as its ids allow.
 *
 * @throws DOMException `SyntaxError` for a URL that cannot be parsed, as in the standard
 * @throws StreamError `invalid-option` for an option that makes no sense
 */
export class ThroughlineEventSource extends EventTarget {
  static readonly CONNECTING = CONNECTING;
  static readonly OPEN = OPEN;
  static readonly CLOSED = CLOSED;

  readonly CONNECTING = CONNECTING;
  readonly OPEN = OPEN;
  readonly CLOSED = CLOSED;

  readonly #url: string;
  readonly #options: ResolvedOptions;
  readonly #environment: Environment;
  readonly #driver: Driver;
  readonly #channel: Channel;
  readonly #onopen = new HandlerSlot<Event>(this, "open");
  readonly #onmessage = new HandlerSlot<MessageEvent>(this, "message");
  readonly #onerror = new HandlerSlot<Event>(this, "error");
  /** Every type that anybody has listened to: a native source has to be told each by name. */
  readonly #types = new Set<string>(["message"]);
  #native: NativeSource | undefined;
  #gap: GapNotice | undefined;

  constructor(url: string | URL, init: EventSourceOptions = {}) {
    super();
    // biome-ignore lint/complexity/noArguments: "none" and "undefined" are different here, and a rest parameter would change the constructor's length.
    requireArgument(arguments.length);
    this.#options = resolveOptions(init);
    this.#environment = createEnvironment(init);
    this.#url = parseUrl(url, this.#environment.baseUrl);
    this.#channel = new Channel(() => this.#facts(), this.#environment);
    const { withCredentials, onGap: _onGap, ...rest } = this.#options;
    this.#driver = new Driver(
      { ...rest, url: this.#url, credentials: withCredentials ? "include" : "same-origin" },
      this.#environment,
      {
        onOpen: () => this.dispatchEvent(new Event("open")),
        onError: () => this.dispatchEvent(new Event("error")),
        onEvent: (event, origin) => this.#dispatch(event, origin),
        onGap: (gap) => this.#onGap(gap),
        onChange: () => this.#channel.changed(),
        mayConnect: () => this.#mayConnect(),
        readyToRead: () => undefined,
      },
    );
    if (this.#wanted() === "native") this.#openNative();
    else this.#driver.start();
  }

  get url(): string {
    return this.#url;
  }

  get withCredentials(): boolean {
    return this.#options.withCredentials;
  }

  /** 0 connecting, 1 open, 2 closed. What lies between stands in {@link connection}. */
  get readyState(): number {
    return readyStateOf(this.#facts().state);
  }

  get onopen(): Handler<Event> {
    return this.#onopen.value;
  }
  set onopen(handler: Handler<Event>) {
    this.#onopen.value = handler;
  }

  get onmessage(): Handler<MessageEvent> {
    return this.#onmessage.value;
  }
  set onmessage(handler: Handler<MessageEvent>) {
    this.#onmessage.value = handler;
  }

  get onerror(): Handler<Event> {
    return this.#onerror.value;
  }
  set onerror(handler: Handler<Event>) {
    this.#onerror.value = handler;
  }

  /** State, reason, gaps and the history of disruptions. */
  get connection(): ConnectionChannel {
    return this.#channel;
  }

  /** What a reconnect will show: the id of the last event that was dispatched. */
  get lastEventId(): string {
    return this.#native?.lastEventId || this.#driver.lastEventId;
  }

  /** The wait after a clean end in milliseconds, as set by the server; 300 unless it has. */
  get reconnectionTime(): number {
    return this.#driver.retryMs ?? PATH_FIRST_MS;
  }

  /**
   * Starts a new attempt now, also out of `failed`; an open connection is given up for it. It keeps
   * a second's distance from the attempt before. After {@link close}, and after the server said that
   * the stream is complete, it does nothing.
   */
  reconnect(): void {
    if (this.#native === undefined) this.#driver.reconnect();
    else this.#leaveNative();
  }

  /** Closes for good. No event follows, not even one that has already arrived. */
  close(): void {
    this.#driver.close();
    if (this.#native === undefined) return;
    this.#driver.moveTo(this.lastEventId);
    this.#native.close();
    this.#native = undefined;
    this.#channel.changed();
  }

  override addEventListener<K extends keyof EventSourceEventMap>(
    type: K,
    listener: (this: globalThis.EventSource, event: EventSourceEventMap[K]) => unknown,
    options?: ListenOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: (this: globalThis.EventSource, event: MessageEvent) => unknown,
    options?: ListenOptions,
  ): void;
  override addEventListener(type: string, listener: Listener, options?: ListenOptions): void;
  override addEventListener(
    type: string,
    listener: Listener | ((this: globalThis.EventSource, event: MessageEvent) => unknown),
    options?: ListenOptions,
  ): void {
    this.#types.add(type);
    this.#native?.listenTo(type);
    super.addEventListener(type, listener as Listener, options);
  }

  override removeEventListener<K extends keyof EventSourceEventMap>(
    type: K,
    listener: (this: globalThis.EventSource, event: EventSourceEventMap[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(
    type: string,
    listener: (this: globalThis.EventSource, event: MessageEvent) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(
    type: string,
    listener: Listener,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(
    type: string,
    listener: Listener | ((this: globalThis.EventSource, event: MessageEvent) => unknown),
    options?: boolean | EventListenerOptions,
  ): void {
    super.removeEventListener(type, listener as Listener, options);
  }

  #dispatch({ type, data, lastEventId }: ParsedEvent, origin: string): void {
    this.dispatchEvent(new MessageEvent(type, { data, lastEventId, origin }));
  }

  #onGap(gap: Gap): void {
    const notice = { ...gap, atMs: this.#environment.epochMs() };
    this.#gap = notice;
    this.#channel.changed();
    callSafely(() => this.#options.onGap?.(notice));
  }

  #facts(): ChannelFacts {
    const facts = { ...this.#driver.facts, gap: this.#gap };
    if (this.#native === undefined) return { ...facts, transport: "throughline" };
    const native = nativeState(this.#native.readyState);
    return { ...facts, ...native, transport: "native", attempts: 0, dueMs: undefined };
  }

  // ---- the flag ---------------------------------------------------------------------------------

  #wanted(): TransportName {
    const { transport } = this.#options;
    return available(typeof transport === "function" ? transport() : transport, this.#environment);
  }

  #mayConnect(): boolean {
    if (this.#wanted() === "throughline") return true;
    this.#driver.park();
    this.#openNative();
    return false;
  }

  #openNative(): void {
    const { nativeEventSource } = this.#environment;
    if (nativeEventSource === undefined) return;
    const { lastEventId } = this.#driver;
    const url = lastEventId === "" ? this.#url : withCursor(this.#url, lastEventId);
    this.#native = openNative(nativeEventSource, url, this.withCredentials, this.#types, {
      onNativeOpen: () => {
        this.#channel.changed();
        this.dispatchEvent(new Event("open"));
      },
      onNativeError: () => this.#onNativeError(),
      onNativeEvent: ({ type, data, lastEventId, origin }) =>
        this.dispatchEvent(new MessageEvent(type, { data, lastEventId, origin })),
      onGap: (gap) => this.#onGap(gap),
    });
    this.#channel.changed();
  }

  /** The native source is about to make its next attempt, or has given up: the flag is asked. */
  #onNativeError(): void {
    if (this.#native?.readyState === CONNECTING && this.#wanted() === "throughline") {
      this.#leaveNative();
    }
    this.#channel.changed();
    this.dispatchEvent(new Event("error"));
  }

  #leaveNative(): void {
    this.#driver.moveTo(this.lastEventId);
    this.#native?.close();
    this.#native = undefined;
    if (this.#wanted() === "native") this.#openNative();
    else this.#driver.start();
  }
}

// What Web IDL asks of an interface and a class declaration does not give by itself.
for (const [name, value] of Object.entries({ CONNECTING, OPEN, CLOSED })) {
  const constant = { value, enumerable: true, writable: false, configurable: false };
  Object.defineProperty(ThroughlineEventSource, name, constant);
  Object.defineProperty(ThroughlineEventSource.prototype, name, constant);
}
for (const name of [
  "url",
  "withCredentials",
  "readyState",
  "onopen",
  "onmessage",
  "onerror",
  "close",
]) {
  Object.defineProperty(ThroughlineEventSource.prototype, name, { enumerable: true });
}
Object.defineProperty(ThroughlineEventSource, "name", { value: "EventSource" });
Object.defineProperty(ThroughlineEventSource.prototype, Symbol.toStringTag, {
  value: "EventSource",
  configurable: true,
});

/** Web IDL's answer to a constructor without arguments; `undefined` is one, and a URL. */
export function requireArgument(count: number): void {
  if (count === 0) throw new TypeError("EventSource: 1 argument required");
}

function nativeState(readyState: number): Pick<ChannelFacts, "state" | "reason"> {
  if (readyState === CONNECTING) return { state: "connecting", reason: "native" };
  return { state: readyState === OPEN ? "live" : "failed", reason: "native" };
}

function parseUrl(url: string | URL, baseUrl: string | undefined): string {
  try {
    return new URL(url, baseUrl).href;
  } catch {
    // The standard's error, in place of the one that the URL parser has.
    throw new DOMException(`Cannot open an EventSource to "${url}": no valid URL`, "SyntaxError");
  }
}
