// The body of a publishing request: one event as a JSON object, or several as an array.

import type { NewEvent } from "../log/event.js";
import type { Problem } from "./problem.js";

/** What a body says. */
export type PublishBody =
  | { readonly kind: "events"; readonly events: readonly NewEvent[] }
  | { readonly kind: "invalid"; readonly problem: Problem };

const FIELDS = ["type", "data", "topic", "id"];

/**
 * Reads the body of a publishing request. `data` may be any JSON value: a string is published as it
 * is, anything else as its JSON text. A field that is not known is an error, because a mistyped
 * `topic` would otherwise be published to everybody.
 */
export function parsePublishBody(text: string): PublishBody {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the payload.
    return invalid("invalid-body", "The body is not JSON.", "a JSON object or array", "other text");
  }
  const items = Array.isArray(value) ? value : [value];
  if (items.length === 0) {
    return invalid("invalid-event", "The batch is empty.", "at least one event", "none");
  }
  const events: NewEvent[] = [];
  for (const [index, item] of items.entries()) {
    const name = Array.isArray(value) ? `events[${index}]` : "The event";
    const event = toEvent(item, name);
    if ("problem" in event) return { kind: "invalid", problem: event.problem };
    events.push(event);
  }
  return { kind: "events", events };
}

function toEvent(item: unknown, name: string): NewEvent | { readonly problem: Problem } {
  if (typeof item !== "object" || item === null || Array.isArray(item)) {
    return fault(`${name} is not an object.`, 'an object such as {"data": "…"}', kindOf(item));
  }
  const fields: { readonly [field: string]: unknown } = { ...item };
  const unknown = Object.keys(fields).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) {
    const got = JSON.stringify(unknown.slice(0, 32));
    return fault(`${name} has an unknown field.`, `only ${FIELDS.join(", ")}`, got);
  }
  const { data, type, topic, id } = fields as { readonly [field: string]: unknown } & NewEvent;
  if (data === undefined) return fault(`${name} has no data.`, "a field data", "none");
  for (const [field, label] of Object.entries({ type, topic, id })) {
    if (label === undefined || (typeof label === "string" && label !== "")) continue;
    return fault(`${name}.${field} cannot be used.`, "a string that is not empty", kindOf(label));
  }
  return { type, topic, id, data: typeof data === "string" ? data : JSON.stringify(data) };
}

function fault(detail: string, expected: string, got: string): { readonly problem: Problem } {
  return { problem: { status: 400, code: "invalid-event", detail, expected, got } };
}

function invalid(
  code: Problem["code"],
  detail: string,
  expected: string,
  got: string,
): PublishBody {
  return { kind: "invalid", problem: { status: 400, code, detail, expected, got } };
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (value === "") return "an empty string";
  return Array.isArray(value) ? "an array" : `a ${typeof value}`;
}
