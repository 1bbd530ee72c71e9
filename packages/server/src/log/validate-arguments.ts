// The checks of arguments that all logs share, so that each of them refuses the same things in the
// same words.

import { isEpoch, type Position, StreamError } from "throughline/core";
import type { NewEvent } from "./event.js";
import type { ProducerStamp, ReadOptions } from "./event-log.js";
import { isTraceparent } from "./traceparent.js";

/** In every supported Node; the compiler's library has it from ES2024. */
type Es2024String = string & { isWellFormed(): boolean };

/** A label goes into one line of the wire format, where these would end it or void it. */
const UNFIT_FOR_LINE = /[\r\n\0]/;

/** Longest `id` in bytes of UTF-8: every log keeps an index of them, and stores limit their keys. */
const LONGEST_ID_BYTES = 512;

/** Goes into keys of stores and into header fields of HTTP. */
const PRODUCER_ID = /^[A-Za-z0-9._~:-]{1,128}$/;

/**
 * Checks a batch before anything of it is stored: it is not empty, `data` is a string, `type`,
 * `topic` and `id` are non-empty strings without CR, LF and NUL where they are given, `id` is not
 * too long, and all of them are well-formed Unicode, because a lone surrogate does not survive
 * UTF-8. A `traceparent` has the syntax of one; to leave out a bad one is up to whoever receives it.
 *
 * @throws StreamError `invalid-event`; the message names the event by its index, never its payload
 */
export function validateEvents(events: readonly NewEvent[]): void {
  if (events.length === 0) throw invalidEvent("A batch needs at least one event; got none.");
  for (let index = 0; index < events.length; index += 1) {
    const event = events[index];
    if (typeof event?.data !== "string") {
      throw invalidEvent(`events[${index}].data must be a string; got ${typeof event?.data}.`);
    }
    if (!isWellFormed(event.data)) {
      throw invalidEvent(`events[${index}].data must be well-formed Unicode.`);
    }
    validateLabel(event.type, index, "type");
    validateLabel(event.topic, index, "topic");
    validateLabel(event.id, index, "id");
    if (event.id !== undefined && Buffer.byteLength(event.id) > LONGEST_ID_BYTES) {
      throw invalidEvent(
        `events[${index}].id must have at most ${LONGEST_ID_BYTES} bytes in UTF-8.`,
      );
    }
    validateTraceparent(event.traceparent, index);
  }
}

/** @throws StreamError `invalid-option` where a producer's stamp makes no sense */
export function validateProducer(stamp: ProducerStamp): void {
  if (typeof stamp?.id !== "string" || !PRODUCER_ID.test(stamp.id)) {
    throw invalidOption('"producer.id" must be 1 to 128 characters of [A-Za-z0-9._~:-].');
  }
  validateOffset(stamp.epoch, "producer.epoch");
  validateOffset(stamp.sequence, "producer.sequence");
}

/** @throws StreamError `invalid-option` where the options of a read make no sense */
export function validateReadOptions(options: ReadOptions): void {
  validateOffset(options.after, "after");
  validateAtLeastOne(options.limit, "limit");
  validateAtLeastOne(options.maxBytes, "maxBytes");
  if (options.through !== undefined) validateOffset(options.through, "through");
  if (options.epoch !== undefined) validateEpoch(options.epoch);
}

/** @throws StreamError `invalid-option` where a position is malformed */
export function validatePosition(position: Position): void {
  validateEpoch(position.epoch);
  validateOffset(position.offset, "offset");
}

/** @throws StreamError `invalid-option` where `offset` is not an integer from 0 to 2^53 - 1 */
export function validateOffset(offset: number, name: string): void {
  if (Number.isSafeInteger(offset) && offset >= 0) return;
  throw invalidOption(`"${name}" must be an integer from 0 to 2^53 - 1; got ${String(offset)}.`);
}

function validateAtLeastOne(value: number, name: string): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw invalidOption(`"${name}" must be an integer from 1 to 2^53 - 1; got ${String(value)}.`);
}

function validateEpoch(epoch: string): void {
  if (typeof epoch === "string" && isEpoch(epoch)) return;
  throw invalidOption("An epoch must be 1 to 32 characters of [a-z0-9].");
}

function validateLabel(label: string | undefined, index: number, field: string): void {
  if (label === undefined) return;
  const isFit =
    typeof label === "string" &&
    label.length > 0 &&
    !UNFIT_FOR_LINE.test(label) &&
    isWellFormed(label);
  if (isFit) return;
  throw invalidEvent(
    `events[${index}].${field} must be a non-empty, well-formed string without CR, LF and NUL; ` +
      "leave it out where there is none.",
  );
}

function validateTraceparent(value: string | undefined, index: number): void {
  if (value === undefined || (typeof value === "string" && isTraceparent(value))) return;
  throw invalidEvent(
    `events[${index}].traceparent must be a W3C traceparent, 55 characters in lower case.`,
  );
}

function isWellFormed(text: string): boolean {
  return (text as Es2024String).isWellFormed();
}

function invalidEvent(message: string): StreamError {
  return new StreamError(message, { code: "invalid-event", fault: "local" });
}

function invalidOption(message: string): StreamError {
  return new StreamError(message, { code: "invalid-option", fault: "local" });
}
