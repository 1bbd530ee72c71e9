// Where two reports differ by more than chance, fault by fault and client by client.

import { fisherExact } from "../statistics/proportion.js";
import { rankTest } from "../statistics/rank-test.js";
import { summarise } from "../statistics/summary.js";
import { type CellData, mergeCells, type ReportData } from "./report-data.js";

/** A difference that a person would care about: below it, it may be real and is not worth a line. */
const NOTABLE_MS = 150;

/** How often chance alone may say that two reports differ anywhere. */
const FALSE_ALARM = 0.01;

/** What was compared, and what differs, as lines of Markdown. */
export interface Comparison {
  readonly compared: number;
  readonly differences: readonly string[];
}

/**
 * Compares the times to heal by the ranks of Mann and Whitney, and the shares of runs that did not heal, and
 * that were harmed, by Fisher's exact test. Each has to be so unlikely that chance says so anywhere in one of
 * a hundred comparisons of reports (Bonferroni); a time has to differ by 150 ms in the median besides.
 */
export function compareReports(ours: ReportData, theirs: ReportData): Comparison {
  const pairs = keysOf(ours).flatMap((key) => {
    const [a, b] = [cellsAt(ours, key), cellsAt(theirs, key)];
    return b.length === 0 ? [] : [{ key, a: mergeCells(a), b: mergeCells(b) }];
  });
  const limit = FALSE_ALARM / Math.max(1, pairs.length * 3);
  const differences = pairs.flatMap(({ key, a, b }) => {
    const found: string[] = [];
    const share = (of: (each: typeof a) => number, words: string) => {
      const p = fisherExact([of(a), a.heal.length], [of(b), b.heal.length]);
      if (p >= limit) return;
      found.push(`${of(a)} of ${a.heal.length} ${words}, there ${of(b)} of ${b.heal.length}`);
    };
    share(({ heal }) => heal.filter((time) => time === null).length, "never healed");
    share(({ harmed }) => harmed, "lost or repeated events");
    const [mine, other] = [summarise(a.heal)?.median, summarise(b.heal)?.median];
    if (mine !== undefined && other !== undefined && Math.abs(mine - other) > NOTABLE_MS) {
      const p = rankTest(known(a.heal), known(b.heal));
      if (p < limit) found.push(`healed after ${mine} ms, there after ${other} ms (medians)`);
    }
    return found.map((line) => `- ${key}: ${line}`);
  });
  return { compared: pairs.length, differences };
}

function keysOf({ cells }: ReportData): readonly string[] {
  return [...new Set(cells.map(keyOf))];
}

function cellsAt({ cells }: ReportData, key: string): readonly CellData[] {
  return cells.filter((cell) => keyOf(cell) === key);
}

function keyOf({ fault, client }: CellData): string {
  return `${fault}, ${client}`;
}

function known(times: readonly (number | null)[]): readonly number[] {
  return times.filter((time) => time !== null);
}
