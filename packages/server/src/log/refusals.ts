// What all logs refuse, in the same words.

import { StreamError } from "throughline/core";

/** How much of a stream is kept. */
export interface Retention {
  readonly maxEvents: number;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

/** What a batch comes to, counted as the log counts what it keeps. */
export interface BatchSize {
  readonly events: number;
  readonly bytes: number;
}

/**
 * Makes sure that a batch is not trimmed at once, which nobody could ever resume after.
 *
 * @throws StreamError `invalid-event`
 */
export function assertFits({ events, bytes }: BatchSize, { maxEvents, maxBytes }: Retention): void {
  if (events <= maxEvents && bytes <= maxBytes) return;
  throw new StreamError(
    `A batch must fit into what a stream keeps, ${maxEvents} events and ${maxBytes} bytes; got ` +
      `${events} events and ${bytes} bytes. Split it, or raise "maxEvents" or "maxBytes".`,
    { code: "invalid-event", fault: "local" },
  );
}

/** The error `too-many-streams`. */
export function tooManyStreams(maxStreams: number): StreamError {
  return new StreamError(
    `The log keeps at most ${maxStreams} streams. Remove those that are no longer needed, or ` +
      'raise "maxStreams".',
    { code: "too-many-streams", fault: "local", retryable: true },
  );
}

/** The error `log-closed`. */
export function logClosed(): StreamError {
  return new StreamError("The log is closed; create another one.", {
    code: "log-closed",
    fault: "local",
  });
}
