// `throughline tail`: a stream on standard output, as it comes, across any number of disruptions.

import { type GapNotice, type StreamEvent, subscribe } from "throughline";
import { StreamError, TOPICS_PARAMETER } from "throughline/core";
import { type CliHost, EXIT } from "./cli-host.js";
import { CLIENT_SETTINGS } from "./config/client-settings.js";
import { helpText } from "./config/help.js";
import { type ExtraFlag, parseFlags } from "./config/parse-flags.js";
import { resolveSettings } from "./config/resolve-settings.js";
import { integer, text, toggle } from "./config/setting.js";
import { UsageError } from "./config/usage-error.js";
import { authorizationOf, streamUrl } from "./hub-address.js";
import { clientEnvironment } from "./publish-command.js";

const SETTINGS = {
  ...CLIENT_SETTINGS,
  cursor: text({
    about: "Where to begin: after this cursor, at earliest, or at latest.",
    fallback: "latest",
    expected: "earliest, latest, or a cursor as it was printed",
    pattern: /^[A-Za-z0-9._~-]{1,128}$/,
  }),
  topics: text({
    about: "Only events whose topic matches one of these patterns, separated by commas.",
    fallback: undefined,
    expected: "patterns such as ward/*",
    pattern: /^[^\r\n\0]+$/,
  }),
  json: toggle({
    about: "Print every event as a JSON object with cursor, type and data, in a line.",
    fallback: false,
  }),
  limit: integer({
    about: "End after so many events.",
    least: 1,
    most: Number.MAX_SAFE_INTEGER,
    fallback: undefined,
  }),
} as const;

const EXTRA = {
  help: { type: "boolean", short: "h", about: "Print this and end." },
} as const satisfies Readonly<Record<string, ExtraFlag>>;

const MORE = `
Prints the data of each event. It connects again by itself after every disruption, and goes on
after the last event that it has printed. What it has to say beside the events is on standard error:
changes of the connection, and gaps, which are events that nobody can deliver any more.

It ends with 0 when the stream is complete, at the limit, or when it is told to stop; with 3 if it
had to tell of a gap on the way; with 1 if the stream cannot be read.

Examples:
  throughline tail feed
  throughline tail feed --cursor earliest --topics 'ward/*' --json`;

/** Prints until the stream ends or it is told to stop. */
export async function tailCommand(argv: readonly string[], host: CliHost): Promise<number> {
  const { flags, operands } = parseFlags(argv, SETTINGS, EXTRA, 1);
  if (flags["help"] === true) {
    const usage = "tail STREAM [options]";
    const about = "Prints a stream as it comes, without loss, across any number of disruptions.";
    const parts = { usage, about, settings: SETTINGS, extra: EXTRA, more: MORE };
    host.stdout.write(helpText({ ...parts, variables: ["url"] }));
    return EXIT.ok;
  }
  const environment = clientEnvironment(host);
  const { cursor, topics, json, limit, ...client } = resolveSettings(SETTINGS, {
    environment,
    flags,
  });
  const url = streamUrl(client, operands[0]);
  if (topics !== undefined) url.searchParams.set(TOPICS_PARAMETER, topics);
  const stop = new AbortController();
  let gaps = 0;
  const subscription = subscribe(url, {
    lastEventId: cursor,
    signal: stop.signal,
    headers: authorizationOf(client, host),
    onGap: (gap) => {
      gaps += 1;
      host.stderr.write(`throughline tail: ${gapLine(gap)}\n`);
    },
  });
  reportChanges(subscription.connection, host);
  const stopListening = host.onSignal(() => stop.abort());
  try {
    let printed = 0;
    for await (const event of subscription) {
      host.stdout.write(`${json ? jsonLine(event) : event.data}\n`);
      printed += 1;
      if (printed === limit) break;
    }
  } catch (error) {
    if (error instanceof StreamError) throw new UsageError(error.message);
    throw error;
  } finally {
    stopListening();
  }
  return gaps > 0 ? EXIT.gap : EXIT.ok;
}

function jsonLine({ lastEventId, type, data }: StreamEvent): string {
  return JSON.stringify({ cursor: lastEventId, type, data });
}

function gapLine({ from, to, reason }: GapNotice): string {
  const range =
    from === null || to === null ? "an unknown number of events" : `events ${from} to ${to}`;
  return `gap: ${range} cannot be had any more (${reason}).`;
}

/** A line whenever the connection is lost or there again, and why. */
function reportChanges(
  connection: ReturnType<typeof subscribe>["connection"],
  host: CliHost,
): void {
  let told = "";
  connection.subscribe(({ state, reason }) => {
    const line = `connection ${state} (${reason})`;
    const isWorthIt = state === "live" ? told !== "" : state !== "connecting" && state !== "closed";
    if (!isWorthIt || line === told) return;
    told = state === "live" ? "" : line;
    host.stderr.write(`throughline tail: ${line}\n`);
  });
}
