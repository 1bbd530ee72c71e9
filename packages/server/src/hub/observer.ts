// What a hub tells about itself to whoever counts, logs or traces. Nothing here is work for the hub:
// without an observer no notice is made, and no notice is made per subscriber and event.

import type { GapReason, ResumeAnswer } from "throughline/core";
import type { HubErrorListener } from "./options.js";
import type { RequestContext } from "./request-context.js";
import type { SubscriberEnd } from "./subscriber.js";

/**
 * Something that happened in a hub. No notice has a payload, a header, a query or an address, so that
 * what is made of them may be shown to an operator.
 */
export type HubNotice =
  | ConnectionOpened
  | ConnectionClosed
  | EventsDelivered
  | ReplayFinished
  | ReaderFellBack
  | GapTold
  | EventsPublished
  | RequestRefused
  | ReaderRecovered
  | TailsReopened;

/** A reader is connected and greeted. */
export interface ConnectionOpened {
  readonly kind: "connection-opened";
  readonly connection: string;
  readonly stream: string;
  readonly request: RequestContext;
  /** The answer to its cursor. */
  readonly resume: ResumeAnswer;
}

/** A connection is over. Told once for each that was opened. */
export interface ConnectionClosed {
  readonly kind: "connection-closed";
  readonly connection: string;
  readonly stream: string;
  readonly request: RequestContext;
  readonly reason: SubscriberEnd;
  readonly durationMs: number;
}

/** Events were written to live readers. Told once for each write of a feed, whoever is there. */
export interface EventsDelivered {
  readonly kind: "events-delivered";
  readonly stream: string;
  /** Events in the write. */
  readonly events: number;
  /** Events times the readers that each of them was written to. */
  readonly deliveries: number;
}

/** A reader has been sent what it was behind, and is live. Not told of one that was not behind. */
export interface ReplayFinished {
  readonly kind: "replay-finished";
  readonly connection: string;
  readonly stream: string;
  /** Bytes that were written. */
  readonly bytes: number;
  /** Pages that were read from memory or the log. */
  readonly pages: number;
  readonly durationMs: number;
}

/** A live reader did not take its bytes, and goes on from the log: a slow reader. */
export interface ReaderFellBack {
  readonly kind: "reader-fell-back";
  readonly connection: string;
  readonly stream: string;
}

/** Readers were told that events are missing for good. */
export interface GapTold {
  readonly kind: "gap-told";
  readonly stream: string;
  readonly reason: GapReason;
  /** How many were told. */
  readonly readers: number;
}

/** The log has acknowledged a batch. */
export interface EventsPublished {
  readonly kind: "events-published";
  readonly stream: string;
  /** Those that were stored. */
  readonly events: number;
  /** Those that were there before: a publisher has repeated them. */
  readonly duplicates: number;
  /** Bytes of those that were stored, as `eventBytes` counts them. */
  readonly bytes: number;
  /** From the call of the log to its acknowledgement. */
  readonly durationMs: number;
}

/** A request was answered with 4xx or 5xx. */
export interface RequestRefused {
  readonly kind: "request-refused";
  readonly operation: "publish" | "subscribe" | "lease" | "other";
  readonly status: number;
  /** The code of the problem, such as `too-many-connections`. */
  readonly code: string;
  readonly request: RequestContext;
}

/** A client reports that it has healed a disruption (`PROTOCOL.md` §6). */
export interface ReaderRecovered {
  readonly kind: "reader-recovered";
  readonly connection: string;
  readonly stream: string;
  /** From the last byte before the disruption to the first after it, as the client measured it. */
  readonly recoveredMs: number;
}

/** The tails of all feeds were opened anew, because the log had been deaf or had failed. */
export interface TailsReopened {
  readonly kind: "tails-reopened";
  readonly feeds: number;
}

/**
 * Takes note of what happens. Called in the middle of the hub's work: it must be quick. What it
 * throws goes to `onError` and disturbs nothing.
 */
export type HubObserver = (notice: HubNotice) => void;

/** An observer that cannot hurt whoever calls it. */
export function guardObserver(
  observer: HubObserver | undefined,
  onError: HubErrorListener,
): HubObserver | undefined {
  if (observer === undefined) return undefined;
  return (notice) => {
    try {
      observer(notice);
    } catch (error) {
      onError(error, { operation: "observe" });
    }
  };
}
