// The side of a remote log that has the log: does what is asked for over a channel, and tells tails.

import { assertNever } from "throughline/core";
import { eventBytes } from "../event.js";
import type { EventLog } from "../event-log.js";
import type { StreamName } from "../stream-name.js";
import type { LogChannel } from "./channel.js";
import type { CallMessage, LogMessage, UserMessage } from "./messages.js";
import { ServedTail } from "./served-tail.js";
import { TailTurns } from "./tail-turns.js";
import { encodeError } from "./wire-error.js";

/** How to serve a log. */
export interface ServeLogOptions {
  /**
   * Told of what goes wrong in a tail; the tail tries again after a second. Must not throw. Default:
   * nobody, because whoever reads from the log notices the same.
   */
  readonly onTailError?: ((error: unknown, stream: StreamName) => void) | undefined;
  /**
   * Bytes of calls that are being carried out, at which nothing more is taken from the channel, until it
   * is half of that. The other process then waits with its own. Default 64 MiB: what the bodies of
   * publishing requests may come to in one hub.
   */
  readonly maxPendingBytes?: number | undefined;
}

const MOST_PENDING_BYTES = 64 * 1024 * 1024;

/** What a call counts for beside the events that it brings. */
const CALL_BYTES = 256;

/**
 * Serves a log to whoever has `createRemoteLog` at the other end of a channel, until that is closed.
 * Any number of channels may be served from one log; calls are made in the order in which they come.
 *
 * What waits for the other side is bounded: its tails stop where it does not keep up, and go on by
 * reading the log when it does, as slow readers do.
 */
export function serveLog(log: EventLog, channel: LogChannel, options: ServeLogOptions = {}): void {
  const { maxPendingBytes = MOST_PENDING_BYTES } = options;
  const tails = new Map<number, ServedTail>();
  const turns = new TailTurns(() => !channel.isFull);
  let pendingBytes = 0;
  let isHeld = false;

  const send = (message: LogMessage) => channel.send(message);

  async function carryOut(message: CallMessage): Promise<void> {
    const bytes = bytesOf(message);
    pendingBytes += bytes;
    if (!isHeld && pendingBytes >= maxPendingBytes) {
      isHeld = true;
      channel.hold();
    }
    try {
      const value = await call(log, message);
      send({ kind: "answer", call: message.call, value });
    } catch (error) {
      send({ kind: "refusal", call: message.call, error: encodeError(error) });
    }
    pendingBytes -= bytes;
    if (!isHeld || pendingBytes >= maxPendingBytes / 2) return;
    isHeld = false;
    channel.resume();
  }

  function openTail({ tail, stream, after }: Extract<UserMessage, { kind: "tail" }>): void {
    const onError = (error: unknown) => options.onTailError?.(error, stream);
    const tell = (message: Extract<LogMessage, { kind: "told" }>["message"]) => {
      if (message.kind === "sealed") tails.delete(tail);
      send({ kind: "told", tail, message });
    };
    const isFull = () => channel.isFull;
    tails.set(tail, new ServedTail({ log, stream, turns, tell, isFull, onError }, after));
  }

  function take(message: UserMessage): void {
    switch (message.kind) {
      case "tail":
        openTail(message);
        break;
      case "close-tail":
        tails.get(message.tail)?.close();
        tails.delete(message.tail);
        break;
      default:
        void carryOut(message);
    }
  }

  channel.open({
    take: (messages) => {
      // The other end is `createRemoteLog` of this version, which sends nothing else.
      for (const message of messages as readonly UserMessage[]) take(message);
    },
    onRoom: () => turns.proceed(),
    onClosed: () => {
      for (const tail of tails.values()) tail.close();
      tails.clear();
    },
  });
}

function call(log: EventLog, message: CallMessage): Promise<unknown> {
  const { stream } = message;
  switch (message.kind) {
    case "append":
      return log.append(stream, message.events, { producer: message.producer });
    case "read":
      return log.read(stream, message.options);
    case "head":
      return log.head(stream);
    case "trim":
      return log.trim(stream, message.throughOffset);
    case "seal":
      return log.seal(stream, message.reason);
    case "remove":
      return log.remove(stream).then(() => null);
    default:
      return assertNever(message);
  }
}

function bytesOf(message: CallMessage): number {
  if (message.kind !== "append") return CALL_BYTES;
  return message.events.reduce((sum, event) => sum + eventBytes(event), CALL_BYTES);
}
