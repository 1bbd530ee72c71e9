// From what a file, the environment and flags say to checked values: file < environment < flags.

import * as v from "valibot";
import type { Setting, Settings, ValuesOf } from "./setting.js";
import { ENVIRONMENT_PREFIX, environmentName, flagName } from "./setting-names.js";
import { UsageError } from "./usage-error.js";

/** A file of settings. */
export interface ConfigFile {
  readonly name: string;
  readonly content: unknown;
}

/** What the sources say. */
export interface Sources {
  /** What the file holds, and how it is called. */
  readonly file?: ConfigFile | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Flags as they were parsed, by their names without dashes. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** What the file may hold beside settings; somebody else reads that. */
  readonly sections?: readonly string[] | undefined;
}

/** A value that somebody gave, and where. */
interface Given {
  readonly value: unknown;
  /** As it stands in messages: `flag --port`. */
  readonly from: string;
}

/**
 * Merges and checks.
 *
 * @throws UsageError with a line for every value that cannot be used, and for every unknown name. A
 *   line names the setting, where the value came from, what was expected and what came
 */
export function resolveSettings<Table extends Settings>(
  table: Table,
  sources: Sources,
): ValuesOf<Table> {
  const problems = [...unknownInFile(table, sources), ...unknownInEnvironment(table, sources)];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(table)) {
    const given = find(name, setting, sources);
    if (given === undefined) {
      values[name] = setting.fallback;
      continue;
    }
    const parsed = v.safeParse(setting.schema, given.value);
    if (parsed.success) values[name] = parsed.output;
    else problems.push(complaint(name, setting, given));
  }
  if (problems.length > 0) throw new UsageError(problems.join("\n"));
  // Each name of the table has a value that its own schema has let through.
  return values as ValuesOf<Table>;
}

/** The strongest source that says something. */
function find(name: string, setting: Setting<unknown>, sources: Sources): Given | undefined {
  const { flags, environment, file } = sources;
  const flag = flags[flagName(name)];
  if (flag !== undefined) {
    return { value: fromText(flag, setting), from: `flag --${flagName(name)}` };
  }
  for (const variable of [environmentName(name), ...setting.alsoFrom]) {
    const said = environment[variable];
    if (said === undefined || said === "" || isServiceLink(variable, said)) continue;
    return { value: fromText(said, setting), from: `environment variable ${variable}` };
  }
  const content = file === undefined ? {} : membersOf(file);
  return Object.hasOwn(content, name) && file !== undefined
    ? { value: content[name], from: `file ${file.name}` }
    : undefined;
}

/** What cannot be read stays as it is, so that the schema refuses it and the message shows it. */
function fromText(value: unknown, { form }: Setting<unknown>): unknown {
  if (typeof value !== "string") return value;
  if (form === "integer" && /^-?\d+$/.test(value)) return Number(value);
  if (form === "switch" && /^(?:true|1)$/.test(value)) return true;
  if (form === "switch" && /^(?:false|0)$/.test(value)) return false;
  return value;
}

function complaint(name: string, { expected, isSecret }: Setting<unknown>, given: Given): string {
  const got = isSecret ? "something else, which is not shown here" : show(given.value);
  return `Setting "${name}" (${given.from}): expected ${expected}; got ${got}.`;
}

/** Longest value that a message shows, in characters. */
const LONGEST_SHOWN = 80;

/** A value as it stands in messages. */
export function show(value: unknown): string {
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "a list" : "a map";
  return JSON.stringify(value)?.slice(0, LONGEST_SHOWN) ?? "nothing";
}

function unknownInFile(table: Settings, { file, sections = [] }: Sources): string[] {
  if (file === undefined) return [];
  const known = [...Object.keys(table), ...sections];
  return Object.keys(membersOf(file))
    .filter((name) => !known.includes(name))
    .map(
      (name) =>
        `Unknown setting ${show(name)} (file ${file.name}). ` +
        `${meant(name, known) ?? "See --help for those there are."}`,
    );
}

/**
 * A mistyped variable would be a setting that nobody applies. Variables of other commands are known
 * as well; those that Kubernetes makes for a service of this name are nobody's setting.
 */
function unknownInEnvironment(table: Settings, { environment }: Sources): string[] {
  const known = [...Object.keys(table).map(environmentName), ...OTHER_VARIABLES];
  return Object.entries(environment)
    .filter(([name]) => name.startsWith(ENVIRONMENT_PREFIX) && !known.includes(name))
    .filter(([name, value]) => !isServiceLink(name, value ?? ""))
    .map(
      ([name]) =>
        `Unknown environment variable ${name}. ${meant(name, known) ?? "See --help for those there are."}`,
    );
}

/** Variables that belong to no table. */
const OTHER_VARIABLES = ["THROUGHLINE_CONFIG", "THROUGHLINE_URL", "THROUGHLINE_TOKEN"];

/** `THROUGHLINE_PORT=tcp://10.0.0.1:80` and its companions. */
function isServiceLink(name: string, value: string): boolean {
  return /^(?:tcp|udp):\/\//.test(value) || /_(?:SERVICE_HOST|SERVICE_PORT|PORT_\d+_)/.test(name);
}

/** Asks for the known name that the unknown one most likely was meant to be, if there is one. */
export function meant(unknown: string, known: readonly string[]): string | undefined {
  const plain = (name: string) => name.toLowerCase().replace(/[^a-z]/g, "");
  const likely = known.find(
    (name) => plain(name) === plain(unknown) || plain(name).startsWith(plain(unknown)),
  );
  return likely === undefined ? undefined : `Was ${likely} meant?`;
}

/**
 * The members of a file.
 *
 * @throws UsageError where it holds something else than names and values
 */
export function membersOf({ name, content }: ConfigFile): Readonly<Record<string, unknown>> {
  // An empty file says nothing, which is allowed.
  if (content === null || content === undefined) return {};
  if (typeof content === "object" && !Array.isArray(content)) return { ...content };
  throw new UsageError(`File ${name}: expected names with values, like "port: 8081".`);
}
