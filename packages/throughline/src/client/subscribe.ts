// The stream as an async iterator: for programs that take one event after the other.

import type { ParsedEvent } from "../core/index.js";
import { StreamError } from "../core/index.js";
import { callSafely } from "./call-safely.js";
import { Channel } from "./channel.js";
import { Driver } from "./driver.js";
import { createEnvironment } from "./environment.js";
import { resolveOptions } from "./options.js";
import { WATCHER, type Watched, type WatchedSource } from "./source-watcher.js";
import type { ConnectionChannel, EventSourceOptions, GapNotice } from "./types.js";

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
  const watched: WatchedSource = {
    get url() {
      return address;
    },
    get lastEventId() {
      return driver.lastEventId;
    },
    get connection() {
      return channel;
    },
    reconnect: () => driver.reconnect(),
    close: () => driver.close(),
    dispatchEvent: () => true,
  };
  const watch = (globalThis as Watched)[WATCHER];
  options = watch?.(watched, url, options) ?? options;
  const environment = createEnvironment(options);
  const resolved = resolveOptions(options);
  const address = new URL(url, environment.baseUrl).href;
  const queue: StreamEvent[] = [];
  /** Where the application has read to. */
  let handedOutId = "";
  let gap: GapNotice | undefined;
  let wakeReader: (() => void) | undefined;
  let wakeWriter: (() => void) | undefined;

  const channel = new Channel(
    () => ({ ...driver.facts, gap, transport: "throughline" }),
    environment,
  );
  const driver = new Driver({ ...resolved, url: address }, environment, {
    onOpen: () => {},
    // What it means stands in the state, which onChange tells.
    onError: () => {},
    onEvent: ({ type, data, lastEventId }: ParsedEvent) => {
      queue.push({ type, data, lastEventId });
      if (watch) watched.dispatchEvent(new MessageEvent(type, { data, lastEventId }));
      wakeReader?.();
    },
    onGap: (missing) => {
      const notice = { ...missing, atMs: environment.epochMs() };
      gap = notice;
      channel.changed();
      callSafely(() => resolved.onGap?.(notice));
    },
    onChange: () => {
      // What has come before the end is still handed out.
      if (queue.length === 0 || isShut()) leavePlace();
      channel.changed();
      wakeReader?.();
    },
    mayConnect: () => true,
    readyToRead: () =>
      queue.length < QUEUED_EVENTS
        ? undefined
        : new Promise((resolve) => {
            wakeWriter = resolve;
          }),
  });
  // Beyond the last event that was handed out there may have been a heartbeat.
  const read = () => (queue.length === 0 ? driver.lastEventId : handedOutId);
  const withCredentials = resolved.credentials === "include";
  const place = resolved.continuity?.begin(address, withCredentials, read);
  // Not as the option, which would say that the server knows its cursors as a parameter.
  if (place?.lastEventId) driver.moveTo(place.lastEventId);
  handedOutId = driver.lastEventId;
  const stop = () => driver.close();
  options.signal?.addEventListener("abort", stop, { once: true });
  if (options.signal?.aborted) stop();
  else driver.start();

  async function next(): Promise<IteratorResult<StreamEvent, undefined>> {
    for (;;) {
      // What came before an end is still handed out; what the application closed is not.
      const { state } = driver;
      const event = isShut() ? undefined : queue.shift();
      if (queue.length < QUEUED_EVENTS) wakeWriter?.();
      if (event !== undefined) {
        handedOutId = event.lastEventId;
        return { done: false, value: event };
      }
      if (state.name === "closed") return end();
      leavePlace();
      if (state.name === "failed") throw failure(channel);
      await new Promise<void>((resolve) => {
        wakeReader = resolve;
      });
    }
  }

  function isShut(): boolean {
    return driver.state.name === "closed" && driver.state.reason === "application";
  }

  /** A complete stream is begun anew, but one that has not been handed out whole is gone on with. */
  function leavePlace(): void {
    const { name, reason } = driver.state;
    if (name !== "closed" && name !== "failed") return;
    place?.leave(reason === "complete" && queue.length === 0);
  }

  function end(): IteratorResult<StreamEvent, undefined> {
    leavePlace();
    options.signal?.removeEventListener("abort", stop);
    return { done: true, value: undefined };
  }

  return {
    connection: channel,
    next,
    return: async () => {
      driver.close();
      return end();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function failure({ reason, snapshot }: ConnectionChannel): StreamError {
  return new StreamError(
    `The stream cannot be read: ${reason}, after ${snapshot.statistics.requests} requests.`,
    { code: reason === "event-too-large" ? "event-too-large" : "http", fault: "remote" },
  );
}
