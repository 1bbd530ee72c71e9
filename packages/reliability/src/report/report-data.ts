// Everything that a report is made from, as it is kept: small enough to be read by a person, and complete, so
// that the report of another machine can be held against it.

import { CLIENTS } from "../clients/clients.js";
import type { RunFailure, RunResult } from "../measure/result.js";

/** All results of one fault, client and path; times in whole milliseconds, `null` for never. */
export interface CellData {
  readonly fault: string;
  readonly client: string;
  readonly path: string;
  readonly detect: readonly (number | null)[];
  readonly begin: readonly (number | null)[];
  readonly heal: readonly (number | null)[];
  /** Sums over all runs. */
  readonly lost: number;
  readonly repeated: number;
  readonly reordered: number;
  readonly requests: number;
  readonly published: number;
  /** Runs in which something was lost or repeated or out of order. */
  readonly harmed: number;
  /** What was broken, for each run in which something was. */
  readonly broken: readonly string[];
}

/** A report. */
export interface ReportData {
  readonly version: 1;
  /** What was typed. */
  readonly command: string;
  readonly seed: number;
  readonly machine: string;
  readonly seconds: number;
  /** The longest time in which the measuring process stood still. */
  readonly longestStallMs: number;
  /** Runs that were thrown away because of such times, and played again. */
  readonly spoiled: number;
  /** Titles by id, in the order of the tables. */
  readonly faults: readonly (readonly [id: string, title: string])[];
  /** What was left out, and why. */
  readonly skipped: readonly string[];
  readonly failures: readonly RunFailure[];
  readonly cells: readonly CellData[];
}

/** Puts results together by their cells, in the order of faults, clients and paths. */
export function collectCells(
  results: readonly RunResult[],
  faults: ReportData["faults"],
): readonly CellData[] {
  const groups = new Map<string, RunResult[]>();
  for (const result of results) {
    const key = `${result.fault} ${result.client} ${result.path}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [result]);
    else group.push(result);
  }
  const order = (ids: readonly string[], id: string) => ids.indexOf(id);
  const faultIds = faults.map(([id]) => id);
  const clientIds = CLIENTS.map(({ id }) => id);
  return [...groups.values()]
    .flatMap((group) => cellOf(group))
    .sort(
      (a, b) =>
        order(faultIds, a.fault) - order(faultIds, b.fault) ||
        order(clientIds, a.client) - order(clientIds, b.client) ||
        a.path.localeCompare(b.path),
    );
}

function cellOf(group: readonly RunResult[]): readonly CellData[] {
  const [first] = group;
  if (first === undefined) return [];
  const { fault, client, path } = first;
  const times = (key: "detectMs" | "beginMs" | "healMs") =>
    group.map((result) => (result[key] === null ? null : Math.round(result[key])));
  const sum = (key: "lost" | "repeated" | "reordered" | "requests" | "published") =>
    group.reduce((total, result) => total + result[key], 0);
  return [
    {
      fault,
      client,
      path,
      detect: times("detectMs"),
      begin: times("beginMs"),
      heal: times("healMs"),
      lost: sum("lost"),
      repeated: sum("repeated"),
      reordered: sum("reordered"),
      requests: sum("requests"),
      published: sum("published"),
      harmed: group.filter((each) => each.lost + each.repeated + each.reordered > 0).length,
      broken: group.flatMap(({ broken }) => (broken.length === 0 ? [] : [broken.join("; ")])),
    },
  ];
}

/** Some cells as one. */
export function mergeCells(
  cells: readonly CellData[],
): Omit<CellData, "fault" | "client" | "path"> {
  const sum = (key: "lost" | "repeated" | "reordered" | "requests" | "published" | "harmed") =>
    cells.reduce((total, cell) => total + cell[key], 0);
  return {
    detect: cells.flatMap(({ detect }) => detect),
    begin: cells.flatMap(({ begin }) => begin),
    heal: cells.flatMap(({ heal }) => heal),
    lost: sum("lost"),
    repeated: sum("repeated"),
    reordered: sum("reordered"),
    requests: sum("requests"),
    published: sum("published"),
    harmed: sum("harmed"),
    broken: cells.flatMap(({ broken }) => broken),
  };
}

/** As text with a line for each fault, so that two versions of it can be compared by eye. */
export function formatReportData(data: ReportData): string {
  const { cells, ...rest } = data;
  const head = Object.entries(rest).map(
    ([key, value]) => ` ${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  );
  const lines = data.faults.map(([id]) =>
    cells
      .filter(({ fault }) => fault === id)
      .map((cell) => JSON.stringify(cell))
      .join(", "),
  );
  const known = lines.filter((line) => line !== "");
  return `{\n${head.join(",\n")},\n "cells": [\n${known.join(",\n")}\n ]\n}\n`;
}

/** Reads such a text. Throws where it is not one. */
export function parseReportData(text: string, name: string): ReportData {
  const data = JSON.parse(text) as Partial<ReportData> | null;
  if (data?.version !== 1 || !Array.isArray(data.cells)) {
    throw new Error(`${name}: expected the JSON of a reliability report, version 1.`);
  }
  return data as ReportData;
}
