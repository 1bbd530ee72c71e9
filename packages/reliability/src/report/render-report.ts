// The report as Markdown: what is promised first, then everything that it rests on.

import { CLIENTS, type ClientKind } from "../clients/clients.js";
import { PATHS } from "../paths/paths.js";
import { exactInterval } from "../statistics/proportion.js";
import {
  formatCount,
  formatFailureBound,
  formatKnownTimes,
  formatOutcome,
  formatPercent,
  formatTimes,
  row,
  table,
} from "./format-values.js";
import { type CellData, mergeCells, type ReportData } from "./report-data.js";

const PROMISED = new Set(CLIENTS.filter(({ isPromised }) => isPromised).map(({ id }) => id));

/** The cells of the drop-in. */
export function promisedCells({ cells }: ReportData): readonly CellData[] {
  return cells.filter(({ client }) => PROMISED.has(client));
}

/** Everything that was promised and not kept, or could not be shown to be, as lines of a list. */
export function brokenPromises(data: ReportData): readonly string[] {
  const broken = promisedCells(data).flatMap(({ fault, client, path, broken }) =>
    broken.map((what) => `- ${fault}, ${client}, ${path}: ${what}`),
  );
  const unplayed = data.failures
    .filter(({ client }) => client === "all" || PROMISED.has(client))
    .map(
      ({ fault, client, path, message }) =>
        `- ${fault}, ${client}, ${path}: not played: ${message}`,
    );
  return [...broken, ...unplayed];
}

/** The report. `plots` are paths of its pictures, as seen from it. */
export function renderReport(
  data: ReportData,
  plots: { readonly healTimes: string; readonly clients: string; readonly paths: string },
): string {
  return `${[
    "# Reliability, measured",
    `Written by \`${data.command}\`. Do not edit; run it again.`,
    INTRODUCTION,
    verdict(data),
    "## The drop-in, by where it runs",
    byPlace(data),
    "## All clients, on the direct path",
    `Each met the same faults. Nothing is promised for others than the drop-in: they are shown as they come, with the
settings named below.`,
    byClient(data),
    `![How many recoveries had ended after which time, by client](${plots.healTimes})`,
    `![Time to heal, fault by fault and client by client](${plots.clients})`,
    "## The drop-in, by path",
    byPath(data),
    `![Time to heal of the drop-in, fault by fault and path by path](${plots.paths})`,
    "## The drop-in, fault by fault",
    "All places and paths together. Times in milliseconds: median / 99th percentile / worst.",
    byFault(data),
    "## The others, fault by fault",
    `On all paths. Seconds to heal: median / worst; −n: runs that did not heal within the time they were given (8 s after
the path could be used, 12 s after the blows to processes and packets); ✕n: runs in which events were lost or came
twice.`,
    others(data),
    method(data),
    failuresOf(data),
  ]
    .filter((part) => part !== "")
    .join("\n\n")}\n`;
}

const INTRODUCTION = `Every fault is real: a TCP fault proxy plays the scenarios of
[packages/testkit/scenarios](../packages/testkit/scenarios), a router in a network namespace drops packets, processes are
killed. Outages last from 0.3 s to 4 s, by chance. All numbers are taken outside of the client: requests where they leave
the process or the browser, events where the application is handed them, by a checker that shares no code with the client.

- **detect**: from the fault until the client says that something is wrong. Where nothing tells it (silence), times count
  from the last byte that came.
- **begin**: from the same moment until a request leaves. Promised: 2 s at most. Who gets over it on the connection that
  it had, such as when packets vanish for half a second, has nothing to begin.
- **heal**: from the moment the path is usable until an event that was published after it has been delivered, and so all
  before it. Promised: 5 s at most.`;

function verdict(data: ReportData): string {
  const all = mergeCells(promisedCells(data));
  const runs = all.heal.length;
  const failed = all.broken.length;
  const kept = `**${formatCount(runs - failed)} of ${formatCount(runs)} recoveries of the drop-in kept every promise**; ${formatCount(all.published)} events were published, ${all.lost} lost, ${all.repeated} repeated, ${all.reordered} out of order.`;
  if (runs === 0) return "The drop-in was not measured.";
  const bound = formatPercent(exactInterval(failed, runs).high);
  const interval =
    failed === 0
      ? `With none broken among so many, the probability that such a recovery breaks one is at most ${bound} (95 % confidence, exact: 1 − 0.05^(1/n)).`
      : `The probability that such a recovery breaks one is ${formatFailureBound(failed, runs)} (95 % confidence, Clopper and Pearson).`;
  return `${kept} ${interval}`;
}

function byPlace(data: ReportData): string {
  const rows = CLIENTS.filter(({ isPromised }) => isPromised).flatMap(({ id, title }) => {
    const { heal, detect, begin, ...sums } = mergeCells(data.cells.filter((c) => c.client === id));
    if (heal.length === 0) return [];
    return row([
      title,
      formatCount(heal.length),
      sums.broken.length,
      formatFailureBound(sums.broken.length, heal.length),
      formatKnownTimes(detect),
      formatKnownTimes(begin),
      formatTimes(heal),
      sums.lost,
      sums.repeated,
      perRun(sums.requests, heal.length),
    ]);
  });
  return table(
    [
      "client",
      "recoveries",
      "broken",
      "can break (95 %)",
      "detect",
      "begin",
      "heal",
      "lost",
      "repeated",
      "requests each",
    ],
    rows,
  );
}

function byClient(data: ReportData): string {
  const rows = CLIENTS.flatMap((kind) => {
    const cells = data.cells.filter(({ client, path }) => client === kind.id && path === "direct");
    const { heal, ...sums } = mergeCells(cells);
    if (heal.length === 0) return [];
    return row([
      kind.title,
      kind.settings,
      formatCount(heal.length),
      formatPercent(heal.filter((time) => time !== null).length / heal.length),
      formatTimes(heal),
      formatPercent(sums.harmed / heal.length),
      sums.lost,
      sums.repeated,
      perRun(sums.requests, heal.length),
    ]);
  });
  return table(
    [
      "client",
      "set up",
      "runs",
      "healed",
      "heal (ms)",
      "runs with loss or repetition",
      "events lost",
      "repeated",
      "requests each",
    ],
    rows,
    2,
  );
}

function byPath(data: ReportData): string {
  const rows = PATHS.flatMap(({ id, title }) => {
    const { heal, detect, begin, ...sums } = mergeCells(
      promisedCells(data).filter(({ path }) => path === id),
    );
    if (heal.length === 0) return [];
    return row([
      title,
      formatCount(heal.length),
      sums.broken.length,
      formatKnownTimes(detect),
      formatKnownTimes(begin),
      formatTimes(heal),
      sums.lost,
      sums.repeated,
      perRun(sums.requests, heal.length),
    ]);
  });
  return table(
    [
      "path",
      "recoveries",
      "broken",
      "detect",
      "begin",
      "heal",
      "lost",
      "repeated",
      "requests each",
    ],
    rows,
  );
}

function byFault(data: ReportData): string {
  const cells = promisedCells(data);
  const rows = data.faults.flatMap(([id, title]) => {
    const { heal, detect, begin, ...sums } = mergeCells(cells.filter(({ fault }) => fault === id));
    if (heal.length === 0) return [];
    return row([
      id,
      title,
      heal.length,
      formatKnownTimes(detect),
      formatKnownTimes(begin),
      formatTimes(heal),
      sums.lost,
      sums.repeated,
      perRun(sums.requests, heal.length),
    ]);
  });
  return table(
    ["", "fault", "runs", "detect", "begin", "heal", "lost", "repeated", "requests each"],
    rows,
    2,
  );
}

function others(data: ReportData): string {
  const kinds = CLIENTS.filter(
    ({ id, isPromised }) => !isPromised && data.cells.some(({ client }) => client === id),
  );
  const cellOf = (fault: string, { id }: ClientKind) => {
    const cells = data.cells.filter((cell) => cell.fault === fault && cell.client === id);
    return cells.length === 0 ? "" : formatOutcome(mergeCells(cells).heal, mergeCells(cells));
  };
  const rows = data.faults
    .filter(([id]) => data.cells.some(({ fault, client }) => fault === id && !PROMISED.has(client)))
    .map(([id, title]) => row([id, title, ...kinds.map((kind) => cellOf(id, kind))]));
  if (rows.length === 0) return "None was measured.";
  return table(["", "fault", ...kinds.map(({ title }) => title)], rows, 2);
}

function method(data: ReportData): string {
  const skipped = data.skipped.map((line) => `- ${line}`);
  const clients = new Map(CLIENTS.map(({ id }) => [id, 0]));
  for (const { client, heal } of data.cells) {
    clients.set(client, (clients.get(client) ?? 0) + heal.length);
  }
  const counts = [...clients].filter(([, count]) => count > 0);
  return `## How it was done

On ${data.machine}, in ${Math.round(data.seconds)} s; the measuring process stood still for ${Math.round(data.longestStallMs)} ms at most.
Runs: ${counts.map(([id, count]) => `${id} ${formatCount(count)}`).join(", ")}.

- Many readers run at a time; each has a fault proxy, or an address, of its own. In browsers each is a frame with an
  origin of its own in a page that is shown, so that the limit of six connections concerns nobody.
- Paths: straight to the hub; through nginx, Caddy and HAProxy with the configurations of [deploy](../deploy); and through
  the gateway over Flask under gunicorn, where events are rows of its database, 200 ms apart at least. The fault proxy stands
  in front of all that, so that the connection that breaks is the reader's; HTTP/1.1 everywhere.
- Blows to processes and packets meet all readers of a path at once, with no fault proxy between. Hub and gateway keep their
  log on disk then. While a gateway or a backend is dead no rows are written: the backend shows nobody its past.
- Scenarios that break the very first connection, and those that send requests to a name that does not exist or to a
  server without TLS, are played in Node only: a page has to load over the same path, and cannot be sent astray.
- A run that could not be played is played again, once. So is one in which the measuring process stood still for 100 ms
  and more, up to three times and whatever had come out: ${data.spoiled} here.
- The JSON beside this page has every time. \`npm run reliability -- --compare other.json\` says where another machine's
  report differs from it by more than chance.${skipped.length === 0 ? "" : `\n\nLeft out:\n\n${skipped.join("\n")}`}`;
}

/** So many lines are shown; the JSON has all of them. */
const MOST_LINES = 60;

function failuresOf(data: ReportData): string {
  const broken = brokenPromises(data);
  const rest = data.failures
    .filter(({ client }) => client !== "all" && !PROMISED.has(client))
    .map(({ fault, client, path, message }) => `- ${fault}, ${client}, ${path}: ${message}`);
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`## ${title}`, lines.slice(0, MOST_LINES).join("\n")];
  return [
    ...section("Broken promises", broken),
    ...section("Runs of other clients that could not be played", rest),
  ].join("\n\n");
}

function perRun(sum: number, runs: number): string {
  return (sum / Math.max(1, runs)).toFixed(1);
}
