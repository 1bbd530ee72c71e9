// The stream as an async iterator: for programs that take one event after the other.

import type { ParsedEvent } from "../core/index.js";
import { StreamError } from "../core/index.js";
import { callSafely } from "./call-safely.js";
import { Channel } from "./channel.js";
import { Driver } from "./driver.js";
import { createEnvironment } from "./environment.js";
import { resolveOptions } from "./options.js";
import type { SourceWatcher, Watched, WatchedSource } from "./source-watcher.js";
import { WATCHER } from "./source-watcher.js";
import type { ConnectionChannel, EventSourceOptions, GapNotice, Place } from "./types.js";

/** One event of a subscription. */
export interface StreamEvent {
  readonly type: string;
  readonly data: string;
  /** Pass it as `lastEventId` to go on after this event. */
  readonly lastEventId: string;
}

/** Options of {@link subscribe}. There is no flag: no native form of this exists. */
export interface SubscribeOptions extends Omit<EventSourceOptions, "transport"> {
  /** Ends the subscription; the iterator is then done. */
  readonly signal?: AbortSignal | undefined;
}

/** A stream of events, and the state of its connection. It can be iterated once. */
export interface Subscription extends AsyncIterableIterator<StreamEvent> {
  readonly connection: ConnectionChannel;
}

/** Events kept for an iterator that is slower than the stream; then the server is slowed down. */
const QUEUED_EVENTS = 64;

/**
 * Subscribes to a stream.
 *
 * Events come once and in order. An iterator that does not keep up slows the server down: besides one
 * chunk of the network at most 64 events are kept. The iterator is done when the stream is complete,
 * the loop is left, or `signal` is aborted. With `continuity` the next subscription goes on after the last event
 * that this one has handed out.
 *
 * @param url absolute, or relative to the page
 * @throws StreamError `http` from the iterator when the connection has failed for good
 */
export function subscribe(url: string | URL, options: SubscribeOptions = {}): Subscription {
  return new StreamReading(url, options);
}

/** Also a {@link WatchedSource}: that is what the devtools see of it. */
class StreamReading implements Subscription, WatchedSource {
  readonly url: string;
  readonly connection: Channel;
  readonly #driver: Driver;
  readonly #watch: SourceWatcher | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #place: Place | undefined;
  readonly #queue: StreamEvent[] = [];
  /** Where the application has read to. */
  #handedOutId: string;
  #gap: GapNotice | undefined;
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void) | undefined;
  readonly #stop = () => this.close();

  constructor(url: string | URL, options: SubscribeOptions) {
    this.#watch = (globalThis as Watched)[WATCHER];
    const init = this.#watch?.(this, url, options) ?? options;
    const environment = createEnvironment(init);
    const resolved = resolveOptions(init);
    this.url = new URL(url, environment.baseUrl).href;
    this.connection = new Channel(
      () => ({ ...this.#driver.facts, gap: this.#gap, transport: "throughline" }),
      environment,
    );
    this.#driver = new Driver({ ...resolved, url: this.url }, environment, {
      onOpen: () => {},
      // What it means stands in the state, which onChange tells.
      onError: () => {},
      onEvent: (event) => this.#keep(event),
      onGap: (missing) => {
        const notice = { ...missing, atMs: environment.epochMs() };
        this.#gap = notice;
        this.connection.changed();
        callSafely(() => resolved.onGap?.(notice));
      },
      onChange: () => this.#onChange(),
      mayConnect: () => true,
      readyToRead: () => this.#readyToRead(),
    });
    // Beyond the last event that was handed out there may have been a heartbeat.
    const read = () => (this.#queue.length === 0 ? this.lastEventId : this.#handedOutId);
    const withCredentials = resolved.credentials === "include";
    this.#place = resolved.continuity?.begin(this.url, withCredentials, read);
    // Not as the option, which would say that the server knows its cursors as a parameter.
    if (this.#place?.lastEventId) this.#driver.moveTo(this.#place.lastEventId);
    this.#handedOutId = this.lastEventId;
    this.#signal = resolved.signal;
    this.#signal?.addEventListener("abort", this.#stop, { once: true });
    if (this.#signal?.aborted) this.close();
    else this.#driver.start();
  }

  get lastEventId(): string {
    return this.#driver.lastEventId;
  }

  async next(): Promise<IteratorResult<StreamEvent, undefined>> {
    for (;;) {
      // What came before an end is still handed out; what the application closed is not.
      const event = this.#isShut ? undefined : this.#queue.shift();
      if (this.#queue.length < QUEUED_EVENTS) this.#wakeWriter?.();
      if (event !== undefined) {
        this.#handedOutId = event.lastEventId;
        return { done: false, value: event };
      }
      const { name } = this.#driver.state;
      if (name === "closed") return this.#end();
      this.#leavePlace();
      if (name === "failed") throw failure(this.connection);
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
  }

  async return(): Promise<IteratorResult<StreamEvent, undefined>> {
    this.close();
    return this.#end();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  reconnect(): void {
    this.#driver.reconnect();
  }

  close(): void {
    this.#driver.close();
  }

  /** Whoever watches puts a method of its own in the place of this one. */
  dispatchEvent(_event: Event): boolean {
    return true;
  }

  get #isShut(): boolean {
    const { state } = this.#driver;
    return state.name === "closed" && state.reason === "application";
  }

  #keep({ type, data, lastEventId }: ParsedEvent): void {
    this.#queue.push({ type, data, lastEventId });
    if (this.#watch) this.dispatchEvent(new MessageEvent(type, { data, lastEventId }));
    this.#wakeReader?.();
  }

  #onChange(): void {
    // What has come before the end is still handed out.
    if (this.#queue.length === 0 || this.#isShut) this.#leavePlace();
    this.connection.changed();
    this.#wakeReader?.();
  }

  #readyToRead(): Promise<void> | undefined {
    if (this.#queue.length < QUEUED_EVENTS) return undefined;
    return new Promise((resolve) => {
      this.#wakeWriter = resolve;
    });
  }

  /** A complete stream is begun anew, but one that has not been handed out whole is gone on with. */
  #leavePlace(): void {
    const { name, reason } = this.#driver.state;
    if (name !== "closed" && name !== "failed") return;
    this.#place?.leave(reason === "complete" && this.#queue.length === 0);
  }

  #end(): IteratorResult<StreamEvent, undefined> {
    this.#leavePlace();
    this.#signal?.removeEventListener("abort", this.#stop);
    return { done: true, value: undefined };
  }
}

function failure({ reason, snapshot }: ConnectionChannel): StreamError {
  return new StreamError(
    `The stream cannot be read: ${reason}, after ${snapshot.statistics.requests} requests.`,
    { code: reason === "event-too-large" ? "event-too-large" : "http", fault: "remote" },
  );
}
