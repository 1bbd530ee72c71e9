// A log that another process has, as this process sees it.

import { type Position, StreamError } from "throughline/core";
import type { NewEvent } from "../event.js";
import type {
  AppendOptions,
  AppendResult,
  EventLog,
  ProducerStamp,
  ReadOptions,
  ReadResult,
  StreamHead,
  Tail,
  TailListener,
  TailMessage,
} from "../event-log.js";
import { logClosed } from "../refusals.js";
import type { StreamName } from "../stream-name.js";
import { throwLater } from "../throw-later.js";
import {
  validateEvents,
  validateOffset,
  validatePosition,
  validateProducer,
  validateReadOptions,
} from "../validate-arguments.js";
import type { LogChannel } from "./channel.js";
import type { Calls, LogMessage, UserMessage } from "./messages.js";
import { decodeError } from "./wire-error.js";

/** How to use a log from afar. */
export interface RemoteLogOptions {
  /**
   * Told what listeners of tails throw. Must not throw itself. Default: it reaches
   * `uncaughtException`.
   */
  readonly onListenerError?: ((error: unknown, stream: StreamName) => void) | undefined;
}

/**
 * The log at the other end of a channel, where `serveLog` serves it: every promise of `EventLog` holds,
 * as the log itself keeps it, also between processes. What goes both ways in one turn of the event loop
 * is one message.
 *
 * `close` ends what this process uses; the log stays open. Where the channel breaks, calls are rejected
 * with `store-unavailable`, and it is not known what became of those that were under way; tails hear
 * nothing any more. Whoever can append again then needs another channel.
 */
export function createRemoteLog(channel: LogChannel, options: RemoteLogOptions = {}): EventLog {
  return new RemoteLog(channel, options);
}

interface PendingCall {
  readonly producer: ProducerStamp | undefined;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

interface OpenTail {
  readonly stream: StreamName;
  readonly listener: TailListener;
}

/** A call without its number. */
type Asked<Method extends keyof Calls> = Calls[Method]["asks"] & {
  readonly kind: Method;
  readonly stream: StreamName;
};

class RemoteLog implements EventLog {
  readonly #channel: LogChannel;
  readonly #onListenerError: (error: unknown, stream: StreamName) => void;
  readonly #calls = new Map<number, PendingCall>();
  readonly #tails = new Map<number, OpenTail>();
  #lastNumber = 0;
  #isClosed = false;
  #isBroken = false;

  constructor(channel: LogChannel, { onListenerError = throwLater }: RemoteLogOptions) {
    this.#channel = channel;
    this.#onListenerError = onListenerError;
    channel.open({
      // The other end is `serveLog` of this version, which sends nothing else.
      take: (messages) => this.#take(messages as readonly LogMessage[]),
      onRoom: () => {},
      onClosed: () => this.#break(),
    });
  }

  async append(
    stream: StreamName,
    events: readonly NewEvent[],
    { producer }: AppendOptions = {},
  ): Promise<AppendResult> {
    this.#assertOpen();
    validateEvents(events);
    if (producer !== undefined) validateProducer(producer);
    return this.#ask({ kind: "append", stream, events, producer }, producer && { ...producer });
  }

  async read(stream: StreamName, options: ReadOptions): Promise<ReadResult> {
    this.#assertOpen();
    validateReadOptions(options);
    return this.#ask({ kind: "read", stream, options });
  }

  async head(stream: StreamName): Promise<StreamHead> {
    this.#assertOpen();
    return this.#ask({ kind: "head", stream });
  }

  tail(stream: StreamName, after: Position, listener: TailListener): Tail {
    this.#assertOpen();
    validatePosition(after);
    const tail = this.#number();
    this.#tails.set(tail, { stream, listener });
    this.#send({ kind: "tail", tail, stream, after });
    return {
      close: () => {
        if (this.#tails.delete(tail)) this.#send({ kind: "close-tail", tail });
      },
    };
  }

  async trim(stream: StreamName, throughOffset: number): Promise<StreamHead> {
    this.#assertOpen();
    validateOffset(throughOffset, "throughOffset");
    return this.#ask({ kind: "trim", stream, throughOffset });
  }

  async seal(stream: StreamName, reason?: string): Promise<StreamHead> {
    this.#assertOpen();
    return this.#ask({ kind: "seal", stream, reason });
  }

  async remove(stream: StreamName): Promise<void> {
    this.#assertOpen();
    await this.#ask({ kind: "remove", stream });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#tails.clear();
    this.#channel.close();
    this.#rejectAll();
  }

  #ask<Method extends keyof Calls>(
    asked: Asked<Method>,
    producer?: ProducerStamp,
  ): Promise<Calls[Method]["answer"]> {
    const call = this.#number();
    return new Promise((resolve, reject) => {
      // The answer to this number is what the method promises: `serveLog` calls the log's own.
      const settle = resolve as (value: unknown) => void;
      this.#calls.set(call, { producer, resolve: settle, reject });
      this.#channel.send({ ...asked, call });
    });
  }

  #number(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }

  #send(message: UserMessage): void {
    this.#channel.send(message);
  }

  #take(messages: readonly LogMessage[]): void {
    for (const message of messages) {
      if (message.kind === "told") this.#tell(message.tail, message.message);
      else this.#settle(message);
    }
  }

  #settle(message: Exclude<LogMessage, { readonly kind: "told" }>): void {
    const pending = this.#calls.get(message.call);
    if (pending === undefined) return;
    this.#calls.delete(message.call);
    if (message.kind === "answer") pending.resolve(message.value);
    else pending.reject(decodeError(message.error, pending.producer));
  }

  #tell(tail: number, message: TailMessage): void {
    // It may have been closed while the message was on its way.
    const open = this.#tails.get(tail);
    if (open === undefined) return;
    if (message.kind === "sealed") this.#tails.delete(tail);
    try {
      open.listener(message);
    } catch (error) {
      this.#onListenerError(error, open.stream);
    }
  }

  #break(): void {
    this.#isBroken = true;
    this.#tails.clear();
    this.#rejectAll();
  }

  #rejectAll(): void {
    const pending = [...this.#calls.values()];
    this.#calls.clear();
    for (const { reject } of pending) reject(this.#isClosed ? logClosed() : broken());
  }

  #assertOpen(): void {
    if (this.#isClosed) throw logClosed();
    if (this.#isBroken) throw broken();
  }
}

function broken(): StreamError {
  return new StreamError(
    "The process that has the log is gone, or has ended the connection to this one.",
    { code: "store-unavailable", fault: "local" },
  );
}
