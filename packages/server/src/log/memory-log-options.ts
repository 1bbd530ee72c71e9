// The options of the memory log: defaults, why these, and what is refused.

import {
  createRandomEpoch,
  DAY_MS,
  hook,
  invalidOption,
  limit,
  MEBIBYTE,
} from "./option-values.js";
import type { StreamName } from "./stream-name.js";
import { throwLater } from "./throw-later.js";

/**
 * Options of the memory log. All limits are finite: what is past them is trimmed, oldest first, and
 * told to late readers as a gap.
 */
export interface MemoryLogOptions {
  /**
   * Most events kept per stream, and in one batch, because a batch that is trimmed at once could
   * never be resumed. Default 100,000: a day of one event per second.
   */
  readonly maxEvents?: number | undefined;
  /**
   * Most bytes kept per stream, and in one batch. Counted are the strings of each event in UTF-8
   * and 128 bytes for the objects around them, 48 more for the index where it has an id. What is
   * remembered of producers is not counted: it has a bound of its own, some 400 KB per stream.
   * Default 64 MiB.
   */
  readonly maxBytes?: number | undefined;
  /**
   * Most bytes kept in all streams together, counted in the same way and not less than `maxBytes`.
   * Beyond it the streams that were used least recently lose their oldest events. Default 512 MiB,
   * which leaves room in the heap that Node gives itself, or `maxBytes` where that is more.
   */
  readonly maxTotalBytes?: number | undefined;
  /**
   * How long events are kept, in milliseconds. Default 24 hours: a laptop that slept over night
   * gets all it missed. Looked at whenever a stream is used, by no timer: events of a stream that
   * nobody uses stay in memory longer, and are gone for the first reader that asks.
   */
  readonly maxAgeMs?: number | undefined;
  /**
   * Most streams. A call that would make one more is rejected with `too-many-streams`; streams that
   * were only asked for, never written to, and that nobody tails are forgotten first.
   * Default 10,000.
   */
  readonly maxStreams?: number | undefined;
  /** The clock for `timeMs` and `maxAgeMs`: milliseconds since 1970. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
  /**
   * Makes epochs, 1 to 32 characters of `[a-z0-9]`. It must never return the same one twice, also
   * not after a restart. Default: 80 random bits as 16 characters.
   */
  readonly createEpoch?: (() => string) | undefined;
  /**
   * Is told what a tail's listener threw. Default: it is thrown again outside all calls of the log,
   * where it reaches `uncaughtException` like any other error that nobody caught.
   */
  readonly onListenerError?: ((error: unknown, stream: StreamName) => void) | undefined;
}

/** {@link MemoryLogOptions} with every default applied and every value checked. */
export type ResolvedMemoryLogOptions = {
  readonly [Name in keyof MemoryLogOptions]-?: NonNullable<MemoryLogOptions[Name]>;
};

/**
 * Applies the defaults and checks the values and their relations.
 *
 * @throws StreamError `invalid-option`; the message names the field
 */
export function resolveMemoryLogOptions(options: MemoryLogOptions = {}): ResolvedMemoryLogOptions {
  const maxBytes = limit("maxBytes", options.maxBytes, 64 * MEBIBYTE);
  const maxTotalBytes = limit(
    "maxTotalBytes",
    options.maxTotalBytes,
    Math.max(maxBytes, 512 * MEBIBYTE),
  );
  if (maxTotalBytes < maxBytes) {
    throw invalidOption(
      `"maxTotalBytes" (${maxTotalBytes}) must not be less than "maxBytes" (${maxBytes}).`,
    );
  }
  return {
    maxEvents: limit("maxEvents", options.maxEvents, 100_000),
    maxBytes,
    maxTotalBytes,
    maxAgeMs: limit("maxAgeMs", options.maxAgeMs, DAY_MS),
    maxStreams: limit("maxStreams", options.maxStreams, 10_000),
    now: hook("now", options.now, Date.now),
    createEpoch: hook("createEpoch", options.createEpoch, createRandomEpoch),
    onListenerError: hook("onListenerError", options.onListenerError, throwLater),
  };
}
