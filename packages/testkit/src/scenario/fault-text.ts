// A fault as words, `freeze direction=both`: read, and written.

import type { Fault } from "../fault-proxy/index.js";
import { assertFault } from "../fault-proxy/validate-fault.js";
import { FAULT_FIELDS, type FaultField, FIELD_OF_WORD, type FieldValue } from "./fault-fields.js";
import { checkedAt, oneOf, Words } from "./words.js";

const KINDS = Object.keys(FAULT_FIELDS) as readonly Fault["kind"][];

/**
 * Reads one fault: its kind, and its fields as `name=value`.
 *
 * @throws StreamError `invalid-option`: what was expected, and what was found
 */
export function parseFault(text: string): Fault {
  const words = new Words(text, { name: "fault", line: 1 });
  const fault = takeFault(words);
  words.end();
  return fault;
}

/** The words of a fault; `parseFault` makes the same fault of them. */
export function formatFault(fault: Fault): string {
  const given = new Map<string, FieldValue | undefined>(Object.entries(fault));
  const fields = Object.entries(FAULT_FIELDS[fault.kind]).flatMap(([word, field]) => {
    const value = given.get(FIELD_OF_WORD.get(word) ?? word);
    if (value === undefined || value === Number.POSITIVE_INFINITY) return [];
    const text = field.write(value);
    return text === "" ? [] : [`${word}=${text}`];
  });
  return [fault.kind, ...fields].join(" ");
}

/** Takes a fault, which goes as far as there are fields. */
export function takeFault(words: Words): Fault {
  const kind = KINDS.find((each) => each === words.next);
  if (kind === undefined) throw words.error(`a fault: ${oneOf(KINDS)}`);
  words.take("a fault");
  const fields = FAULT_FIELDS[kind];
  const values = new Map<string, FieldValue>([["kind", kind]]);
  while (words.next?.includes("=")) takeField(words, { kind, fields, values });
  for (const [word, { isRequired, expected }] of Object.entries(fields)) {
    if (isRequired && !values.has(word)) {
      throw words.error(`"${word}=", ${expected}, which "${kind}" must have`);
    }
  }
  // The ranges of numbers are those of the proxy.
  const fault = Object.fromEntries(values) as unknown as Fault;
  checkedAt(words.place, () => assertFault(fault));
  return fault;
}

interface Collected {
  readonly kind: string;
  readonly fields: Readonly<Record<string, FaultField>>;
  readonly values: Map<string, FieldValue>;
}

function takeField(words: Words, { kind, fields, values }: Collected): void {
  const text = words.next ?? "";
  const equals = text.indexOf("=");
  const word = text.slice(0, equals);
  const field = Object.hasOwn(fields, word) ? fields[word] : undefined;
  if (field === undefined) {
    const known = Object.keys(fields);
    throw words.error(
      known.length === 0 ? `no field, "${kind}" has none` : `a field of "${kind}": ${oneOf(known)}`,
    );
  }
  const value = field.read(text.slice(equals + 1));
  if (value === undefined) throw words.error(`"${word}=" with ${field.expected}`);
  const name = FIELD_OF_WORD.get(word) ?? word;
  const whole = joined(values.get(name), value);
  if (whole === undefined) throw words.error(`"${word}=" once`);
  values.set(name, whole);
  words.take("a field");
}

/** A field that stands several times: those of lists and records are put together, others are refused. */
function joined(before: FieldValue | undefined, value: FieldValue): FieldValue | undefined {
  if (before === undefined) return value;
  if (isList(before) && isList(value)) return [...before, ...value];
  if (isRecord(before) && isRecord(value)) return { ...before, ...value };
  return undefined;
}

function isList(value: FieldValue): value is readonly string[] {
  return Array.isArray(value);
}

function isRecord(value: FieldValue): value is Readonly<Record<string, string>> {
  return typeof value === "object" && !isList(value) && !(value instanceof Uint8Array);
}
