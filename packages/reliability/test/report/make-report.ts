// Reports for tests.

import type { RunResult } from "../../src/measure/result.js";
import { type CellData, collectCells, type ReportData } from "../../src/report/report-data.js";

/** One recovery in which all went well, but for what is given. */
export function runResult(result: Partial<RunResult> = {}): RunResult {
  return {
    fault: "1b",
    client: "drop-in-node",
    path: "direct",
    detectMs: 2,
    beginMs: 150.4,
    healMs: 180,
    lost: 0,
    repeated: 0,
    reordered: 0,
    requests: 1,
    published: 40,
    broken: [],
    ...result,
  };
}

/** A report of these recoveries. */
export function report(results: readonly RunResult[], data: Partial<ReportData> = {}): ReportData {
  const faults = [
    ["1b", "reset in the middle of the stream"],
    ["2a", "silence <both> ways"],
  ] as const;
  return {
    version: 1,
    command: "npm run reliability",
    seed: 1,
    machine: "2 × test",
    seconds: 3,
    longestStallMs: 12,
    spoiled: 0,
    faults,
    skipped: [],
    failures: [],
    cells: collectCells(results, faults) as readonly CellData[],
    ...data,
  };
}

/** So many of the same. */
export function many(count: number, make: (index: number) => Partial<RunResult>): RunResult[] {
  return Array.from({ length: count }, (_, index) => runResult(make(index)));
}
