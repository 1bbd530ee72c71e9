// The stream as an async iterator: for programs that take one event after the other.

import type { ParsedEvent } from "../core/index.js";
import { StreamError } from "../core/index.js";
import { callSafely } from "./call-safely.js";
import { Channel } from "./channel.js";
import { Driver } from "./driver.js";
import { createEnvironment } from "./environment.js";
import { resolveOptions } from "./options.js";
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
 * the loop is left, or `signal` is aborted.
 *
 * @param url absolute, or relative to the page
 * @throws StreamError `http` from the iterator when the connection has failed for good
 */
export function subscribe(url: string | URL, options: SubscribeOptions = {}): Subscription {
  const environment = createEnvironment(options);
  const resolved = resolveOptions(options);
  const queue: StreamEvent[] = [];
  let gap: GapNotice | undefined;
  let wakeReader: (() => void) | undefined;
  let wakeWriter: (() => void) | undefined;

  const channel = new Channel(
    () => ({ ...driver.facts, gap, transport: "throughline" }),
    environment,
  );
  const { withCredentials, ...rest } = resolved;
  const driver = new Driver(
    {
      ...rest,
      url: new URL(url, environment.baseUrl).href,
      credentials: withCredentials ? "include" : "same-origin",
    },
    environment,
    {
      onOpen: () => {},
      // What it means stands in the state, which onChange tells.
      onError: () => {},
      onEvent: ({ type, data, lastEventId }: ParsedEvent) => {
        queue.push({ type, data, lastEventId });
        wakeReader?.();
      },
      onGap: (missing) => {
        const notice = { ...missing, atMs: environment.epochMs() };
        gap = notice;
        channel.changed();
        callSafely(() => resolved.onGap?.(notice));
      },
      onChange: () => {
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
    },
  );
  const stop = () => driver.close();
  options.signal?.addEventListener("abort", stop, { once: true });
  if (options.signal?.aborted) stop();
  else driver.start();

  async function next(): Promise<IteratorResult<StreamEvent, undefined>> {
    for (;;) {
      // What came before an end is still handed out; what the application closed is not.
      const { state } = driver;
      const isShut = state.name === "closed" && state.reason === "application";
      const event = isShut ? undefined : queue.shift();
      if (queue.length < QUEUED_EVENTS) wakeWriter?.();
      if (event !== undefined) return { done: false, value: event };
      if (state.name === "closed") return end();
      if (state.name === "failed") throw failure(channel);
      await new Promise<void>((resolve) => {
        wakeReader = resolve;
      });
    }
  }

  function end(): IteratorResult<StreamEvent, undefined> {
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
