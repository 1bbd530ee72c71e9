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
  const rows = CLIENTS.filter(({ isPromised }) => isPromised).flatMap(({ id, title }) => {
    const { heal, detect, begin, ...sums } = mergeCells(
      promisedCells(data).filter((cell) => cell.client === id),
    );
    if (heal.length === 0) return [];
    return row([
      title,
      formatCount(heal.length),
      sums.broken.length,
      formatFailureBound(sums.broken.length, heal.length),
      formatKnownTimes(detect),
      formatKnownTimes(begin),
      formatTimes(heal),
      sums.lost,
      sums.repeated,
      perRun(sums.requests, heal.length),
    ]);
  });
  return table(
    [
      "client",
      "recoveries",
      "broken",
      "can break (95 %)",
      "detect",
      "begin",
      "heal",
      "lost",
      "repeated",
      "requests each",
    ],
    rows,
  );
}

/** All clients on the direct path. */
export function clientTable(data: ReportData): string {
  const rows = CLIENTS.flatMap((kind) => {
    const cells = data.cells.filter(({ client, path }) => client === kind.id && path === "direct");
    const { heal, ...sums } = mergeCells(cells);
    if (heal.length === 0) return [];
    return row([
      kind.title,
      kind.settings,
      formatCount(heal.length),
      formatPercent(heal.filter((time) => time !== null).length / heal.length),
      formatTimes(heal),
      formatPercent(sums.harmed / heal.length),
      sums.lost,
      sums.repeated,
      perRun(sums.requests, heal.length),
    ]);
  });
  return table(
    [
      "client",
      "set up",
      "runs",
      "healed",
      "heal (ms)",
      "runs with loss or repetition",
      "events lost",
      "repeated",
      "requests each",
    ],
    rows,
    2,
  );
}

/** The drop-in, path by path. */
export function pathTable(data: ReportData): string {
  const rows = PATHS.flatMap(({ id, title }) => {
    const { heal, detect, begin, ...sums } = mergeCells(
      promisedCells(data).filter(({ path }) => path === id),
    );
    if (heal.length === 0) return [];
    return row([
      title,
      formatCount(heal.length),
      sums.broken.length,
      formatKnownTimes(detect),
      formatKnownTimes(begin),
      formatTimes(heal),
      sums.lost,
      sums.repeated,
      perRun(sums.requests, heal.length),
    ]);
  });
  return table(
    [
      "path",
      "recoveries",
      "broken",
      "detect",
      "begin",
      "heal",
      "lost",
      "repeated",
      "requests each",
    ],
    rows,
  );
}

/** The drop-in, fault by fault. */
export function faultTable(data: ReportData): string {
  const cells = promisedCells(data);
  const rows = data.faults.flatMap(([id, title]) => {
    const { heal, detect, begin, ...sums } = mergeCells(cells.filter(({ fault }) => fault === id));
    if (heal.length === 0) return [];
    return row([
      id,
      title,
      heal.length,
      formatKnownTimes(detect),
      formatKnownTimes(begin),
      formatTimes(heal),
      sums.lost,
      sums.repeated,
      perRun(sums.requests, heal.length),
    ]);
  });
  return table(
    ["", "fault", "runs", "detect", "begin", "heal", "lost", "repeated", "requests each"],
    rows,
    2,
  );
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

function perRun(sum: number, runs: number): string {
  return (sum / Math.max(1, runs)).toFixed(1);
}
