// Which streams anybody may name.

import { isReserved, RESERVED_PREFIX, StreamError } from "throughline/core";
import { parseStreamName, type StreamName } from "../log/stream-name.js";

/**
 * Checks the name of a stream that a reader, a publisher or the program asks for. Names with the
 * protocol's prefix are the hub's own: what stands in such a stream is of use to nobody else.
 *
 * @throws StreamError `invalid-stream`
 */
export function parsePublicStream(text: string): StreamName {
  const name = parseStreamName(text);
  if (!isReserved(name)) return name;
  throw new StreamError(
    `Names that begin with "${RESERVED_PREFIX}" belong to the hub. Choose another one.`,
    { code: "invalid-stream", fault: "local" },
  );
}
