// The report: docs/performance.md, with the plots beside it in docs/performance/.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { barChart } from "./svg.mjs";

const REPORT = fileURLToPath(new URL("../../../../docs/performance.md", import.meta.url));

/** One workload as text. */
export function toMarkdown({ title, text, goals, parts }, plotPath = () => undefined) {
  const lines = [`## ${title}`, "", text];
  if (goals !== undefined) lines.push("", `Goal: ${goals}.`);
  for (const [index, part] of parts.entries()) {
    lines.push("", `### ${part.title}`, "", ...table(part));
    const path = part.plot && plotPath(index);
    if (path !== undefined) lines.push("", `![${part.title}: ${part.plot.unit}](${path})`);
    if (part.note !== undefined) lines.push("", part.note);
  }
  return `${lines.join("\n")}\n`;
}

/** Writes the report and its plots. */
export function writeReport(sections, setting, path = REPORT) {
  const plots = join(dirname(path), "performance");
  mkdirSync(plots, { recursive: true });
  const texts = sections.map((section) =>
    toMarkdown(section, (index) => {
      const file = `${section.name}-${index + 1}.svg`;
      const part = section.parts[index];
      writeFileSync(join(plots, file), barChart(`${section.title}, ${part.title}`, part.plot));
      return `performance/${file}`;
    }),
  );
  writeFileSync(path, `${introduction(setting)}\n${texts.join("\n")}`);
}

function introduction({ date, node, system, isPinned, rounds, loads, minutes, missing, faults }) {
  const cores = isPinned
    ? "Servers had a core of their own, and readers and publishers the others"
    : "Nothing could be kept on a core of its own";
  const [before, after] = loads.map((value) => value.toFixed(1));
  const lines = [
    "# Performance",
    "",
    `\`npm run bench\` measured this on ${date} in ${minutes.toFixed(0)} minutes, and wrote this page: Node ${node}, ${system}. ${cores}.`,
    `When it began ${before} processes wanted to run, when it ended ${after}: more than about two is a machine that does other things as well, and figures that are worse and less certain than they could be.`,
    "",
    `Figures are medians of ${rounds} rounds. In a round each server is measured once, in a process that has just begun; ratios are medians of the ratios within a round. "± half of the rounds" is half of the distance between the quartiles: the noise. CPU time is what the kernel has counted for the server's processes and all their threads, publishing included. "Busy" is how much of its core the process of the readers used: near 100 % it would be what is measured, where the figure is a time.`,
    "",
    "The hub is `throughline serve` with its defaults: ids, log, pulse, lease and metrics are on. Why it is as fast as it is, and what was tried: [profiles.md](profiles.md).",
    "",
    faults.length === 0
      ? "**No event was lost, repeated or out of order**, at any reader of any run."
      : `**Not exactly once**: ${faults.join("; ")}.`,
  ];
  if (missing.length > 0) lines.push("", ...missing.map((line) => `Left out: ${line}.`));
  return `${lines.join("\n")}\n`;
}

function table({ columns, rows }) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(columns), `|${columns.map(() => "---").join("|")}|`, ...rows.map(line)];
}
