// `throughline doctor`: what is wrong with a stream, through whatever stands between.

import { diagnose, examine, renderReport } from "../doctor/index.js";
import { type CliHost, EXIT } from "./cli-host.js";
import { CLIENT_SETTINGS } from "./config/client-settings.js";
import { helpText } from "./config/help.js";
import { type ExtraFlag, parseFlags } from "./config/parse-flags.js";
import { resolveSettings } from "./config/resolve-settings.js";
import { integer, text, toggle } from "./config/setting.js";
import { UsageError } from "./config/usage-error.js";
import { authorizationOf } from "./hub-address.js";

const SETTINGS = {
  tokenEnv: {
    ...CLIENT_SETTINGS.tokenEnv,
    about: "The environment variable with the bearer token to show, if it is set.",
  },
  tokenFile: { ...CLIENT_SETTINGS.tokenFile, about: "A file with the bearer token, instead." },
  cookieEnv: text({
    about: "The environment variable with the cookies to show, as name=value; name=value.",
    fallback: undefined,
    expected: "the name of an environment variable",
    pattern: /^[A-Za-z_][A-Za-z0-9_]*$/,
  }),
  idle: integer({
    about:
      "Seconds to watch the stream. Most idle timeouts show after 70, and none within the default.",
    least: 1,
    most: 3600,
    fallback: 10,
  }),
  streams: integer({
    about:
      "How many streams to open at once; 0 for none. Browsers have six of a host over HTTP/1.1.",
    least: 0,
    most: 1000,
    fallback: 7,
  }),
  origin: text({
    about: "Look at what a page of this origin may do, too (CORS).",
    fallback: undefined,
    expected: "an origin such as https://app.example",
    pattern: /^https?:\/\/[^\s/?#@]+$/,
  }),
  json: toggle({ about: "Print everything as one JSON object.", fallback: false }),
} as const;

const EXTRA = {
  help: { type: "boolean", short: "h", about: "Print this and end." },
} as const satisfies Readonly<Record<string, ExtraFlag>>;

const MORE = `
It asks for the stream as a browser does, watches it, comes back with an id, and opens several at
once. It publishes nothing, and sends the token and the cookies to the origin of URL only; neither
they nor the payloads of events are in what it prints. Let something be published while it runs:
an event that is held back shows more than silence.

It ends with 0 when there is no problem (warnings may be there), with 2 when there is one, and with
1 if it could not look, because it was called wrongly.

Examples:
  throughline doctor https://app.example/streams/feed
  throughline doctor https://app.example/api/events --idle 70 --cookie-env COOKIE
  throughline doctor https://api.example/streams/feed --origin https://app.example --json`;

/** Examines, and prints what was found. */
export async function doctorCommand(argv: readonly string[], host: CliHost): Promise<number> {
  const { flags, operands } = parseFlags(argv, SETTINGS, EXTRA, 1);
  if (flags["help"] === true) {
    const usage = "doctor URL [options]";
    const about =
      "Says what is wrong with a stream of Server-Sent Events, of any server, through whatever stands " +
      "between; who it most likely is; and the line to change.";
    const parts = { usage, about, settings: SETTINGS, extra: EXTRA, more: MORE };
    host.stdout.write(helpText({ ...parts, variables: [] }));
    return EXIT.ok;
  }
  // A hub's settings may stand in the same environment; none of them is for this command.
  const settings = resolveSettings(SETTINGS, { environment: {}, flags });
  const url = parseUrl(operands[0]);
  const authorization = authorizationOf({ ...settings, url: url.href }, host)();
  const observation = await examine({
    url,
    credentials: { ...authorization, ...readCookie(settings.cookieEnv, host) },
    watchMs: settings.idle * 1000,
    streams: settings.streams,
    origin: settings.origin,
    onProgress: settings.json
      ? undefined
      : (doing) => host.stderr.write(`throughline doctor: ${doing} …\n`),
  });
  const findings = diagnose(observation);
  const hasProblem = findings.some(({ severity }) => severity === "problem");
  host.stdout.write(
    settings.json
      ? `${JSON.stringify({ url: observation.url, hasProblem, findings, observation })}\n`
      : renderReport(observation, findings),
  );
  return hasProblem ? EXIT.problems : EXIT.ok;
}

function parseUrl(operand: string | undefined): URL {
  if (operand === undefined) throw new UsageError("Expected the address of a stream. See --help.");
  const url = URL.canParse(operand) ? new URL(operand) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError("Expected an address that begins with http:// or https://. See --help.");
  }
  if (url.username !== "" || url.password !== "") {
    throw new UsageError(
      "Expected an address without a user and a password: every account on the machine can read it. " +
        "Use --token-env or --cookie-env.",
    );
  }
  return url;
}

function readCookie(
  variable: string | undefined,
  { environment }: CliHost,
): Readonly<Record<string, string>> {
  if (variable === undefined) return {};
  const cookie = environment[variable];
  // Whoever names one means it: to go on without would give the answer to another question.
  if (cookie === undefined || cookie === "") {
    throw new UsageError(`The environment variable ${variable} is empty or not set.`);
  }
  if (/^[\x20-\x7e]+$/.test(cookie)) return { cookie };
  throw new UsageError(`The cookies in ${variable} have characters that no header has.`);
}
