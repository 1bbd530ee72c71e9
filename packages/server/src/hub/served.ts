// A stream that is served at an address of the application's own choosing, such as that of an endpoint
// which it replaces.

import type { Remark } from "./stream-text.js";

/** Where a reader begins that shows no cursor. */
export type FreshStart =
  /** With what comes from now on. */
  | { readonly at: "latest" }
  /** With everything that is stored. */
  | { readonly at: "earliest" }
  /** With so many of the newest events that are stored. */
  | { readonly newest: number }
  /** With what was stored after a moment, in milliseconds since 1970. */
  | { readonly sinceMs: number };

/** What is served in answer to one request. */
export interface ServedStream {
  /** The name of the stream in the log. */
  readonly stream: string;
  /** Default `{ at: "latest" }`. */
  readonly fresh?: FreshStart | undefined;
  /**
   * What is said after the hub's greeting and before the stream's events: it has no id, and is no
   * part of the stream. Called in the turn in which the reader begins to be served.
   */
  readonly remarks?: ((reader: ServedReader) => readonly Remark[]) | undefined;
}

/** Who is about to be served. */
export interface ServedReader {
  /** Whether it showed no cursor. */
  readonly isFresh: boolean;
}

/**
 * The query parameter of a lease at a stream's own address: whatever a proxy in between forwards, it
 * forwards that. PROTOCOL.md §6.
 */
export const LEASE_PARAMETER = "throughline-lease";

/** Whether a request is the renewal of a lease of a stream that was served at its address. */
export function isServedRenewal(method: string | undefined, target: string | undefined): boolean {
  return method === "POST" && target?.includes(`${LEASE_PARAMETER}=`) === true;
}
