// How values look in the tables.

import { exactInterval } from "../statistics/proportion.js";
import { summarise } from "../statistics/summary.js";

/** Median, 99th percentile and worst, and how often it never happened. */
export function formatTimes(values: readonly (number | null)[]): string {
  const summary = summarise(values);
  if (summary === undefined) return "never";
  const { median, p99, worst, never } = summary;
  return `${median} / ${p99} / ${worst}${never > 0 ? `, ${never} never` : ""}`;
}

/** The same of values that may be absent because there was nothing to do: these are not counted. */
export function formatKnownTimes(values: readonly (number | null)[]): string {
  return values.every((value) => value === null)
    ? "–"
    : formatTimes(values.filter((value) => value !== null));
}

/** One short cell for a client of which nothing is promised: median and worst in seconds, and what went wrong. */
export function formatOutcome(
  heal: readonly (number | null)[],
  { harmed }: { readonly harmed: number },
): string {
  const summary = summarise(heal);
  const lost = harmed > 0 ? ` ✕${harmed}` : "";
  if (summary === undefined) return `never${lost}`;
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  const never = summary.never > 0 ? ` −${summary.never}` : "";
  return `${seconds(summary.median)} / ${seconds(summary.worst)}${never}${lost}`;
}

/** A probability with as many digits as it deserves. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  return `${percent >= 10 ? percent.toFixed(0) : percent.toFixed(2)} %`;
}

/** What a number of failures says of the probability of one. */
export function formatFailureBound(failed: number, runs: number): string {
  const { low, high } = exactInterval(failed, runs);
  return failed === 0
    ? `at most ${formatPercent(high)}`
    : `${formatPercent(low)} to ${formatPercent(high)}`;
}

/** A number of things with thousands apart. */
export function formatCount(count: number): string {
  return count.toLocaleString("en");
}

/** A row of a table. */
export function row(cells: readonly (string | number)[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** A table; all columns but the first `textColumns` are numbers. */
export function table(heads: readonly string[], rows: readonly string[], textColumns = 1): string {
  const rules = heads.map((_, index) => (index < textColumns ? "---" : "---:"));
  return [row(heads), `|${rules.join("|")}|`, ...rows].join("\n");
}
