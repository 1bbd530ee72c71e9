// The tables of the report.

import { CLIENTS, type ClientKind } from "../clients/clients.js";
import { PATHS } from "../paths/paths.js";
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
import { isPromised, isUnpromisedPath, promisedCells } from "./promised.js";
import { type CellData, mergeCells, type ReportData } from "./report-data.js";

/** The drop-in, place by place. */
export function placeTable(data: ReportData): string {
  const cells = promisedCells(data);
  const places = CLIENTS.filter(({ isPromised }) => isPromised).map(({ id, title }) => ({
    heads: [title],
    cells: cells.filter(({ client }) => client === id),
  }));
  return summaryTable(["client"], places, [
    RECOVERIES,
    BROKEN,
    {
      head: "can break (95 %)",
      of: ({ broken, heal }) => formatFailureBound(broken.length, heal.length),
    },
    ...TIMES,
    ...SUMS,
  ]);
}

/** All clients on the direct path. */
export function clientTable(data: ReportData): string {
  const clients = CLIENTS.map((kind) => ({
    heads: [kind.title, kind.settings],
    cells: data.cells.filter(({ client, path }) => client === kind.id && path === "direct"),
  }));
  return summaryTable(["client", "set up"], clients, [
    { ...RECOVERIES, head: "runs" },
    {
      head: "healed",
      of: ({ heal }) => formatPercent(heal.filter((time) => time !== null).length / heal.length),
    },
    { ...HEAL, head: "heal (ms)" },
    {
      head: "runs with loss or repetition",
      of: ({ harmed, heal }) => formatPercent(harmed / heal.length),
    },
    { ...LOST, head: "events lost" },
    REPEATED,
    REQUESTS,
  ]);
}

/** The drop-in, path by path. */
export function pathTable(data: ReportData): string {
  const cells = promisedCells(data);
  const paths = PATHS.map(({ id, title }) => ({
    heads: [title],
    cells: cells.filter(({ path }) => path === id),
  }));
  return summaryTable(["path"], paths, [RECOVERIES, BROKEN, ...TIMES, ...SUMS]);
}

/** The drop-in, fault by fault. */
export function faultTable(data: ReportData): string {
  const cells = promisedCells(data);
  const faults = data.faults.map(([id, title]) => ({
    heads: [id, title],
    cells: cells.filter(({ fault }) => fault === id),
  }));
  return summaryTable(["", "fault"], faults, [{ ...RECOVERIES, head: "runs" }, ...TIMES, ...SUMS]);
}

/** A column of numbers: what it says of the cells of a row, taken together. */
interface Column {
  readonly head: string;
  of(merged: ReturnType<typeof mergeCells>): string | number;
}

const RECOVERIES: Column = { head: "recoveries", of: ({ heal }) => formatCount(heal.length) };
const BROKEN: Column = { head: "broken", of: ({ broken }) => broken.length };
const HEAL: Column = { head: "heal", of: ({ heal }) => formatTimes(heal) };
const TIMES: readonly Column[] = [
  { head: "detect", of: ({ detect }) => formatKnownTimes(detect) },
  { head: "begin", of: ({ begin }) => formatKnownTimes(begin) },
  HEAL,
];
const LOST: Column = { head: "lost", of: ({ lost }) => lost };
const REPEATED: Column = { head: "repeated", of: ({ repeated }) => repeated };
const REQUESTS: Column = {
  head: "requests each",
  of: ({ requests, heal }) => (requests / heal.length).toFixed(1),
};
const SUMS: readonly Column[] = [LOST, REPEATED, REQUESTS];

/** A row for each part of the matrix in which anything was measured. */
function summaryTable(
  heads: readonly string[],
  parts: readonly { readonly heads: readonly string[]; readonly cells: readonly CellData[] }[],
  columns: readonly Column[],
): string {
  const rows = parts.flatMap((part) => {
    const merged = mergeCells(part.cells);
    if (merged.heal.length === 0) return [];
    return row([...part.heads, ...columns.map((column) => column.of(merged))]);
  });
  return table([...heads, ...columns.map(({ head }) => head)], rows, heads.length);
}

/** The other clients, fault by fault. */
export function othersTable(data: ReportData): string {
  const cells = data.cells.filter(
    ({ client, path }) => !isPromised({ client, path }) && !isUnpromisedPath(path),
  );
  return cells.length === 0 ? "None was measured." : outcomeTable(data, cells);
}

/** Every client over HTTP/2, fault by fault; `undefined` where none was measured. */
export function http2Table(data: ReportData): string | undefined {
  const cells = data.cells.filter(({ path }) => isUnpromisedPath(path));
  if (cells.length === 0) return undefined;
  return outcomeTable(data, cells);
}

/** What became of each fault, a column for each client. */
function outcomeTable({ faults }: ReportData, cells: readonly CellData[]): string {
  const kinds = CLIENTS.filter(({ id }) => cells.some(({ client }) => client === id));
  const outcome = (fault: string, { id }: ClientKind) => {
    const own = cells.filter((cell) => cell.fault === fault && cell.client === id);
    return own.length === 0 ? "" : formatOutcome(mergeCells(own).heal, mergeCells(own));
  };
  const rows = faults
    .filter(([id]) => cells.some(({ fault }) => fault === id))
    .map(([id, title]) => row([id, title, ...kinds.map((kind) => outcome(id, kind))]));
  return table(["", "fault", ...kinds.map(({ title }) => title)], rows, 2);
}
