// The text of what the hub itself says in a stream.

import {
  type Drain,
  type End,
  encodeCursor,
  encodeEvent,
  encodeRetry,
  type Gap,
  type Hello,
  type Position,
  RESERVED,
  type Renew,
} from "throughline/core";
import { DEFAULT_EVENT_TYPE, type StoredEvent } from "../log/event.js";

/** A stored event. */
export function eventText(epoch: string, event: StoredEvent): string {
  const id = encodeCursor({ epoch, offset: event.offset });
  const { type, data, traceparent } = event;
  return encodeEvent({ id, type, data, traceparent });
}

/**
 * The topic of the event whose block follows, as a line of that block. No field of Server-Sent Events, so
 * that every parser skips it. It cannot be left: a log refuses topics with line ends (`validateEvents`).
 */
export function topicLine(topic: string | undefined): string {
  return topic === undefined ? "" : `topic: ${topic}\n`;
}

/**
 * An event that carries a cursor and nothing else; and once more for those who listen for another name.
 * That one has no id: a reader that drops whatever is not beyond its cursor would drop it, too, and its
 * application would hear the first of a connection only.
 */
export function heartbeatText(type: string, position: Position): string {
  const beat = encodeEvent({ id: encodeCursor(position), type: RESERVED.heartbeat, data: "{}" });
  return type === RESERVED.heartbeat ? beat : beat + encodeEvent({ type, data: "{}" });
}

/** What is missing; `resumeAfter` is where delivery goes on. */
export function gapText(gap: Gap, resumeAfter: Position): string {
  const { from, to, reason } = gap;
  const data = JSON.stringify({ from, to, reason } satisfies Gap);
  return encodeEvent({ id: encodeCursor(resumeAfter), type: RESERVED.gap, data });
}

/** The stream is complete. */
export function endText(end: End, position: Position): string {
  const id = encodeCursor(position);
  return encodeEvent({ id, type: RESERVED.end, data: JSON.stringify(end) });
}

/** This connection will be closed. Without an id: it may stand between any two events. */
export function drainText(drain: Drain): string {
  return encodeEvent({ type: RESERVED.drain, data: JSON.stringify(drain) });
}

/** The reader's leave is about to end. Without an id, like `drain`. */
export function renewText(renew: Renew): string {
  return encodeEvent({ type: RESERVED.renew, data: JSON.stringify(renew) });
}

/** What a response begins with. */
export interface Greeting {
  readonly retryMs: number;
  readonly hello: Hello;
  /** What the reader is told to be missing, and where its delivery begins. */
  readonly gap: Gap | undefined;
  readonly at: Position;
  readonly heartbeatType: string;
  /** What is said before the stream begins, and is no part of it. */
  readonly remarks: readonly Remark[];
}

/** Something that is said beside a stream: it has no id, and is not kept. */
export interface Remark {
  /** Default `"message"`. */
  readonly type?: string | undefined;
  readonly data: string;
}

/** What is said beside a stream. It may stand between any two events. */
export function remarksText(remarks: readonly Remark[]): string {
  return remarks.map(({ type = DEFAULT_EVENT_TYPE, data }) => encodeEvent({ type, data })).join("");
}

/**
 * The beginning of a response. A gap comes before the first cursor that is beyond it: a response
 * that is cut in between must not make the reader skip the notice.
 */
export function greetingText(greeting: Greeting): string {
  const { retryMs, hello, gap, at, heartbeatType, remarks } = greeting;
  return (
    encodeRetry(retryMs) +
    encodeEvent({ type: RESERVED.hello, data: JSON.stringify(hello) }) +
    (gap === undefined ? "" : gapText(gap, at)) +
    heartbeatText(heartbeatType, at) +
    remarksText(remarks)
  );
}
