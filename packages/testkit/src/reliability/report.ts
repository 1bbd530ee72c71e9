// The table that `npm run reliability` prints and writes.

import type { ScenarioVerdict } from "../network-run/index.js";
import type { Scenario } from "../scenario/index.js";

/** Everything that a report is made of. */
export interface ReportInput {
  readonly scenarios: readonly Scenario[];
  readonly verdicts: readonly ScenarioVerdict[];
  readonly runsEach: number;
  readonly seed: number;
}

/** The report as Markdown. */
export function renderReport({ scenarios, verdicts, runsEach, seed }: ReportInput): string {
  const failed = verdicts.filter(({ broken }) => broken.length > 0);
  const events = verdicts.reduce((sum, { published }) => sum + published, 0);
  return `# Reliability, measured

Written by \`npm run reliability -- --runs ${runsEach} --seed ${seed}\`. Do not edit; run it again.

Each row is one scenario of \`packages/testkit/scenarios\`, ${runsEach} times, on real sockets: the drop-in in Node, a
fault proxy, a hub over a memory log for each run. Most outages last from 0.3 s to 4 s, by chance. Every number is taken
outside of the client: requests are timed where they leave, events are counted by a checker that shares no code with it.

- **detect**: from the fault until the connection's state says so. Where the fault is silent it counts from the last
  byte, and \`stale\` is the state that says so.
- **begin**: from the same moment until the first request leaves. Promised: 2 s at most.
- **heal**: from the moment the path is usable until an event published after it has been delivered, and so all
  before it. Promised: 5 s at most, unless the server asked for more time.
- "never" stands where a scenario is not to come to that, such as after a refusal.
- Times are median / 99th percentile / worst, in milliseconds.

**${verdicts.length - failed.length} of ${verdicts.length} runs went as the scenario expects**; ${events.toLocaleString("en")} events were published. ${confidence(failed.length, verdicts.length)}

| | scenario | runs | detect | begin | heal | lost | repeated | requests each |
|---|---|---:|---:|---:|---:|---:|---:|---:|
${scenarios.map((scenario) => row(scenario, verdicts)).join("\n")}
${failures(failed)}`;
}

function row({ id, title }: Scenario, verdicts: readonly ScenarioVerdict[]): string {
  const own = verdicts.filter(({ scenario }) => scenario === id);
  const cells = [
    id,
    title,
    own.length,
    summary(own.map(({ detectMs }) => detectMs)),
    summary(own.map(({ beginMs }) => beginMs)),
    summary(own.map(({ healMs }) => healMs)),
    total(own, "lost"),
    total(own, "repeated"),
    (total(own, "requests") / Math.max(own.length, 1)).toFixed(1),
  ];
  return `| ${cells.join(" | ")} |`;
}

function total(
  verdicts: readonly ScenarioVerdict[],
  key: "lost" | "repeated" | "requests",
): number {
  return verdicts.reduce((sum, verdict) => sum + verdict[key], 0);
}

function summary(values: readonly (number | undefined)[]): string {
  const known = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  if (known.length === 0) return "never";
  const at = (share: number) =>
    Math.round(known[Math.min(known.length - 1, Math.ceil(known.length * share) - 1)] ?? 0);
  const never = known.length < values.length ? `, ${values.length - known.length} never` : "";
  return `${at(0.5)} / ${at(0.99)} / ${at(1)}${never}`;
}

/** The share of failures that cannot be ruled out (95 %): the rule of three where none was seen. */
function confidence(failed: number, runs: number): string {
  if (runs === 0 || failed > 0) return "";
  return `With none failed, at most ${((3 / runs) * 100).toFixed(2)} % of such recoveries can fail (95 % confidence).`;
}

function failures(failed: readonly ScenarioVerdict[]): string {
  if (failed.length === 0) return "";
  const lines = failed
    .slice(0, 50)
    .map(({ scenario, broken }) => `- ${scenario}: ${broken.join("; ")}`);
  return `\n## Broken expectations\n\n${lines.join("\n")}\n`;
}
