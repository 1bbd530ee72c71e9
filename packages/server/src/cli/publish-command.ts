// `throughline publish`: one event from the command line, or as many as come on standard input.

import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { StreamError } from "throughline/core";
import { createPublisher, type PublishEvent } from "throughline/publish";
import { type CliHost, EXIT } from "./cli-host.js";
import { CLIENT_SETTINGS } from "./config/client-settings.js";
import { helpText } from "./config/help.js";
import { type ExtraFlag, parseFlags } from "./config/parse-flags.js";
import { resolveSettings } from "./config/resolve-settings.js";
import { integer, text } from "./config/setting.js";
import { UsageError } from "./config/usage-error.js";
import { authorizationOf } from "./hub-address.js";
import { inBatches } from "./in-batches.js";

const LABEL = { fallback: undefined, expected: "a text in one line", pattern: /^[^\r\n\0]+$/ };

const SETTINGS = {
  ...CLIENT_SETTINGS,
  type: text({ ...LABEL, about: "The event type. Without it readers see a message." }),
  topic: text({ ...LABEL, about: "The topic that subscriptions may filter by." }),
  id: text({
    ...LABEL,
    about: "The publisher's own name for the event: published again, it is stored once.",
  }),
  deadlineMs: integer({
    about: "How long to go on trying, in milliseconds: by default through the restart of a hub.",
    least: 1,
    most: 86_400_000,
    fallback: 60_000,
  }),
} as const;

const EXTRA = {
  help: { type: "boolean", short: "h", about: "Print this and end." },
} as const satisfies Readonly<Record<string, ExtraFlag>>;

const MORE = `
DATA is published as it is. With - events are read from standard input, one JSON object in a line,
with the members data, type, topic and id; type and topic that are not there are taken from the
options. They are published in order, in batches of at most 500; what comes within 50 ms is one
batch.

What fails on the way is tried again, and stored once. The cursor of every event is printed when
the hub has it. The command ends with 0 when the hub has all of them, else with 1 and a line that
says why; what was published before that stays.

Examples:
  throughline publish feed 'hello'
  throughline publish ward/42 '{"level":"red"}' --type alert --topic ward/42
  cat events.ndjson | throughline publish feed - --url https://example.org`;

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
  const { type, topic, id, deadlineMs, ...client } = resolveSettings(SETTINGS, {
    environment: clientEnvironment(host),
    flags,
  });
  const [stream, data] = operands;
  if (stream === undefined) throw new UsageError("Expected the name of a stream. See --help.");
  if (data === undefined) throw new UsageError("Expected the data, or - for standard input.");
  const headers = authorizationOf(client, host);
  const publisher = createPublisher({ url: client.url, headers, deadlineMs });
  const send = async (events: readonly PublishEvent[]) => {
    const { cursors } = await publisher.publish(stream, events).catch(explain);
    for (const cursor of cursors) host.stdout.write(`${cursor}\n`);
  };
  if (data !== "-") {
    await send([{ type, topic, id, data }]);
    return EXIT.ok;
  }
  // One id names one event.
  if (id !== undefined) throw new UsageError("--id is for one event. Give each line its own id.");
  let line = 0;
  const input = Readable.from(host.stdin);
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  for await (const batch of inBatches(lines)) {
    const events: PublishEvent[] = [];
    for (const json of batch) {
      line += 1;
      if (json.trim() !== "") events.push({ type, topic, ...parseLine(json, line) });
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

function parseLine(json: string, line: number): PublishEvent {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    // The parser's own message quotes the payload.
    throw new UsageError(`Line ${line} of the input is not JSON.`);
  }
  // What the members are is for the hub to say, which names those that it does not know.
  if (typeof value === "object" && value !== null && "data" in value) return value;
  throw new UsageError(`Line ${line} of the input: expected an object such as {"data": "…"}.`);
}

/** The sentence of the publisher, and what went wrong underneath, in a word. */
function explain(error: unknown): never {
  if (!(error instanceof StreamError)) throw error;
  const underneath =
    error.cause === undefined ? "" : ` The last attempt: ${reasonOf(error.cause)}.`;
  throw new UsageError(error.message + underneath);
}

/** Node wraps what went wrong on the way; the code in it is what people know. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error && "code" in cause) return String(cause.code);
  return error.message.replace(/\.$/, "");
}
