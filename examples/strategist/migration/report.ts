// The table that `npm run migration-report` prints, and writes into docs/migration.md.

import type { MigrationFault } from "./fault.js";
import type { ReaderName } from "./page-api.js";
import type { Outcome } from "./run-fault.js";
import type { WayKind } from "./way.js";
import { REMEDIES, WAYS } from "./ways.js";

const BEGIN = "<!-- measured: begin -->";
const END = "<!-- measured: end -->";

export interface ReportInput {
  readonly faults: readonly MigrationFault[];
  readonly outcomes: readonly Outcome[];
}

/** A table for each reader, and one of what helps, as Markdown. */
export function renderTables(input: ReportInput): string {
  return `**A bare \`EventSource\`**, with nothing around it that would retry:

${table(input, "bare")}

**\`EnhancedSSEClient\` (C1)**, as hooks H1 and H2 have it. It drops what it is sent (D18); what is counted is what its
sources were handed. Its field \`lastHeartbeat\` was set: ${heartbeats(input)}.

${table(input, "class")}

**What can be set**, where one of the four leaves something open:

${remedyTable(input)}`;
}

function table(input: ReportInput, reader: ReaderName): string {
  const lines = input.faults.map((fault) =>
    row([fault.title, ...WAYS.map((way) => cell(input, fault, { way, reader }))]),
  );
  return [...head(["what goes wrong", ...WAYS.map(({ name }) => name)]), ...lines].join("\n");
}

function remedyTable(input: ReportInput): string {
  const lines = REMEDIES.flatMap(({ way, without, reader, faults }) =>
    input.faults
      .filter(({ name }) => faults.includes(name))
      .map((fault) =>
        row([
          way.name,
          reader === "class" ? "C1" : "bare",
          fault.title,
          cell(input, fault, { way: without, reader }),
          cell(input, fault, { way, reader }),
        ]),
      ),
  );
  const titles = ["setting", "reader", "what goes wrong", "without it", "with it"];
  return [...head(titles), ...lines].join("\n");
}

/** On which of the ways, and under how many of the faults. */
function heartbeats({ outcomes }: ReportInput): string {
  return WAYS.map(({ name }) => {
    // A refusal has no stream to hear heartbeats on.
    const own = outcomes.filter(
      ({ fault, way, reader }) => way === name && reader === "class" && fault !== "parameter",
    );
    return `${name} in ${own.filter(({ hasHeartbeat }) => hasHeartbeat).length} of ${own.length} runs`;
  }).join(", ");
}

function head(titles: readonly string[]): readonly string[] {
  return [row(titles), `|${titles.map(() => "---|").join("")}`];
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** Time to heal, losses, repetitions and requests, in that order. */
function cell(
  { outcomes }: ReportInput,
  { name, isHopeless = false, isOfGateway = false }: MigrationFault,
  { way, reader }: { readonly way: WayKind; readonly reader: ReaderName },
): string {
  if (isOfGateway && !way.hasGateway) return "–";
  const found = outcomes.find(
    (each) => each.fault === name && each.way === way.name && each.reader === reader,
  );
  if (found === undefined) return "not run";
  const { healMs, repeated, requestsPerMinute } = found;
  const asked = `${requestsPerMinute.toFixed(0)}/min`;
  if (isHopeless) return asked;
  const healed = healMs === undefined ? "**never**" : `${(healMs / 1000).toFixed(1)} s`;
  return [healed, losses(found), `${repeated} again`, asked].join(" · ");
}

function losses({ lost, untold, isTold }: Outcome): string {
  const remarks = [
    ...(untold > 0 ? [`${untold} before the gateway`] : []),
    ...(lost > 0 && isTold ? ["told"] : []),
  ];
  return `${lost} lost${remarks.length > 0 ? ` (${remarks.join(", ")})` : ""}`;
}

/** The document with the tables between its marks. */
export function placeTables(document: string, tables: string): string {
  const from = document.indexOf(BEGIN);
  const to = document.indexOf(END);
  if (from < 0 || to < from) throw new Error(`expected the marks ${BEGIN} and ${END}`);
  return `${document.slice(0, from + BEGIN.length)}\n\n${tables}\n\n${document.slice(to)}`;
}
