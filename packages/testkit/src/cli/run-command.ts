// `throughline-testkit run`: scenarios against somebody's own server.

import {
  dropInClient,
  runScenario,
  type ScenarioServer,
  unplayable,
  urlServer,
} from "../network-run/index.js";
import {
  bundledScenarios,
  readScenarios,
  type Scenario,
  type ScenarioVerdict,
} from "../scenario/index.js";
import { uniform } from "../uniform.js";
import { type CliHost, EXIT } from "./cli-host.js";
import { readFlags, requiredText, wholeNumber } from "./flags.js";

const HELP = `Usage: throughline-testkit run [file.scenario] --url <stream> [options]

Plays scenarios against a server of event streams: a fault proxy stands before it, the drop-in of Throughline
reads through that, and what comes of it is measured and judged. Without a file those that come with the
package are played.

  --url <url>             the stream, such as http://127.0.0.1:8080/events
  --publish-url <url>     where events are published, with POST
  --publish-body <text>   what is sent there, {data} being the text of a JSON object; default {data}
  --counter <name>        without --publish-url: by what the server's own events are counted. "id" for the digits
                          at the end of the id (the default), or a member of the JSON data: n, payload.seq
  --only <id>             only scenarios whose id begins so
  --runs <n>              how often each is played; default 1
  --seed <n>              draws the same waits again; default 1
  --json                  verdicts as lines of JSON

Scenarios that need what is not there (a hub that can be killed, for one) are left out, and named.
It ends with 0 when all went as expected, with 2 when something did not, with 1 when nothing could be played.

Examples:
  throughline-testkit run --only 2 --url http://127.0.0.1:8080/streams/feed \\
    --publish-url http://127.0.0.1:8080/streams/feed --publish-body '{"data":{data}}'
  throughline-testkit run my.scenario --url http://127.0.0.1:5000/events --counter n`;

/** Plays, prints, and judges. */
export async function runCommand(argv: readonly string[], host: CliHost): Promise<number> {
  const text = { type: "string" } as const;
  const given = readFlags(argv, {
    url: text,
    "publish-url": text,
    "publish-body": text,
    counter: text,
    only: text,
    runs: text,
    seed: text,
    json: { type: "boolean" },
  });
  if (given.isSet("help")) {
    host.say(HELP);
    return EXIT.ok;
  }
  const url = requiredText(given, "url", "http://127.0.0.1:8080/events");
  const server = urlServer({
    url,
    publishUrl: given.text("publish-url"),
    publishBody: given.text("publish-body"),
    counter: given.text("counter"),
  });
  const runs = wholeNumber(given, "runs", { least: 1, most: 10_000, fallback: 1 });
  const seed = wholeNumber(given, "seed", { least: 0, most: 2 ** 31, fallback: 1 });
  const scenarios = chosen(given.operands, given.text("only") ?? "");
  const asJson = (verdict: ScenarioVerdict) => JSON.stringify(verdict);
  const say = given.isSet("json") ? asJson : sentenceOf;
  return await playAll(scenarios, { server, runs, seed, say, host });
}

function chosen(files: readonly string[], only: string): readonly Scenario[] {
  const all = files.length === 0 ? bundledScenarios() : files.flatMap(readScenarios);
  return all.filter(({ id }) => id.startsWith(only));
}

interface Plan {
  readonly server: ScenarioServer;
  readonly runs: number;
  readonly seed: number;
  readonly say: (verdict: ScenarioVerdict, scenario: Scenario) => string;
  readonly host: CliHost;
}

async function playAll(
  scenarios: readonly Scenario[],
  { server, runs, seed, say, host }: Plan,
): Promise<number> {
  const client = dropInClient();
  let played = 0;
  let broken = 0;
  for (const scenario of scenarios) {
    const random = uniform(seed);
    const reason = unplayable(scenario, { client, server });
    if (reason !== undefined) host.complain(`left out ${scenario.id} ${scenario.title}: ${reason}`);
    for (let run = 0; reason === undefined && run < runs; run += 1) {
      if (host.signal.aborted) return EXIT.failed;
      const verdict = await runScenario(scenario, { client, server, random });
      played += 1;
      if (verdict.broken.length > 0) broken += 1;
      host.say(say(verdict, scenario));
    }
  }
  if (played === 0) {
    host.complain("Nothing was played: no scenario fits.");
    return EXIT.failed;
  }
  host.complain(`${played - broken} of ${played} went as expected.`);
  return broken > 0 ? EXIT.broken : EXIT.ok;
}

function sentenceOf(verdict: ScenarioVerdict, { id, title }: Scenario): string {
  const { broken, requests } = verdict;
  const times = (["detect", "begin", "heal"] as const).map(
    (name) => `${name} ${inMs(verdict[`${name}Ms`])}`,
  );
  const facts = [...times, `requests ${requests}`].join(", ");
  const head = `${broken.length === 0 ? "ok    " : "BROKEN"} ${id} ${title}: ${facts}`;
  return [head, ...broken.map((each) => `       ${each}`)].join("\n");
}

function inMs(ms: number | undefined): string {
  return ms === undefined ? "never" : `${Math.round(ms)} ms`;
}
