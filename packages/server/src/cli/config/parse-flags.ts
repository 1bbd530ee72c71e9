// The flags and operands of a command, from its settings.

import { parseArgs } from "node:util";
import type { Settings } from "./setting.js";
import { flagName } from "./setting-names.js";
import { UsageError } from "./usage-error.js";

/** A flag that is no setting. */
export interface ExtraFlag {
  readonly type: "string" | "boolean";
  readonly about: string;
  /** One letter. */
  readonly short?: string;
}

/** What was called. */
export interface ParsedFlags {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly operands: readonly string[];
}

/**
 * Parses what stands behind the name of a command.
 *
 * @throws UsageError for unknown flags, missing values, and more operands than there may be
 */
export function parseFlags(
  argv: readonly string[],
  table: Settings,
  extra: Readonly<Record<string, ExtraFlag>>,
  mostOperands: number,
): ParsedFlags {
  const options: Record<string, { type: "string" | "boolean"; short?: string }> = {};
  for (const [name, { form, isSecret }] of Object.entries(table)) {
    if (!isSecret) options[flagName(name)] = { type: form === "switch" ? "boolean" : "string" };
  }
  for (const [name, { type, short }] of Object.entries(extra)) {
    options[name] = short === undefined ? { type } : { type, short };
  }
  const parsed = parse(argv, options);
  const surplus = parsed.positionals[mostOperands];
  if (surplus !== undefined)
    throw new UsageError(`Nothing is expected at ${JSON.stringify(surplus)}.`);
  return { flags: parsed.values, operands: parsed.positionals };
}

function parse(
  argv: readonly string[],
  options: Record<string, { type: "string" | "boolean"; short?: string }>,
) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, allowNegative: true });
  } catch (error) {
    // Node's own sentences are good; the first of them is enough.
    const [sentence = ""] = error instanceof Error ? error.message.split(/\.\s|\n/) : [];
    throw new UsageError(`${sentence.replace(/\.?$/, ".")} See --help.`);
  }
}
