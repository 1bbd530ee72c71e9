// The report as Markdown: what is promised first, then everything that it rests on.

import { CLIENTS } from "../clients/clients.js";
import { exactInterval } from "../statistics/proportion.js";
import { formatCount, formatFailureBound, formatPercent } from "./format-values.js";
import { brokenPromises, firstLine, isPromised, promisedCells } from "./promised.js";
import { mergeCells, type ReportData } from "./report-data.js";
import {
  clientTable,
  faultTable,
  http2Table,
  othersTable,
  pathTable,
  placeTable,
} from "./tables.js";

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
    placeTable(data),
    "## All clients, on the direct path",
    `Each met the same faults. Nothing is promised for others than the drop-in: they are shown as they come, with the
settings named below.`,
    clientTable(data),
    `![How many recoveries had ended after which time, by client](${plots.healTimes})`,
    `![Time to heal, fault by fault and client by client](${plots.clients})`,
    "## The drop-in, by path",
    pathTable(data),
    `![Time to heal of the drop-in, fault by fault and path by path](${plots.paths})`,
    "## The drop-in, fault by fault",
    "All places and paths together. Times in milliseconds: median / 99th percentile / worst.",
    faultTable(data),
    "## The others, fault by fault",
    `On all paths but HTTP/2. Seconds to heal: median / worst; −n: runs that did not heal within the time they were given (8 s after
the path could be used, 12 s after the blows to processes and packets); ✕n: runs in which events were lost or came
twice.`,
    othersTable(data),
    ...overHttp2(data),
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
- **begin**: from the same moment until a request leaves. Promised: 2 s at most, but not before a \`Retry-After\`
  has passed. Who gets over it on the connection that it had, such as when packets vanish for half a second, has nothing to begin.
- **heal**: from the moment the path is usable until an event that was published after it has been delivered, and so all
  before it. Promised: 5 s at most; where a server asks for patience (429, \`Retry-After\`, streams that open and close at
  once), what the scenario says.`;

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

/** A browser has one connection to a server there, and no script can ask it for another. */
function overHttp2(data: ReportData): readonly string[] {
  const rows = http2Table(data);
  return rows === undefined ? [] : ["## Over TLS and HTTP/2", HTTP2, rows];
}

const HTTP2 = `Caddy speaks TLS and HTTP/2 to the browsers here, and the fault proxy in front of it does to the TCP connection what can
be done without looking into it. All is promised here but the time to heal from silence (2a to 2d, 4h): a browser
sends all requests to a server over one connection. Where that falls silent for good and nothing closes it, a new request goes over the same dead connection, until
the browser gives it up by itself; the drop-in is given that time here. Times and marks as above.`;

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
  the gateway over Flask under gunicorn, where events are rows of its database, 500 ms apart at least. The fault proxy stands
  in front of all that, so that the connection that breaks is the reader's. All of them speak HTTP/1.1.
- Blows to processes and packets meet all readers of a path together, with no fault proxy between; packets vanish for one after
  the other within half a second, and nothing else runs then. Hub and gateway keep their log on disk for the blows to processes. While a gateway or a backend is dead no rows are written: the backend shows nobody its past.
- Scenarios that break the very first connection, and those that send requests to a name that does not exist or to a
  server without TLS, are played in Node only: a page has to load over the same path, and cannot be sent astray.
- A run that could not be played, or whose browser crashed, is played again, up to twice. So is one in which the measuring
  process, or the page of its reader, stood still for 100 ms and more, once, and whatever had come out: ${data.spoiled} here.
- The JSON beside this page has every time. \`npm run reliability -- --compare other.json\` says where another machine's
  report differs from it by more than chance.${skipped.length === 0 ? "" : `\n\nLeft out:\n\n${skipped.join("\n")}`}`;
}

/** So many lines are shown; the JSON has all of them. */
const MOST_LINES = 60;

function failuresOf(data: ReportData): string {
  const broken = brokenPromises(data);
  const rest = data.failures
    .filter((failure) => !isPromised(failure))
    .map(
      ({ fault, client, path, message }) => `- ${fault}, ${client}, ${path}: ${firstLine(message)}`,
    );
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`## ${title}`, lines.slice(0, MOST_LINES).join("\n")];
  return [
    ...section("Broken promises", broken),
    ...section("Other runs that could not be played", rest),
  ].join("\n\n");
}
