// The body of a publishing request: one event as a JSON object, several as an array or line by line.

import type { NewEvent } from "../log/event.js";
import { isTraceparent } from "../log/traceparent.js";
import { jsonText, MOST_LEVELS } from "./json-text.js";
import type { Problem } from "./problem.js";

/** What a body says. */
export type PublishBody =
  | {
      readonly kind: "events";
      readonly events: readonly NewEvent[];
      /** What an event is called towards its publisher, by its index. */
      readonly nameOf: (index: number) => string;
    }
  | { readonly kind: "invalid"; readonly problem: Problem };

/** Reads the JSON value of one event; `name` is what it is called towards its publisher. */
export type ReadEvent = (value: unknown, name: string) => EventOrProblem;

/** An event, or why the value is none. */
export type EventOrProblem = NewEvent | { readonly problem: Problem };

const FIELDS = new Set(["type", "data", "topic", "id", "traceparent"]);

const LABELS = ["type", "topic", "id", "traceparent"];

/** Reads a body that is one JSON value: an event, or an array of them. */
export function parseJsonBody(text: string, readEvent: ReadEvent = readPlainEvent): PublishBody {
  const parsed = parseJson(text);
  if (parsed === undefined) {
    return invalid("The body is not JSON.", "a JSON object or array", "other text");
  }
  const { value } = parsed;
  if (Array.isArray(value)) return readAll(value, readEvent, (index) => `events[${index}]`);
  return readAll([value], readEvent, () => "The event");
}

/** Reads a body with one JSON object in each line. Empty lines count as lines and are no events. */
export function parseNdjsonBody(text: string): PublishBody {
  const values: unknown[] = [];
  const numbers: number[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const parsed = parseJson(line);
    if (parsed === undefined) {
      const detail = `Line ${index + 1} is not JSON.`;
      return invalid(detail, "a JSON object in each line", "other text");
    }
    values.push(parsed.value);
    numbers.push(index + 1);
  }
  return readAll(values, readPlainEvent, (index) => `Line ${numbers[index]}`);
}

/**
 * Reads an event in the hub's own form. `data` may be any JSON value: a string is published as it
 * is, anything else as its JSON text. A field that is not known is an error, because a mistyped
 * `topic` would otherwise be published to everybody.
 */
function readPlainEvent(value: unknown, name: string): EventOrProblem {
  const fields = fieldsOf(value);
  if (fields === undefined) {
    return fault(`${name} is not an object.`, 'an object such as {"data": "…"}', kindOf(value));
  }
  const unknown = Object.keys(fields).find((field) => !FIELDS.has(field));
  if (unknown !== undefined) {
    const got = JSON.stringify(unknown.slice(0, 32));
    return fault(`${name} has an unknown field.`, `only ${[...FIELDS].join(", ")}`, got);
  }
  const { data, type, topic, id, traceparent } = fields as Partial<NewEvent>;
  if (data === undefined) return fault(`${name} has no data.`, "a field data", "none");
  for (const field of LABELS) {
    const label: unknown = fields[field];
    if (label === undefined || (typeof label === "string" && label !== "")) continue;
    return fault(`${name}.${field} cannot be used.`, "a string that is not empty", kindOf(label));
  }
  const text = readData(data, name);
  if (typeof text !== "string") return text;
  return { type, topic, id, traceparent: usableTrace(traceparent), data: text };
}

/** Data as text: a string is taken as it is, anything else as its JSON. */
export function readData(data: unknown, name: string): string | { readonly problem: Problem } {
  if (typeof data === "string") return data;
  const expected = `at most ${MOST_LEVELS} arrays and objects within one another`;
  return jsonText(data) ?? fault(`${name}.data is nested too deeply.`, expected, "more");
}

/**
 * A trace's identity, if it is one. What is malformed is left out without a word, as W3C Trace Context
 * §3.2.2.3 has it: tracing must not stand in the way of what is traced.
 */
export function usableTrace(traceparent: string | undefined): string | undefined {
  return traceparent !== undefined && isTraceparent(traceparent) ? traceparent : undefined;
}

/** The members of a JSON object; `undefined` where the value is none. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return value as Readonly<Record<string, unknown>>;
}

/** A refusal with the code `invalid-event`. */
export function fault(
  detail: string,
  expected: string,
  got: string,
): { readonly problem: Problem } {
  return { problem: { status: 400, code: "invalid-event", detail, expected, got } };
}

/** What a value is, without saying what it holds. */
export function kindOf(value: unknown): string {
  if (value === undefined) return "none";
  if (value === null) return "null";
  if (value === "") return "an empty string";
  return Array.isArray(value) ? "an array" : `a ${typeof value}`;
}

function readAll(
  values: readonly unknown[],
  readEvent: ReadEvent,
  nameOf: (index: number) => string,
): PublishBody {
  const events: NewEvent[] = [];
  for (const [index, value] of values.entries()) {
    const event = readEvent(value, nameOf(index));
    if ("problem" in event) return { kind: "invalid", problem: event.problem };
    events.push(event);
  }
  if (events.length > 0) return { kind: "events", events, nameOf };
  const { problem } = fault("The batch is empty.", "at least one event", "none");
  return { kind: "invalid", problem };
}

/** The value of a JSON text. The parser's own message is dropped: it quotes the payload. */
function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    // Not JSON; the caller says so in words that hold no payload.
    return undefined;
  }
}

function invalid(detail: string, expected: string, got: string): PublishBody {
  const problem = { status: 400, code: "invalid-body", detail, expected, got } as const;
  return { kind: "invalid", problem };
}
