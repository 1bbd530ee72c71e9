// The name of a stream: one grammar for logs, URLs and configuration.

import { StreamError } from "throughline/core";

/**
 * A checked stream name, such as `ward/42` or `alerts`. Only {@link parseStreamName} makes one.
 *
 * The alphabet is what a URL path carries unescaped, so that a name reads the same in a log, in a
 * URL and in a store's key.
 */
export type StreamName = string & { readonly __brand: "StreamName" };

/** Longest stream name, in characters: short enough for a key in every store that is planned. */
const LONGEST_NAME = 128;
const NAME = /^[A-Za-z0-9._~-]+(?:\/[A-Za-z0-9._~-]+)*$/;
/** A segment that a URL parser or a file system would resolve away. */
const DOT_SEGMENT = /(?:^|\/)\.{1,2}(?:\/|$)/;

/**
 * Checks a stream name: 1 to 128 characters of `[A-Za-z0-9._~-]` and `/`, where no segment between
 * slashes is empty, `.` or `..`.
 *
 * @throws StreamError `invalid-stream` where `text` is no such name
 */
export function parseStreamName(text: string): StreamName {
  if (text.length <= LONGEST_NAME && NAME.test(text) && !DOT_SEGMENT.test(text)) {
    return text as StreamName;
  }
  throw new StreamError(
    `A stream name is 1 to ${LONGEST_NAME} characters of A-Z a-z 0-9 . _ ~ - and /, without an ` +
      `empty, "." or ".." segment; got ${JSON.stringify(text.slice(0, LONGEST_NAME))}.`,
    { code: "invalid-stream", fault: "local" },
  );
}
