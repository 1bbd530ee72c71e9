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
 * @param nameOf what an event is called, by its index; default `events[<index>]`
 * @throws StreamError `invalid-event`; the message names the event, never its payload
 */
export function validateEvents(
  events: readonly NewEvent[],
  nameOf: (index: number) => string = (index) => `events[${index}]`,
): void {
  if (events.length === 0) throw invalidEvent("A batch needs at least one event; got none.");
  for (let index = 0; index < events.length; index += 1) {
    validateEvent(events[index], () => nameOf(index));
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

function validateEvent(event: NewEvent | undefined, name: () => string): void {
  if (typeof event?.data !== "string") {
    throw invalidEvent(`${name()}.data must be a string; got ${typeof event?.data}.`);
  }
  if (!isWellFormed(event.data)) throw invalidEvent(`${name()}.data must be well-formed Unicode.`);
  const { type, topic, id, traceparent } = event;
  if (!isLabel(type)) throw unfitLabel(name(), "type");
  if (!isLabel(topic)) throw unfitLabel(name(), "topic");
  if (!isLabel(id)) throw unfitLabel(name(), "id");
  if (id !== undefined && Buffer.byteLength(id) > LONGEST_ID_BYTES) {
    throw invalidEvent(`${name()}.id must have at most ${LONGEST_ID_BYTES} bytes in UTF-8.`);
  }
  if (traceparent === undefined) return;
  if (typeof traceparent === "string" && isTraceparent(traceparent)) return;
  throw invalidEvent(
    `${name()}.traceparent must be a W3C traceparent, 55 characters in lower case.`,
  );
}

function isLabel(label: string | undefined): boolean {
  if (label === undefined) return true;
  if (typeof label !== "string" || label === "") return false;
  return !UNFIT_FOR_LINE.test(label) && isWellFormed(label);
}

function unfitLabel(name: string, field: string): StreamError {
  return invalidEvent(
    `${name}.${field} must be a non-empty, well-formed string without CR, LF and NUL; ` +
      "leave it out where there is none.",
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
