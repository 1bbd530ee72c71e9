// Schemas whose complaints name what was expected and what came, and of a mistyped field the one that
// was meant.

import * as v from "valibot";
import { meant, show } from "./resolve-settings.js";

/** What a complaint is made from. */
export interface SchemaIssue {
  readonly input: unknown;
  readonly expected: string | null;
  readonly path?: readonly v.IssuePathItem[] | undefined;
}

/** The complaint that something else was expected. */
export function wanted(expected: string): (issue: SchemaIssue) => string {
  return ({ input }) => `expected ${expected}; got ${show(input)}`;
}

/** An object that has these fields and no others. */
export function fields<const Entries extends v.ObjectEntries>(entries: Entries, expected: string) {
  return v.pipe(notList(expected), option(entries, expected));
}

/** The same as one option of several, which are told apart before by a field that all of them have. */
export function option<const Entries extends v.ObjectEntries>(entries: Entries, expected: string) {
  const known = Object.keys(entries);
  return v.strictObject(entries, (issue: SchemaIssue) => {
    // Of a field that there should not be, valibot says that it expects nothing at all there.
    const name = String(issue.path?.at(-1)?.key);
    if (issue.expected === "never") {
      return `there is no such field. ${meant(name, known) ?? `There are ${known.join(", ")}`}`;
    }
    if (issue.expected === JSON.stringify(name)) return "expected a value; got nothing";
    return wanted(expected)(issue);
  });
}

/** To valibot a list is an object, too: an empty one would be a match that everything fits. */
function notList(expected: string) {
  return v.pipe(
    v.unknown(),
    v.check((input) => !Array.isArray(input), wanted(expected)),
  );
}

/** Names that valibot leaves out of records without a word, which would widen what they match. */
const LOST_NAMES = ["__proto__", "constructor", "prototype"];

/** An object with names of one form, all of whose values are of one kind. */
export function record<const Value extends v.GenericSchema>(
  value: Value,
  { pattern, names, expected }: { pattern: RegExp; names: string; expected: string },
) {
  return v.pipe(
    notList(expected),
    v.check(
      (input) => !isObject(input) || !Object.keys(input).some((name) => LOST_NAMES.includes(name)),
      `expected other names than ${LOST_NAMES.join(", ")}`,
    ),
    v.record(v.pipe(v.string(), v.regex(pattern, wanted(names))), value, wanted(expected)),
  );
}

/** A text of one form. */
export function word(pattern: RegExp, expected: string) {
  return v.pipe(v.string(wanted(expected)), v.regex(pattern, wanted(expected)));
}

/** A whole number. */
export function whole(least: number, most: number) {
  const complaint = wanted(`an integer from ${least} to ${most}`);
  return v.pipe(
    v.number(complaint),
    v.safeInteger(complaint),
    v.minValue(least, complaint),
    v.maxValue(most, complaint),
  );
}

/** Where in a file something stands: `routes[2].upstream.silenceMs`. */
export function pathText(path: readonly v.IssuePathItem[] = []): string {
  return path.reduce((text, { key }) => {
    if (typeof key === "number") return `${text}[${key}]`;
    const name = String(key);
    if (!/^[A-Za-z_]\w*$/.test(name)) return `${text}[${JSON.stringify(name)}]`;
    return text === "" ? name : `${text}.${name}`;
  }, "");
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
