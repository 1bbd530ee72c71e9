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
import type { Listener, ListenOptions, RemoveOptions, SourceEvents } from "./listener-types.js";
import { NativeSource } from "./native-source.js";
import type { ResolvedOptions } from "./options.js";
import { resolveOptions } from "./options.js";
import type { Watched } from "./source-watcher.js";
import { WATCHER } from "./source-watcher.js";
import type {
  CloseOptions,
  ConnectionChannel,
  EventSourceOptions,
  GapNotice,
  Place,
  TransportName,
} from "./types.js";

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 2;

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
  #place: Place | undefined;
  /** The id that the event has which is being dispatched: its handler may close this, and has had it. */
  #dispatchedId: string | undefined;
  readonly #onopen = new HandlerSlot<Event>(this, "open");
  readonly #onmessage = new HandlerSlot<MessageEvent>(this, "message");
  readonly #onerror = new HandlerSlot<Event>(this, "error");
  /** Every type that anybody has listened to: a native source has to be told each by name. */
  readonly #types = new Set<string>(["message"]);
  #leaveFlag: (() => void) | undefined;
  /** What the application was told last. */
  #told: "open" | "error" | undefined;
  readonly #abort = () => this.close();
  #native: NativeSource | undefined;
  #gap: GapNotice | undefined;

  constructor(url: string | URL, init: EventSourceOptions = {}) {
    super();
    // biome-ignore lint/complexity/noArguments: "none" and "undefined" are different here, and a rest parameter would change the constructor's length.
    requireArgument(arguments.length);
    init = (globalThis as Watched)[WATCHER]?.(this, url, init) ?? init;
    this.#options = resolveOptions(init);
    this.#environment = createEnvironment(init);
    this.#url = parseUrl(url, this.#environment.baseUrl);
    this.#channel = new Channel(() => this.#facts(), this.#environment);
    const { signal, ...rest } = this.#options;
    this.#driver = new Driver({ ...rest, url: this.#url }, this.#environment, {
      onOpen: () => this.#tell("open"),
      onError: () => this.#tell("error"),
      onEvent: (event, origin) => this.#dispatch(event, origin),
      onGap: (gap) => this.#onGap(gap),
      onChange: () => this.#onChange(),
      mayConnect: () => this.#mayConnect(),
      readyToRead: () => undefined,
    });
    const lastEventId = this.#beginPlace();
    // Not as the option, which would say that the server knows its cursors as a parameter.
    if (lastEventId) this.#driver.moveTo(lastEventId);
    signal?.addEventListener("abort", this.#abort);
    const { transport } = this.#options;
    if (typeof transport === "function") {
      this.#leaveFlag = transport.subscribe?.(() => this.#flip());
    }
    if (signal?.aborted) this.close();
    else if (this.#wanted() === "native") this.#openNative();
    else this.#driver.start();
  }

  get url(): string {
    return this.#url;
  }

  get withCredentials(): boolean {
    return this.#options.credentials === "include";
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
    if (this.#facts().state === "failed") this.#beginPlace();
    if (this.#native === undefined) this.#driver.reconnect();
    else this.#leaveNative();
  }

  /**
   * Closes for good. No event follows, not even one that has already arrived. With the option
   * `continuity` the next source for this URL goes on here, unless it is told to `forget`.
   */
  close({ forget = false }: CloseOptions = {}): void {
    this.#place?.leave(forget);
    this.#driver.close();
    if (this.#native === undefined) return;
    this.#driver.moveTo(this.lastEventId);
    this.#native.close();
    this.#native = undefined;
    this.#onChange();
  }

  override addEventListener<K extends keyof SourceEvents>(
    type: K,
    listener: (this: globalThis.EventSource, event: SourceEvents[K]) => unknown,
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

  override removeEventListener<K extends keyof SourceEvents>(
    type: K,
    listener: (this: globalThis.EventSource, event: SourceEvents[K]) => unknown,
    options?: RemoveOptions,
  ): void;
  override removeEventListener(
    type: string,
    listener: (this: globalThis.EventSource, event: MessageEvent) => unknown,
    options?: RemoveOptions,
  ): void;
  override removeEventListener(type: string, listener: Listener, options?: RemoveOptions): void;
  override removeEventListener(
    type: string,
    listener: Listener | ((this: globalThis.EventSource, event: MessageEvent) => unknown),
    options?: RemoveOptions,
  ): void {
    super.removeEventListener(type, listener as Listener, options);
  }

  #tell(type: "open" | "error"): void {
    const { quiet } = this.#options;
    const needsHelp = this.readyState === CLOSED;
    if (quiet && (type === "error" ? !needsHelp : this.#told === "open")) return;
    this.#told = type;
    this.dispatchEvent(new Event(type));
  }

  #dispatch({ type, data, lastEventId }: ParsedEvent, origin: string): void {
    this.#dispatchedId = lastEventId;
    this.dispatchEvent(new MessageEvent(type, { data, lastEventId, origin }));
    this.#dispatchedId = undefined;
  }

  #onGap(gap: Gap): void {
    const notice = { ...gap, atMs: this.#environment.epochMs() };
    this.#gap = notice;
    this.#channel.changed();
    callSafely(() => this.#options.onGap?.(notice));
  }

  #onChange(): void {
    const { state, reason } = this.#facts();
    // Who replaces a source that is closed need not close it. After a complete one, all begin anew.
    if (readyStateOf(state) === CLOSED) this.#place?.leave(reason === "complete");
    if (state === "closed") {
      this.#leaveFlag?.();
      this.#options.signal?.removeEventListener("abort", this.#abort);
    }
    this.#channel.changed();
  }

  /** Begins where a source before this one was left, if there was one. */
  #beginPlace(): string | undefined {
    const read = () => this.#dispatchedId ?? this.lastEventId;
    this.#place = this.#options.continuity?.begin(this.#url, this.withCredentials, read);
    return this.#place?.lastEventId;
  }

  #facts(): ChannelFacts {
    const facts = { ...this.#driver.facts, gap: this.#gap };
    if (this.#native === undefined) return { ...facts, transport: "throughline" };
    return { ...facts, ...this.#native.facts, transport: "native", isDegraded: false };
  }

  // ---- the flag ---------------------------------------------------------------------------------

  #wanted(): TransportName {
    const { transport, body, method = "get" } = this.#options;
    if (body !== undefined || method.toLowerCase() !== "get") return "throughline";
    return available(typeof transport === "function" ? transport() : transport, this.#environment);
  }

  #mayConnect(): boolean {
    if (this.#wanted() === "throughline") return true;
    this.#driver.park();
    this.#openNative();
    return false;
  }

  /** The flag has changed, and open connections are to change with it. */
  #flip(): void {
    const isNative = this.#native !== undefined;
    if (this.readyState === CLOSED || isNative === (this.#wanted() === "native")) return;
    if (isNative) this.#leaveNative();
    else {
      this.#driver.park();
      this.#openNative();
    }
  }

  #openNative(): void {
    const { nativeEventSource } = this.#environment;
    if (nativeEventSource === undefined) return;
    const { limits } = this.#options;
    const { lastEventId, isOurs } = this.#driver;
    const { withCredentials } = this;
    const options = { url: this.#url, withCredentials, lastEventId, isOurs, limits };
    this.#native = new NativeSource(
      nativeEventSource,
      { ...options, types: this.#types },
      this.#environment,
      {
        onNativeOpen: () => this.#tell("open"),
        onNativeError: () => this.#onNativeError(),
        onNativeEvent: ({ type, data, lastEventId, origin }) =>
          this.dispatchEvent(new MessageEvent(type, { data, lastEventId, origin })),
        onGap: (gap) => this.#onGap(gap),
        onNativeChange: () => this.#onChange(),
        mayGoOn: () => {
          if (this.#wanted() === "native") return true;
          this.#leaveNative();
          return false;
        },
      },
    );
    this.#channel.changed();
  }

  /** The native source is about to make its next attempt, or has given up: the flag is asked. */
  #onNativeError(): void {
    if (this.readyState === CONNECTING && this.#wanted() === "throughline") this.#leaveNative();
    this.#tell("error");
  }

  #leaveNative(): void {
    this.#driver.moveTo(this.lastEventId, this.#native?.isOurs);
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

function parseUrl(url: string | URL, baseUrl: string | undefined): string {
  try {
    return new URL(url, baseUrl).href;
  } catch {
    // The standard's error, in place of the one that the URL parser has.
    throw new DOMException(`Cannot open an EventSource to "${url}": no valid URL`, "SyntaxError");
  }
}
