// The states and inputs of a delivery: the hub's machine for one subscriber.
// SPEC.md, beside this file, is the whole machine on one page.

import type { Position } from "../position.js";

/** Reads history, page by page, until it stands where the feed stands. Awaits one thing at a time. */
export type Replaying = Asking | Waiting;

/** Has asked the log. */
export interface Asking {
  readonly name: "replaying";
  /** Everything up to and including this has been handed to the sink, or is hidden by the filter. */
  readonly at: Position;
  readonly awaits: /** The page after its position. */
    | "page"
    /** The log's word on the position, which is ahead of the feed's pointer or of another epoch. */
    | "confirmation";
  /** Where the pointer stood when the log was asked: the feed may have news since. */
  readonly pointerThen: Position;
}

/** Waits for the sink or the feed. */
export interface Waiting {
  readonly name: "replaying";
  /** As in {@link Asking}. */
  readonly at: Position;
  readonly awaits: /** The sink's verdict on the bytes that were just handed to it. */
    | "verdict"
    /** Room in the sink, which said that it is full. */
    | "room"
    /** The feed: the log knows the position, and this hub will hear of it soon. */
    | "feed";
}

/**
 * Stands exactly where the feed's pointer stands, and takes every event in the moment in which the
 * pointer moves. It therefore needs no position of its own: nothing to keep up to date per event.
 */
export interface Live {
  readonly name: "live";
}

/** Everything, also the last word, is in the sink; it only has to reach the reader. */
export interface Draining {
  readonly name: "draining";
  /** Everything up to and including this has been handed to the sink, and nothing after it. */
  readonly at: Position;
  readonly reason: FinishReason;
  /** When the connection is cut although the reader has not taken everything. */
  readonly deadlineMs: number;
}

/** Over. Final. */
export interface Closed {
  readonly name: "closed";
  readonly reason: FinishReason | "reader-left" | "cut" | "flush-timeout";
}

/** Why a delivery ends in good order. */
export type FinishReason =
  /** The stream is complete, and the reader has all of it. */
  | "complete"
  /** The hub asked for it: it is shutting down. */
  | "requested"
  /** The log could not be read; the reader will come back with its cursor. */
  | "log-failed"
  /** The stream was removed and begun anew; this feed, which has heard the end, will not hear of it. */
  | "begun-anew";

export type DeliveryState = Replaying | Live | Draining | Closed;

export type DeliveryStateName = DeliveryState["name"];

export type DeliveryInput =
  /** The page that was asked for: everything after the position, up to and including `upTo`. */
  | {
      readonly kind: "page";
      readonly upTo: number;
      /** Whether there is nothing to write: no event, or the filter hides all of them. */
      readonly isEmpty: boolean;
    }
  /** In place of the page: what comes next is gone, and delivery goes on after `resumeAfter`. */
  | { readonly kind: "gap"; readonly resumeAfter: Position }
  /** In place of the page: the log could not be read. */
  | { readonly kind: "failed" }
  /** The sink took the bytes and would take more. */
  | { readonly kind: "accepted" }
  /** The sink took the bytes and wants no more until it says so. */
  | { readonly kind: "full" }
  /** The sink, which was full, takes bytes again. */
  | { readonly kind: "writable" }
  /** The feed's pointer has moved, or the stream was sealed. Live subscribers need only the latter. */
  | { readonly kind: "advanced" }
  /** End this delivery in good order, wherever it is. */
  | { readonly kind: "finish" }
  /** End this delivery now. */
  | { readonly kind: "cut" }
  /** The sink has handed over everything, after its end was asked for. */
  | { readonly kind: "flushed" }
  /** The sink is gone: the reader left, or the path broke. */
  | { readonly kind: "lost" }
  /** Time has passed; see `deadlineMs`. */
  | { readonly kind: "tick" };

export type DeliveryInputKind = DeliveryInput["kind"];

/** What the shell has to do, in order. It decides nothing itself. */
export type DeliveryEffect =
  /** Hand the bytes of this very input (page or gap) to the sink, then report the verdict. */
  | "write"
  /**
   * Bring the page after the state's position, through the feed's pointer and not beyond; where the
   * position is not behind the pointer, an empty page or the gap that the log answers with.
   */
  | "request-page"
  /** Feed `advanced` the next time that the feed moves, once. */
  | "watch-feed"
  /** Put the subscriber into the live set. */
  | "join"
  /** Take the subscriber out of the live set. */
  | "leave"
  /** Hand the `end` event to the sink; its verdict does not matter any more. */
  | "write-end"
  /** End the response in good order after the bytes that it holds, then report `flushed`. */
  | "end"
  /** Break the connection off. */
  | "destroy"
  /** Forget the subscriber: nothing may be fed to it any more. */
  | "release";

/** The feed as a delivery sees it: where the pointer stands, and whether that is the end. */
export interface FeedView {
  /** The position of the event that was last handed to live subscribers. */
  readonly pointer: Position;
  /** Whether the stream is complete: nothing will ever come after the pointer. */
  readonly isSealed: boolean;
}

/** Everything that a step needs besides state and input. */
export interface DeliveryContext {
  /** Milliseconds on a clock that never goes back. */
  readonly nowMs: number;
  readonly feed: FeedView;
  /** Milliseconds that a reader gets to take the last bytes. */
  readonly flushWithinMs: number;
}

/**
 * The state of a new delivery: the greeting has been handed to the sink, whose verdict is awaited.
 *
 * @param at the position after which delivery begins
 */
export function beginDelivery(at: Position): Waiting {
  return { name: "replaying", at, awaits: "verdict" };
}

/** How far a subscriber has been served. For one that is closed: nowhere any more. */
export function deliveredUpTo(state: DeliveryState, feed: FeedView): Position | undefined {
  if (state.name === "closed") return undefined;
  return state.name === "live" ? feed.pointer : state.at;
}
