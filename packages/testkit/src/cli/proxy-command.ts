// `throughline-testkit proxy`: the fault proxy at the fingertips of a person, or of a script.

import { once } from "node:events";
import { createFaultProxy, type FaultProxy } from "../fault-proxy/index.js";
import { readScenarios, type Scenario } from "../scenario/index.js";
import { type CliHost, EXIT, UsageError } from "./cli-host.js";
import { startControl } from "./control-server.js";
import { originOf, readFlags, requiredText, wholeNumber } from "./flags.js";
import { playOnPath } from "./play-on-path.js";
import { PROXY_COMMANDS, ProxySession } from "./proxy-session.js";

const HELP = `Usage: throughline-testkit proxy --upstream <url> [options]

Stands before a server, passes everything through, and breaks connections on command. What clients ask for, and
what was done to them, is printed.

  --upstream <url>    the server, such as http://127.0.0.1:8080
  --port <n>          where to listen; default 0, any free port
  --host <address>    on which address; default 127.0.0.1
  --control <n>       takes commands at this port of 127.0.0.1 as well: POST / with a line as the body, GET / for
                      what has been seen, as JSON
  --scenario <file>   plays what a scenario does to the path; what it says of traffic, readers and the hub is not
                      done, its expectations are not judged
  --only <id>         the scenario of the file that is meant, where it has several
  --loop              plays it again and again; without it, once, and the proxy ends with it

What can be typed:
${PROXY_COMMANDS}

Examples:
  throughline-testkit proxy --upstream http://127.0.0.1:8080 --port 9090
  echo "fault http-error status=503 skip=1 times=1" | throughline-testkit proxy --upstream http://127.0.0.1:8080
  throughline-testkit proxy --upstream http://127.0.0.1:8080 --port 9090 --control 9091 &
  curl --data "freeze direction=both" http://127.0.0.1:9091/`;

/** Listens until it is told to stop, or until the scenario is over. */
export async function proxyCommand(argv: readonly string[], host: CliHost): Promise<number> {
  const text = { type: "string" } as const;
  const given = readFlags(argv, {
    upstream: text,
    port: text,
    host: text,
    control: text,
    scenario: text,
    only: text,
    loop: { type: "boolean" },
  });
  if (given.isSet("help")) {
    host.say(HELP);
    return EXIT.ok;
  }
  if (given.operands.length > 0) throw new UsageError(`Unexpected "${given.operands[0]}".`);
  const upstream = originOf("upstream", requiredText(given, "upstream", "http://127.0.0.1:8080"));
  const ports = { least: 0, most: 65_535, fallback: 0 };
  const port = wholeNumber(given, "port", ports);
  const file = given.text("scenario");
  const scenario = file === undefined ? undefined : chosen(file, given.text("only"));
  const proxy = await createFaultProxy({ upstream, port, host: given.text("host") });
  const session = new ProxySession(proxy, host.say);
  const isControlled = given.text("control") !== undefined;
  const control = isControlled
    ? await startControl(session, wholeNumber(given, "control", ports)).catch(async (error) => {
        await proxy.close();
        throw error;
      })
    : undefined;
  host.say(`listening at ${proxy.url}, before http://${upstream.host}:${upstream.port}`);
  if (control !== undefined) host.say(`commands at ${control.url}`);
  try {
    if (scenario === undefined) await obey(session, host);
    else await play(scenario, { proxy, host, isLoop: given.isSet("loop") });
    return EXIT.ok;
  } finally {
    session.end();
    await control?.close();
    await proxy.close();
  }
}

function chosen(file: string, only: string | undefined): Scenario {
  const all = readScenarios(file);
  const fitting = all.filter(({ id }) => only === undefined || id === only);
  const [scenario] = fitting;
  if (scenario !== undefined && fitting.length === 1) return scenario;
  const ids = all.map(({ id }) => id).join(", ");
  throw new UsageError(`--only: expected the id of one scenario of ${file}, which are: ${ids}.`);
}

/** Does what is typed, until the end of the input and then until it is told to stop. */
async function obey(session: ProxySession, host: CliHost): Promise<void> {
  try {
    for await (const line of host.lines) {
      const answer = await session.obey(line);
      if (answer.kind === "quit") return;
      if (answer.text !== "") (answer.kind === "error" ? host.complain : host.say)(answer.text);
    }
  } catch (error) {
    if (!host.signal.aborted) throw error;
  }
  if (!host.signal.aborted) await once(host.signal, "abort");
}

interface Play {
  readonly proxy: FaultProxy;
  readonly host: CliHost;
  readonly isLoop: boolean;
}

async function play(scenario: Scenario, { proxy, host, isLoop }: Play): Promise<void> {
  do await playOnPath(scenario, proxy, host);
  while (isLoop && !host.signal.aborted);
}
