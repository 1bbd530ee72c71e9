// An examination in lines for people, who may be tired: the verdict first, then what to do, then the rest.

import { type Finding, type Severity, showMs } from "./finding.js";
import type { Hop, Observation } from "./observation.js";

const WIDTH = 96;

const MARKS: Readonly<Record<Severity, string>> = {
  problem: "PROBLEM",
  warning: "warning",
  ok: "ok",
};

/** The whole report, with a line break at its end. */
export function renderReport(observation: Observation, findings: readonly Finding[]): string {
  const worse = findings.filter(({ severity }) => severity !== "ok");
  const well = findings.filter(({ severity }) => severity === "ok");
  return [
    `${verdict(findings)}  ${observation.url}`,
    ...worse.map(renderFinding),
    ...(well.length === 0 ? [] : [well.map(renderFinding).join("\n")]),
    renderFacts(observation),
    "",
  ]
    .join("\n\n")
    .replace(/\n+$/, "\n")
    .replace(UNPRINTABLE, spell);
}

/** Servers choose event types and ids: what would steer a terminal is spelled out. */
const UNPRINTABLE = /[^\P{C}\n]/gu;

function spell(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function verdict(findings: readonly Finding[]): string {
  const count = (severity: Severity) => findings.filter((one) => one.severity === severity).length;
  const [problems, warnings] = [count("problem"), count("warning")];
  const also = warnings === 0 ? "" : `, ${plural(warnings, "warning")}`;
  return problems === 0 ? `No problem${also}:` : `${plural(problems, "PROBLEM")}${also}:`;
}

function plural(count: number, word: string): string {
  const ending = word === word.toUpperCase() ? "S" : "s";
  return `${count} ${word}${count === 1 ? "" : ending}`;
}

function renderFinding({ severity, text, culprit, change }: Finding): string {
  const lines = [hang(`${MARKS[severity].padEnd(8)} `, text)];
  if (culprit !== undefined) lines.push(hang("         likely: ", culprit));
  // Not broken: it is there to be copied.
  if (change !== undefined) lines.push(`         change: ${change}`);
  return lines.join("\n");
}

/** Where a line may be broken: not between a number and its unit. */
const BREAK = / (?!(?:ms|s)\b)/;

/** A text behind a label, its further lines set under its first. */
function hang(label: string, text: string): string {
  const lines: string[] = [];
  let line = label;
  let isFresh = true;
  for (const word of text.split(BREAK)) {
    if (!isFresh && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = " ".repeat(label.length);
      isFresh = true;
    }
    line += isFresh ? word : ` ${word}`;
    isFresh = false;
  }
  return [...lines, line].join("\n");
}

function renderFacts({ opening, stream }: Observation): string {
  if (opening.kind === "unreachable") return "What was seen: no connection.";
  const hops = opening.kind === "answered" ? [...opening.hops, opening.last] : opening.hops;
  const head = opening.kind === "silent" && opening.head !== undefined ? [opening.head] : [];
  const lines = [
    ...hops.flatMap((hop) => renderHop(hop, "GET")),
    ...head.flatMap((hop) => renderHop(hop, "HEAD")),
  ];
  if (stream !== undefined) {
    const { bytes, events, comments, firstByteMs, end, types } = stream;
    const first = firstByteMs === undefined ? "no byte" : `first byte after ${showMs(firstByteMs)}`;
    const kinds = Object.entries(types)
      .map(([type, count]) => `${type} ${count}`)
      .join(", ");
    lines.push(
      `  body: ${first}; ${bytes} bytes, ${events} events, ${comments} comments in ${showMs(end.atMs)}`,
      ...(kinds === "" ? [] : [`  events: ${kinds}`]),
    );
  }
  return ["What was seen:", ...lines].join("\n");
}

function renderHop(
  { url, httpVersion, status, headers, connectMs, headersMs }: Hop,
  method: string,
): readonly string[] {
  return [
    `  ${method} ${url}`,
    `  HTTP/${httpVersion} ${status}, connected in ${showMs(connectMs)}, headers ${showMs(headersMs)} after the request`,
    ...Object.entries(headers).map(([name, value]) => `    ${name}: ${value}`),
  ];
}
