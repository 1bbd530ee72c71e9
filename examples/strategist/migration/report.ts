// The table that `npm run migration-report` prints, and writes into docs/migration.md.

import type { MigrationFault } from "./fault.js";
import type { ReaderName } from "./page-api.js";
import type { Outcome } from "./run-fault.js";
import { VARIANTS, WAYS, type WayKind } from "./way.js";

const BEGIN = "<!-- measured: begin -->";
const END = "<!-- measured: end -->";

export interface ReportInput {
  readonly faults: readonly MigrationFault[];
  readonly outcomes: readonly Outcome[];
}

/** A table for each reader, and one of what helps, as Markdown. */
export function renderTables(input: ReportInput): string {
  return `**A bare \`EventSource\`**, as hook H5 has it:

${table(input, "bare", WAYS)}

**\`EnhancedSSEClient\` (C1)**, as hooks H1 and H2 have it; what is counted is what its sources were handed:

${table(input, "class", WAYS)}

**The same, with what helps** a class that answers errors with a new \`EventSource\`:

${table(input, "class", VARIANTS)}`;
}

function table(
  { faults, outcomes }: ReportInput,
  reader: ReaderName,
  ways: readonly WayKind[],
): string {
  const lines = faults.map((fault) => {
    const cells = ways.map(({ name }) => {
      const found = outcomes.find(
        (each) => each.fault === fault.title && each.way === name && each.reader === reader,
      );
      return found === undefined ? "not run" : cell(found, fault);
    });
    return row([fault.title, ...cells]);
  });
  const head = row(["fault", ...ways.map(({ name }) => name)]);
  return [head, row(["---", ...ways.map(() => "---")]), ...lines].join("\n");
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** Heal time, losses, repetitions and requests, in that order. */
function cell(outcome: Outcome, { isHopeless = false }: MigrationFault): string {
  const { healMs, lost, repeated, isTold, requestsPerMinute } = outcome;
  const asked = `${requestsPerMinute.toFixed(0)}/min`;
  if (isHopeless) return asked;
  const healed = healMs === undefined ? "**never**" : `${(healMs / 1000).toFixed(1)} s`;
  const lostText = isTold && lost > 0 ? `${lost} lost, told` : `${lost} lost`;
  return [healed, lostText, `${repeated} again`, asked].join(" · ");
}

/** The document with the tables between its marks. */
export function placeTables(document: string, tables: string): string {
  const from = document.indexOf(BEGIN);
  const to = document.indexOf(END);
  if (from < 0 || to < from) throw new Error(`expected the marks ${BEGIN} and ${END}`);
  return `${document.slice(0, from + BEGIN.length)}\n\n${tables}\n\n${document.slice(to)}`;
}
