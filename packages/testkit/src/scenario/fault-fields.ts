// The fields of faults as words: how each is read, and written.

import type { Fault } from "../fault-proxy/index.js";
import { readDuration, readSize } from "./duration.js";
import { oneOf } from "./words.js";

/** What may stand in a field of a fault. */
export type FieldValue =
  | string
  | number
  | boolean
  | Uint8Array
  | readonly string[]
  | Readonly<Record<string, string>>;

/** One field of a fault, as text has it behind `=`. */
export interface FaultField {
  /** What a complaint says was expected. */
  readonly expected: string;
  /** `undefined` for text that is no such value. */
  read(text: string): FieldValue | undefined;
  write(value: FieldValue): string;
  readonly isRequired?: true;
}

const WHOLE: FaultField = {
  expected: "a whole number",
  read: (text) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined),
  write: String,
};

const SIZE: FaultField = {
  expected: 'a size such as "4096" or "4KB"',
  read: readSize,
  write: String,
};

const MILLISECONDS: FaultField = {
  expected: 'milliseconds, such as "200", or a length of time such as "1.5s"',
  read: (text) => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : readDuration(text)),
  write: String,
};

const YES_OR_NO: FaultField = {
  expected: oneOf(["true", "false"]),
  read: (text) => (text === "true" || text === "false" ? text === "true" : undefined),
  write: String,
};

const TEXT: FaultField = {
  expected: "a word, or a text in double quotes with the escapes of JSON",
  read: readText,
  write: (value) => writeText(String(value)),
};

/** Text, or bytes as `hex:` and two digits for each. */
const BYTES: FaultField = {
  expected: 'a text in double quotes, or bytes such as "hex:e29c93"',
  read: (text) =>
    /^hex:([0-9a-f]{2})+$/i.test(text) ? bytesOf(text.slice("hex:".length)) : readText(text),
  write: (value) =>
    value instanceof Uint8Array
      ? `hex:${Buffer.from(value).toString("hex")}`
      : writeText(String(value)),
};

/** Seconds, or text that is sent as it is. */
const RETRY_AFTER: FaultField = {
  expected: 'seconds such as "2", or a text in double quotes',
  read: (text) => WHOLE.read(text) ?? readText(text),
  write: (value) => (typeof value === "number" ? String(value) : JSON.stringify(value)),
};

/** A size, or `until-close`. */
const PORTION: FaultField = {
  expected: 'a size such as "4KB", or "until-close"',
  read: (text) => (text === "until-close" ? text : readSize(text)),
  write: String,
};

/** One header field; the word stands once for each, and together they make up `headers`. */
const HEADER: FaultField = {
  expected: 'a header field such as "Location: /login" in double quotes',
  read: (text) => {
    const [, name, value] = /^([^\s:]+):\s*(.*)$/.exec(readText(text) ?? "") ?? [];
    return name === undefined || value === undefined ? undefined : { [name]: value };
  },
  write: (value) =>
    Object.entries(value)
      .map(([name, text]) => JSON.stringify(`${name}: ${text}`))
      .join(" header="),
};

function choice(...choices: readonly string[]): FaultField {
  return {
    expected: oneOf(choices),
    read: (text) => choices.find((each) => each === text),
    write: String,
  };
}

function required(field: FaultField): FaultField {
  return { ...field, isRequired: true };
}

/** One name of a list; the word stands once for each. */
const NAME: FaultField = {
  expected: "the name of a header field",
  read: (text) => (/^[\w-]+$/.test(text) ? [text] : undefined),
  write: (value) => (Array.isArray(value) ? value.join(" remove=") : ""),
};

/** Which requests a fault answers. */
const SELECTION = { path: TEXT, skip: WHOLE, times: WHOLE };

/** Where a field's word differs from its name in {@link Fault}. */
export const FIELD_OF_WORD: ReadonlyMap<string, string> = new Map([["header", "headers"]]);

/** Every kind of fault with its fields, by the words that stand for them. */
export const FAULT_FIELDS: Readonly<Record<Fault["kind"], Readonly<Record<string, FaultField>>>> = {
  pass: {},
  "end-cleanly": {},
  fin: {},
  reset: {},
  refuse: {},
  "reset-new": {},
  "accept-stall": {},
  "headers-only": {},
  freeze: { direction: required(choice("both", "up", "down")), thaw: YES_OR_NO },
  "http-error": {
    status: required(WHOLE),
    retryAfter: RETRY_AFTER,
    retryAfterAs: choice("seconds", "date"),
    header: HEADER,
    body: TEXT,
    ...SELECTION,
  },
  "open-then-close": SELECTION,
  garbage: {
    instead: required(choice("response", "body", "line")),
    bytes: SIZE,
    ...SELECTION,
  },
  slow: { bytesPerSecond: required(SIZE), direction: choice("both", "up", "down") },
  delay: { ms: required(MILLISECONDS) },
  cut: {
    after: required(BYTES),
    plusBytes: WHOLE,
    skip: WHOLE,
    end: required(choice("fin", "reset")),
    times: WHOLE,
  },
  buffer: { bytes: required(PORTION) },
  "half-open": { lost: required(choice("client", "upstream")) },
  "late-head": { ms: required(MILLISECONDS) },
  "idle-timeout": { ms: required(MILLISECONDS), end: choice("fin", "reset") },
  "rewrite-head": { status: WHOLE, header: HEADER, remove: NAME },
  gzip: {},
};

function readText(text: string): string | undefined {
  if (!text.startsWith('"')) return text.includes('"') || text === "" ? undefined : text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : undefined;
  } catch {
    // No such text: the caller says what was expected.
    return undefined;
  }
}

function writeText(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : JSON.stringify(text);
}

function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, "hex"));
}
