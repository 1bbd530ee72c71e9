// `throughline publish`: one event from the command line, or as many as come on standard input.

import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { type CliHost, EXIT } from "./cli-host.js";
import { CLIENT_SETTINGS, type ClientConfig } from "./config/client-settings.js";
import { helpText } from "./config/help.js";
import { type ExtraFlag, parseFlags } from "./config/parse-flags.js";
import { resolveSettings } from "./config/resolve-settings.js";
import { text } from "./config/setting.js";
import { UsageError } from "./config/usage-error.js";
import { authorizationOf, streamUrl } from "./hub-address.js";
import { inBatches } from "./in-batches.js";

const LABEL = { fallback: undefined, expected: "a text in one line", pattern: /^[^\r\n\0]+$/ };

const SETTINGS = {
  ...CLIENT_SETTINGS,
  type: text({ ...LABEL, about: "The event type. Without it readers see a message." }),
  topic: text({ ...LABEL, about: "The topic that subscriptions may filter by." }),
  id: text({ ...LABEL, about: "The publisher's own name for the event." }),
} as const;

const EXTRA = {
  help: { type: "boolean", short: "h", about: "Print this and end." },
} as const satisfies Readonly<Record<string, ExtraFlag>>;

const MORE = `
DATA is published as it is. With - events are read from standard input, one JSON object in a line,
with the members data, type, topic and id; those that are not there are taken from the options.
They are published in order, in batches of at most 500; what comes within 50 ms is one batch.

The cursor of every event is printed when the hub has it. The command ends with 0 when the hub has
all of them, else with 1 and a line that says why; what was published before that stays.

Examples:
  throughline publish feed 'hello'
  throughline publish ward/42 '{"level":"red"}' --type alert --topic ward/42
  cat events.ndjson | throughline publish feed - --url https://example.org`;

/** Longest wait for the answer to a batch: a disk that is stuck for longer is a failure. */
const ANSWER_WITHIN_MS = 30_000;

/** Publishes, and prints the cursors. */
export async function publishCommand(argv: readonly string[], host: CliHost): Promise<number> {
  const { flags, operands } = parseFlags(argv, SETTINGS, EXTRA, 2);
  if (flags["help"] === true) {
    const usage = "publish STREAM DATA|- [options]";
    const about = "Publishes an event to a stream, or the events that come on standard input.";
    const parts = { usage, about, settings: SETTINGS, extra: EXTRA, more: MORE };
    host.stdout.write(helpText({ ...parts, variables: ["url"] }));
    return EXIT.ok;
  }
  const { type, topic, id, ...client } = resolveSettings(SETTINGS, {
    environment: clientEnvironment(host),
    flags,
  });
  const [stream, data] = operands;
  const url = streamUrl(client, stream);
  if (data === undefined) throw new UsageError("Expected the data, or - for standard input.");
  const send = (events: readonly object[]) => publishBatch(events, { url, client, host });
  const defaults = { type, topic, id };
  if (data !== "-") {
    await send([{ ...defaults, data }]);
    return EXIT.ok;
  }
  let line = 0;
  const lines = createInterface({
    input: Readable.from(host.stdin),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  for await (const batch of inBatches(lines)) {
    const events: object[] = [];
    for (const json of batch) {
      line += 1;
      if (json.trim() !== "") events.push({ ...defaults, ...parseLine(json, line) });
    }
    if (events.length > 0) await send(events);
  }
  return EXIT.ok;
}

/** Only what these commands know: a hub's settings may stand in the same environment. */
export function clientEnvironment({
  environment,
}: CliHost): Readonly<Record<string, string | undefined>> {
  return { THROUGHLINE_URL: environment["THROUGHLINE_URL"] };
}

function parseLine(json: string, line: number): object {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    // The parser's own message quotes the payload.
    throw new UsageError(`Line ${line} of the input is not JSON.`);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new UsageError(`Line ${line} of the input: expected an object such as {"data": "…"}.`);
}

interface Target {
  readonly url: URL;
  readonly client: ClientConfig;
  readonly host: CliHost;
}

async function publishBatch(
  events: readonly object[],
  { url, client, host }: Target,
): Promise<void> {
  const headers = { "content-type": "application/json", ...authorizationOf(client, host) };
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const body = JSON.stringify(events);
  let response: Response;
  let answer: string;
  try {
    response = await fetch(url, { method: "POST", headers, body, signal, redirect: "error" });
    answer = await response.text();
  } catch (error) {
    throw new UsageError(`The hub at ${url.origin} cannot be asked: ${reasonOf(error)}.`);
  }
  if (!response.ok) throw new UsageError(refusal(response.status, answer));
  for (const cursor of cursorsOf(answer)) host.stdout.write(`${cursor}\n`);
}

/** Node wraps what went wrong on the way; the code in it is what people know. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer within ${ANSWER_WITHIN_MS} ms`;
  const { cause } = error;
  return cause instanceof Error && "code" in cause ? String(cause.code) : error.message;
}

/** What the hub says about it, in its own words if they are a hub's. */
function refusal(status: number, answer: string): string {
  const { code, detail, expected } = parseProblem(answer);
  if (code === undefined) return `The hub answered ${status}, and did not say why.`;
  const rule = expected === undefined ? "" : ` Expected ${expected}.`;
  return `The hub answered ${status}, ${code}: ${detail ?? "no more is known."}${rule}`;
}

interface ProblemText {
  readonly code?: string;
  readonly detail?: string;
  readonly expected?: string;
}

function parseProblem(answer: string): ProblemText {
  try {
    const value = JSON.parse(answer) as ProblemText | null;
    return typeof value?.code === "string" ? value : {};
  } catch {
    // Something in between has answered with a page of its own.
    return {};
  }
}

function cursorsOf(answer: string): readonly string[] {
  try {
    const { cursors } = JSON.parse(answer) as { readonly cursors?: unknown };
    if (Array.isArray(cursors)) return cursors.map(String);
  } catch {
    // Falls through to the sentence below, which holds for every answer of this kind.
  }
  throw new UsageError("The answer is not that of a hub: it names no cursors.");
}
