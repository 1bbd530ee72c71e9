// Writes blocks of an event stream. This is a security boundary: whatever the fields hold, one call
// writes exactly one block, and no value can forge a field, end the block early or start another.
// HTML standard §9.2.5 and §9.2.6.

import { StreamError } from "../errors.js";

/** The fields of one event, as {@link encodeEvent} takes them. */
export interface EventFields {
  /**
   * What a reader shows to resume after this event. `""` makes readers forget the id they hold; left
   * out, they keep it. Anything but CR, LF and NUL is allowed here; Throughline's own cursors are
   * stricter.
   */
  readonly id?: string | undefined;
  /**
   * The name that readers listen for, without CR, LF and NUL. Left out, `""` and `"message"` are the
   * same on the wire: no `event` line is written, and the reader sees `"message"`.
   */
  readonly type?: string | undefined;
  /**
   * The trace that the event belongs to, a single line. Written as a field of this name, which
   * readers ignore as the standard tells them to (§9.2.6), and which tools that follow a trace can see.
   */
  readonly traceparent?: string | undefined;
  /** The payload. Its line ends may be CRLF, CR or LF; every one of them is read back as LF. */
  readonly data: string;
  /** A new reconnection time for the reader: milliseconds, an integer from 0 to 2^53 - 1. */
  readonly retryMs?: number | undefined;
}

/**
 * One event as a whole block, its blank line included. Blocks may be joined and cut into chunks at
 * will.
 *
 * Apart from line ends in `data`, a parser reads back exactly the fields that went in, and does not
 * see `traceparent`. Text that is not well-formed (a lone surrogate) is the exception: it becomes
 * U+FFFD wherever the block is encoded as UTF-8.
 *
 * @throws StreamError `invalid-field` where `id`, `type` or `traceparent` holds CR, LF or NUL, a text
 * is not a string, or `retryMs` is not a non-negative safe integer.
 */
export function encodeEvent(fields: EventFields): string {
  const { id, type, data, retryMs, traceparent } = fields;
  let block = "";
  if (id !== undefined) block += `id: ${singleLine("id", id)}\n`;
  if (type !== undefined && singleLine("type", type) !== "" && type !== "message") {
    block += `event: ${type}\n`;
  }
  if (traceparent !== undefined) {
    block += `traceparent: ${singleLine("traceparent", traceparent)}\n`;
  }
  if (retryMs !== undefined) block += retryLine(retryMs);
  // No data still is one empty `data` line: a block without any is not dispatched.
  return `${block}${prefixLines("data: ", text("data", data))}\n\n`;
}

/**
 * A comment as a block of its own. Readers ignore it; it shows that the connection is alive.
 *
 * @param comment written line by line, so that it cannot leave the comment; by default the shortest
 * block there is
 * @throws StreamError `invalid-field` where `comment` is not a string.
 */
export function encodeComment(comment = ""): string {
  return comment === "" ? ":\n\n" : `${prefixLines(": ", text("comment", comment))}\n\n`;
}

/**
 * A block that sets the reader's reconnection time and dispatches nothing.
 *
 * @param retryMs milliseconds, an integer from 0 to 2^53 - 1
 * @throws StreamError `invalid-field` for any other number.
 */
export function encodeRetry(retryMs: number): string {
  return `${retryLine(retryMs)}\n`;
}

function retryLine(retryMs: number): string {
  if (Number.isSafeInteger(retryMs) && retryMs >= 0) return `retry: ${retryMs}\n`;
  throw invalidField("retryMs", "a non-negative safe integer", String(retryMs));
}

function prefixLines(prefix: string, lines: string): string {
  // Hardly any data has several lines, and looking costs a fraction of replacing nothing.
  if (!lines.includes("\n") && !lines.includes("\r")) return prefix + lines;
  return prefix + lines.replace(/\r\n?|\n/g, `\n${prefix}`);
}

function singleLine(name: string, value: string): string {
  for (const [character, spelled] of FORBIDDEN) {
    if (text(name, value).includes(character)) {
      throw invalidField(name, "a single line without CR, LF and NUL", `a text with ${spelled}`);
    }
  }
  return value;
}

const FORBIDDEN = [
  ["\r", "CR"],
  ["\n", "LF"],
  ["\0", "NUL"],
] as const;

/**
 * `value`, if it is a string at run time too. Callers without types can pass anything, and an array
 * answers `includes` in a way of its own: its line ends would go unseen and then be written.
 */
function text(name: string, value: string): string {
  if (typeof value === "string") return value;
  throw invalidField(name, "a string", typeof value);
}

function invalidField(name: string, expected: string, came: string): StreamError {
  return new StreamError(`${name}: expected ${expected}, but it is ${came}.`, {
    code: "invalid-field",
    fault: "local",
  });
}
