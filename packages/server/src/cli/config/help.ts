// The help of a command, made from its settings.

import type { ExtraFlag } from "./parse-flags.js";
import type { Setting, Settings } from "./setting.js";
import { environmentName, flagName } from "./setting-names.js";

/** What a help text is made of. */
export interface HelpParts {
  /** How it is called, after `throughline`. */
  readonly usage: string;
  /** What it does, in a sentence or two. */
  readonly about: string;
  readonly settings: Settings;
  /** Where else settings may stand: anywhere, or nowhere but for those that are named here. */
  readonly variables: "all" | readonly string[];
  readonly extra: Readonly<Record<string, ExtraFlag>>;
  /** What stands at the end: examples, exit codes. */
  readonly more: string;
}

const WIDTH = 96;
const INDENT = "      ";

/** The whole text, with a line break at its end. */
export function helpText({ usage, about, settings, variables, extra, more }: HelpParts): string {
  const entries = Object.entries(settings).map(([name, setting]) =>
    settingHelp(name, setting, variables),
  );
  const flags = Object.entries(extra).map(([name, flag]) => flagHelp(name, flag));
  return [
    `Usage: throughline ${usage}`,
    wrap(about, ""),
    "Options:",
    ...entries,
    ...flags,
    more.trim(),
    "",
  ]
    .join("\n\n")
    .replace(/\n+$/, "\n");
}

function settingHelp(
  name: string,
  setting: Setting<unknown>,
  variables: HelpParts["variables"],
): string {
  const { form, expected, about, isSecret, alsoFrom } = setting;
  const value = form === "switch" ? "" : ` <${form}>`;
  const flag = isSecret
    ? `  (no flag for ${name}: it is a secret)`
    : `  --${flagName(name)}${value}`;
  const rule = form === "switch" ? "" : `Expected: ${expected}. `;
  const lines = [flag, wrap(`${about} ${rule}Default: ${showDefault(setting)}.`, INDENT)];
  const known = [environmentName(name), ...alsoFrom].join(" or ");
  if (variables === "all")
    lines.push(`${INDENT}In the environment: ${known}`, `${INDENT}In a file: ${name}`);
  else if (variables.includes(name)) lines.push(`${INDENT}In the environment: ${known}`);
  return lines.join("\n");
}

/** A default as it stands in help and documents. */
export function showDefault({ fallback }: Setting<unknown>): string {
  return fallback === undefined ? "none" : fallback === "" ? "empty" : String(fallback);
}

function flagHelp(name: string, { short, type, about }: ExtraFlag): string {
  const letter = short === undefined ? "" : `-${short}, `;
  return `  ${letter}--${name}${type === "string" ? " <text>" : ""}\n${wrap(about, INDENT)}`;
}

/** Breaks a text into lines. */
function wrap(sentence: string, indent: string): string {
  const lines: string[] = [];
  let line = indent;
  for (const word of sentence.split(" ")) {
    if (line.length + word.length > WIDTH) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()].join("\n");
}
