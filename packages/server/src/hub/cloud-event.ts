// CloudEvents 1.0 as events of a stream: JSON format (structured, batched) and HTTP binary mode.
// https://github.com/cloudevents/spec, core §3, JSON format §3 and §4, HTTP binding §3.

import { LONGEST_TOPIC } from "throughline/core";
import {
  type EventOrProblem,
  fault,
  fieldsOf,
  kindOf,
  type PublishBody,
  readData,
  usableTrace,
} from "./publish-body.js";
import { isTopic } from "./topic-filter.js";

/** Longest `source` and `id` together: with the space between them they are the event's id. */
const LONGEST_IDENTITY_BYTES = 511;

const REQUIRED = ["specversion", "id", "source", "type"] as const;
const OPTIONAL = ["subject", "traceparent"] as const;

/** Standard base64 with its padding (RFC 4648 §4), which is how the JSON format writes bytes. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Reads a CloudEvent in JSON format: `type` → type, `subject` → topic, `source` and `id` → id (the
 * specification makes the two unique together), `data` → data, `data_base64` → data, which stays
 * base64. Other attributes and extensions are allowed and not delivered.
 */
export function readCloudEvent(value: unknown, name: string): EventOrProblem {
  const fields = fieldsOf(value);
  if (fields === undefined) {
    return fault(`${name} is not an object.`, "a CloudEvent in JSON format", kindOf(value));
  }
  const data = readEitherData(fields, name);
  return typeof data === "string" ? readAttributes(fields, data, name) : data;
}

/** Reads a CloudEvent in binary mode: its attributes from headers, its data from the body. */
export function readBinaryCloudEvent(
  header: (name: string) => string | undefined,
  data: string,
): PublishBody {
  const fields: Record<string, unknown> = {};
  for (const attribute of [...REQUIRED, ...OPTIONAL]) {
    const value = header(`ce-${attribute}`);
    if (value !== undefined) fields[attribute] = decodeHeader(value);
  }
  const event = readAttributes(fields, data, "The event");
  if ("problem" in event) return { kind: "invalid", problem: event.problem };
  return { kind: "events", events: [event], nameOf: () => "The event" };
}

function readAttributes(
  fields: Readonly<Record<string, unknown>>,
  data: string,
  name: string,
): EventOrProblem {
  for (const attribute of [...REQUIRED, ...OPTIONAL]) {
    const value = fields[attribute];
    if (typeof value === "string" && value !== "") continue;
    // The JSON format allows `null` for an attribute that is not there (§2.2).
    const isAbsent = value === undefined || value === null;
    if (isAbsent && !REQUIRED.some((required) => required === attribute)) continue;
    const detail = `${name} has no usable CloudEvents attribute "${attribute}".`;
    return fault(detail, "a string that is not empty", kindOf(value));
  }
  const { specversion, id, source, type, subject, traceparent } = fields as Readonly<
    Record<(typeof REQUIRED)[number], string>
  > &
    Readonly<Partial<Record<(typeof OPTIONAL)[number], string | null>>>;
  if (specversion !== "1.0") {
    const detail = `${name} has another CloudEvents "specversion".`;
    return fault(detail, "1.0", "another version");
  }
  if (/\s/.test(source)) {
    return fault(`${name}.source is not a URI-reference.`, "no white space", "some");
  }
  if (Buffer.byteLength(source + id) > LONGEST_IDENTITY_BYTES) {
    const expected = `at most ${LONGEST_IDENTITY_BYTES} bytes`;
    return fault(`${name}: source and id are too long together.`, expected, "more");
  }
  const topic = subject ?? undefined;
  if (topic !== undefined && !isTopic(topic)) {
    const expected = `1 to ${LONGEST_TOPIC} characters without control characters, commas and asterisks`;
    return fault(`${name}.subject cannot be a topic.`, expected, "another text");
  }
  const trace = usableTrace(traceparent ?? undefined);
  return { type, topic, id: `${source} ${id}`, traceparent: trace, data };
}

function readEitherData(
  fields: Readonly<Record<string, unknown>>,
  name: string,
): string | Extract<EventOrProblem, { problem: unknown }> {
  const { data, data_base64: base64 } = fields;
  if (base64 === undefined) return data === undefined ? "" : readData(data, name);
  if (data !== undefined) {
    return fault(`${name} has both data and data_base64.`, "one of them", "both");
  }
  if (typeof base64 === "string" && BASE64.test(base64)) return base64;
  const got = typeof base64 === "string" ? "another text" : kindOf(base64);
  return fault(`${name}.data_base64 cannot be used.`, "base64", got);
}

/** Undoes the percent-encoding of HTTP binding §3.1.3.2; what cannot be undone stays as it is. */
function decodeHeader(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    // A percent sign that stands for itself.
    return value;
  }
}
