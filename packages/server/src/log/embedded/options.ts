// The options of the embedded log: defaults, why these, and what is refused.

import { resolve } from "node:path";
import {
  createRandomEpoch,
  DAY_MS,
  hook,
  invalidOption,
  limit,
  MEBIBYTE,
} from "../option-values.js";
import type { StreamName } from "../stream-name.js";
import { throwLater } from "../throw-later.js";

/**
 * Options of the embedded log. All limits are finite: what is past them is trimmed, oldest first,
 * and told to late readers as a gap.
 */
export interface EmbeddedLogOptions {
  /**
   * Where the log lives: a directory of its own, on a local disk. Made where it is missing.
   */
  readonly directory: string;
  /**
   * When an append is acknowledged: `"durable"`, once its events are on disk, so that neither the
   * end of the process nor a power failure loses any of them; or `"accepted"`, once their offsets
   * are known, right before they are written, so that either may lose what was acknowledged within
   * the last commit. After an end without `close` all streams then have new epochs. Readers hear of
   * events once they are on disk in either case, and everything else waits for the disk.
   * Default `"durable"`.
   */
  readonly acknowledge?: "durable" | "accepted" | undefined;
  /**
   * Most events kept per stream, and in one batch, because a batch that is trimmed at once could
   * never be resumed. Default 1,000,000: eleven days of one event per second.
   */
  readonly maxEvents?: number | undefined;
  /**
   * Most bytes kept per stream, and in one batch. Counted are the strings of each event in UTF-8
   * and 64 bytes for what the store needs around them. Default 1 GiB.
   */
  readonly maxBytes?: number | undefined;
  /**
   * Most bytes kept in all streams together, counted in the same way and not less than `maxBytes`.
   * Beyond it the streams that were written to least recently lose their oldest events. The file
   * takes up to twice as much, because pages of an index are not always full. Default 8 GiB, or
   * `maxBytes` where that is more.
   */
  readonly maxTotalBytes?: number | undefined;
  /**
   * How long events are kept, in milliseconds. Default 7 days: whoever was away over a weekend gets
   * all of it. Looked at whenever a stream is used, and now and then for idle ones (`sweepMs`).
   */
  readonly maxAgeMs?: number | undefined;
  /**
   * Most streams. A call that would make one more is rejected with `too-many-streams`; streams that
   * were only asked for, never written to, and that nobody tails are forgotten first.
   * Default 10,000.
   */
  readonly maxStreams?: number | undefined;
  /**
   * Most bytes of batches that are not committed yet, acknowledged or not; a batch beyond it is rejected with
   * `store-unavailable`, which may be tried again. Counted like `maxBytes`. Default 64 MiB, or
   * `maxBytes` where that is less: seconds of the slowest disk, and no danger to the heap. One
   * batch always may wait.
   */
  readonly maxPendingBytes?: number | undefined;
  /**
   * How often streams that nobody uses are looked at for what is too old, in milliseconds. Default
   * 60,000: disk space is given back soon enough, and looking at 10,000 streams costs little.
   */
  readonly sweepMs?: number | undefined;
  /** The clock for `timeMs` and `maxAgeMs`: milliseconds since 1970. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
  /**
   * Makes epochs, 1 to 32 characters of `[a-z0-9]`. It must never return the same one twice, also
   * not after a restart. Default: 80 random bits as 16 characters.
   */
  readonly createEpoch?: (() => string) | undefined;
  /**
   * Is told what a tail's listener threw, and what kept a tail from reading. Default: it is thrown
   * again outside all calls of the log, where it reaches `uncaughtException` like any other error
   * that nobody caught.
   */
  readonly onListenerError?: ((error: unknown, stream: StreamName) => void) | undefined;
  /**
   * With `acknowledge: "accepted"`, is told of events that were acknowledged and then could not be
   * stored, and why. Until something can be stored again, appends wait for the disk, and are
   * rejected with the reason; then the streams go on in new epochs. Default: the error is thrown
   * outside all calls of the log, like that of a listener.
   */
  readonly onLost?: LossListener | undefined;
}

/** Events of a stream that were acknowledged, and are lost. */
export interface LostEvents {
  readonly stream: StreamName;
  readonly events: number;
}

/** Takes note of a loss. */
export type LossListener = (error: unknown, lost: readonly LostEvents[]) => void;

/** {@link EmbeddedLogOptions} with every default applied and every value checked. */
export type ResolvedEmbeddedLogOptions = {
  readonly [Name in keyof EmbeddedLogOptions]-?: NonNullable<EmbeddedLogOptions[Name]>;
};

/**
 * Applies the defaults and checks the values and their relations.
 *
 * @throws StreamError `invalid-option`; the message names the field
 */
export function resolveEmbeddedLogOptions(options: EmbeddedLogOptions): ResolvedEmbeddedLogOptions {
  const { directory, acknowledge = "durable" } = options;
  if (typeof directory !== "string" || directory === "" || directory.includes("\0")) {
    throw invalidOption('"directory" must be the path of a directory.');
  }
  if (acknowledge !== "durable" && acknowledge !== "accepted") {
    throw invalidOption(
      `"acknowledge" must be "durable" or "accepted"; got ${String(acknowledge)}.`,
    );
  }
  const maxBytes = limit("maxBytes", options.maxBytes, 1024 * MEBIBYTE);
  const maxTotalBytes = limit(
    "maxTotalBytes",
    options.maxTotalBytes,
    Math.max(maxBytes, 8 * 1024 * MEBIBYTE),
  );
  if (maxTotalBytes < maxBytes) {
    throw invalidOption(
      `"maxTotalBytes" (${maxTotalBytes}) must not be less than "maxBytes" (${maxBytes}).`,
    );
  }
  return {
    directory: resolve(directory),
    acknowledge,
    maxEvents: limit("maxEvents", options.maxEvents, 1_000_000),
    maxBytes,
    maxTotalBytes,
    maxAgeMs: limit("maxAgeMs", options.maxAgeMs, 7 * DAY_MS),
    maxStreams: limit("maxStreams", options.maxStreams, 10_000),
    maxPendingBytes: limit(
      "maxPendingBytes",
      options.maxPendingBytes,
      Math.min(maxBytes, 64 * MEBIBYTE),
    ),
    sweepMs: limit("sweepMs", options.sweepMs, 60_000),
    now: hook("now", options.now, Date.now),
    createEpoch: hook("createEpoch", options.createEpoch, createRandomEpoch),
    onListenerError: hook("onListenerError", options.onListenerError, throwLater),
    onLost: hook("onLost", options.onLost, throwLater),
  };
}
