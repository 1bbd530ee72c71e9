// Flags and operands of a command line.

import { type ParseArgsConfig, parseArgs } from "node:util";
import { UsageError } from "./cli-host.js";

type Flags = NonNullable<ParseArgsConfig["options"]>;

/** What was given, by the name of the flag. */
export interface GivenFlags {
  /** Text of a flag; `undefined` where it was not given. */
  text(name: string): string | undefined;
  isSet(name: string): boolean;
  readonly operands: readonly string[];
}

/**
 * Reads a command line; every command has `--help`.
 *
 * @throws UsageError for flags that are not known, or lack their value
 */
export function readFlags(argv: readonly string[], flags: Flags): GivenFlags {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: { ...flags, help: { type: "boolean", short: "h" } },
      allowPositionals: true,
    });
    const given = new Map<string, unknown>(Object.entries(values));
    return {
      text: (name) => {
        const value = given.get(name);
        return typeof value === "string" ? value : undefined;
      },
      isSet: (name) => given.get(name) === true,
      operands: positionals,
    };
  } catch (error) {
    // The sentences of `parseArgs` are for people.
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** The text of a flag that has to be there. */
export function requiredText(given: GivenFlags, name: string, example: string): string {
  const text = given.text(name);
  if (text === undefined)
    throw new UsageError(`--${name} is missing: expected --${name} ${example}`);
  return text;
}

/** A whole number in a range. */
export function wholeNumber(
  given: GivenFlags,
  name: string,
  {
    least,
    most,
    fallback,
  }: { readonly least: number; readonly most: number; readonly fallback: number },
): number {
  const text = given.text(name);
  if (text === undefined) return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(
    `--${name}: expected a whole number from ${least} to ${most}, got "${text}".`,
  );
}

/** Host and port of an `http` address. */
export function originOf(
  name: string,
  url: string,
): { readonly host: string; readonly port: number } {
  if (URL.canParse(url)) {
    const { protocol, hostname, port } = new URL(url);
    if (protocol === "http:")
      return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 80) };
  }
  throw new UsageError(
    `--${name}: expected an address such as http://127.0.0.1:8080, got "${url}".`,
  );
}
