// What a setting is: its schema, its default, and the words that explain it. Parsing, checking, help
// and documents all come from here, and so they cannot contradict each other.

import * as v from "valibot";

/** One setting. */
export interface Setting<Value> {
  readonly schema: v.GenericSchema<unknown, Value>;
  /** How texts of the environment and of flags become values. */
  readonly form: "text" | "integer" | "switch";
  /** The value where nobody gives one. */
  readonly fallback: Value;
  /** What a value has to be, as it follows "expected". */
  readonly expected: string;
  /** What it does, in a sentence or two, with the reason of the default. */
  readonly about: string;
  /** A secret is taken from the environment and the file only, and is never shown. */
  readonly isSecret: boolean;
  /** Names of environment variables beside the setting's own, which wins over them. */
  readonly alsoFrom: readonly string[];
}

/** The settings of a command, by name. */
export type Settings = Readonly<Record<string, Setting<unknown>>>;

/** The values of settings. */
export type ValuesOf<Table extends Settings> = {
  readonly [Name in keyof Table]: Table[Name] extends Setting<infer Value> ? Value : never;
};

interface Words {
  readonly about: string;
  readonly alsoFrom?: readonly string[];
}

/** A whole number. */
export function integer<const Fallback extends number | undefined>(
  options: Words & { readonly least: number; readonly most: number; readonly fallback: Fallback },
): Setting<number | Extract<Fallback, undefined>> {
  const { least, most, fallback } = options;
  const range = v.pipe(v.number(), v.safeInteger(), v.minValue(least), v.maxValue(most));
  return {
    ...common(options),
    schema: range,
    form: "integer",
    fallback: fallback as number | Extract<Fallback, undefined>,
    expected: `an integer from ${least} to ${most}`,
  };
}

/** One of a few words. */
export function choice<const Word extends string>(
  options: Words & { readonly of: readonly [Word, ...Word[]]; readonly fallback: NoInfer<Word> },
): Setting<Word> {
  return {
    ...common(options),
    schema: v.picklist(options.of),
    form: "text",
    fallback: options.fallback,
    expected: options.of.length === 1 ? options.of[0] : `one of ${options.of.join(", ")}`,
  };
}

/** A text of a certain form. */
export function text<const Fallback extends string | undefined>(
  options: Words & {
    readonly fallback: Fallback;
    readonly expected: string;
    readonly pattern: RegExp;
    readonly isSecret?: boolean;
  },
): Setting<string | Extract<Fallback, undefined>> {
  return {
    ...common(options),
    schema: v.pipe(v.string(), v.regex(options.pattern)),
    form: "text",
    fallback: options.fallback as string | Extract<Fallback, undefined>,
    expected: options.expected,
    isSecret: options.isSecret ?? false,
  };
}

/** On or off. */
export function toggle(options: Words & { readonly fallback: boolean }): Setting<boolean> {
  return {
    ...common(options),
    schema: v.boolean(),
    form: "switch",
    fallback: options.fallback,
    expected: "true or false",
  };
}

function common({ about, alsoFrom = [] }: Words) {
  return { about, alsoFrom, isSecret: false };
}
