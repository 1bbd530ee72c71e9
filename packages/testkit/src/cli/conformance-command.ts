// `throughline-testkit conformance`: the suite of servers, on an address.

import { AssertionError } from "node:assert";
import { randomUUID } from "node:crypto";
import { urlServer } from "../network-run/index.js";
import {
  type ServerConformanceCase,
  type ServerUnderTest,
  serverConformance,
} from "../server-conformance.js";
import { type CliHost, EXIT, UsageError } from "./cli-host.js";
import { type GivenFlags, readFlags, requiredText, wholeNumber } from "./flags.js";

const HELP = `Usage: throughline-testkit conformance server --url <stream> [options]

Says what a server of event streams does not do as it has to, a sentence for each thing.

  --url <url>              the stream, such as http://127.0.0.1:8080/events; {stream} in it is replaced by a new
                           name for each case, where the server knows many streams
  --publish-url <url>      where events are published, with POST; {stream} as above. Without it, only what can be
                           said without an event is tried
  --publish-body <text>    what is sent there, {data} being the text of a JSON object, which readers have to be
                           given as it is; default {data}
  --level <level>          standard (the default): what any client needs in order to lose nothing;
                           throughline: the protocol of PROTOCOL.md as well
  --heartbeat-within <ms>  how long an idle stream may be silent; default 16000
  --only <text>            only cases whose sentence has this text
  --list                   prints the sentences, and tries nothing

It ends with 0 when all is as it has to be, with 2 when something is not, with 1 when nothing could be tried.

Examples:
  throughline-testkit conformance server --url http://127.0.0.1:5000/events
  throughline-testkit conformance server --level throughline --url 'http://127.0.0.1:8080/streams/{stream}' \\
    --publish-url 'http://127.0.0.1:8080/streams/{stream}' --publish-body '{"data":{data}}'`;

/** Tries one case after the other, and prints what came of it. */
export async function conformanceCommand(argv: readonly string[], host: CliHost): Promise<number> {
  const text = { type: "string" } as const;
  const given = readFlags(argv, {
    url: text,
    "publish-url": text,
    "publish-body": text,
    level: text,
    "heartbeat-within": text,
    only: text,
    list: { type: "boolean" },
  });
  if (given.isSet("help")) {
    host.say(HELP);
    return EXIT.ok;
  }
  const [what, ...more] = given.operands;
  if (what !== "server" || more.length > 0) {
    throw new UsageError(
      `Expected "conformance server", got "${["conformance", ...given.operands].join(" ")}".`,
    );
  }
  const cases = chosen(given);
  if (given.isSet("list")) {
    for (const { name, reference } of cases) host.say(`${name} (${reference})`);
    return EXIT.ok;
  }
  return await tryAll(cases, host);
}

function chosen(given: GivenFlags): readonly ServerConformanceCase[] {
  const level = given.text("level") ?? "standard";
  if (level !== "standard" && level !== "throughline") {
    throw new UsageError(`--level: expected standard or throughline, got "${level}".`);
  }
  const limits = { least: 100, most: 600_000, fallback: 16_000 };
  const heartbeatWithinMs = wholeNumber(given, "heartbeat-within", limits);
  const url = given.isSet("list") ? "" : requiredText(given, "url", "http://127.0.0.1:8080/events");
  const createServer = async () => serverAt(url, given);
  const only = given.text("only") ?? "";
  return serverConformance({ createServer, level, heartbeatWithinMs }).filter(({ name }) =>
    name.includes(only),
  );
}

/** A case would need an event, and nobody has said how one is published. */
class NothingToPublishWith extends Error {
  override readonly name = "NothingToPublishWith";
}

function serverAt(urlPattern: string, given: GivenFlags): ServerUnderTest {
  const stream = randomUUID();
  const named = (pattern: string) => pattern.replaceAll("{stream}", stream);
  const publishPattern = given.text("publish-url");
  const server = urlServer({
    url: named(urlPattern),
    publishUrl: publishPattern === undefined ? undefined : named(publishPattern),
    publishBody: given.text("publish-body"),
  });
  let count = 0;
  return {
    url: named(urlPattern),
    publish: async () => {
      if (server.publish === undefined) throw new NothingToPublishWith();
      count += 1;
      const data = JSON.stringify({ stream, n: count });
      await server.publish(stream, data);
      return data;
    },
    dispose: () => server.close(),
  };
}

async function tryAll(cases: readonly ServerConformanceCase[], host: CliHost): Promise<number> {
  const counts = { ok: 0, failed: 0, leftOut: 0 };
  for (const { name, reference, run } of cases) {
    if (host.signal.aborted) return EXIT.failed;
    try {
      await run();
      counts.ok += 1;
      host.say(`ok    ${name}`);
    } catch (error) {
      if (error instanceof NothingToPublishWith) {
        counts.leftOut += 1;
      } else if (error instanceof AssertionError || counts.ok + counts.failed > 0) {
        counts.failed += 1;
        const message = error instanceof Error ? error.message : String(error);
        host.say(`FAILS ${name} (${reference})\n      ${message}`);
      } else {
        // The very first request fails in another way: nobody is there.
        throw unreachable(error);
      }
    }
  }
  const leftOut =
    counts.leftOut === 0 ? "" : `; ${counts.leftOut} left out, for want of --publish-url`;
  host.complain(`${counts.ok} of ${counts.ok + counts.failed} are as they have to be${leftOut}.`);
  if (counts.ok + counts.failed === 0) return EXIT.failed;
  return counts.failed > 0 ? EXIT.broken : EXIT.ok;
}

function unreachable(error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  return new UsageError(`The stream could not be asked for: ${reason}.`);
}
