// The pictures of a report.

import { CLIENTS } from "../clients/clients.js";
import { PATHS } from "../paths/paths.js";
import { plotHealTimes } from "./plot-heal-times.js";
import { type HeatCell, type HeatTable, plotHeat } from "./plot-heat.js";
import { isUnpromisedPath, promisedCells } from "./promised.js";
import { type CellData, mergeCells, type ReportData } from "./report-data.js";

/** The promise (design: "heal within 5 s"). */
const PROMISED_HEAL_MS = 5000;

/** All of them, by the name of their file. */
export function plotReport(data: ReportData): ReadonlyMap<string, string> {
  return new Map([
    ["heal-times.svg", healTimes(data)],
    ["faults-by-client.svg", plotHeat(byClient(data))],
    ["faults-by-path.svg", plotHeat(byPath(data))],
  ]);
}

function healTimes({ cells }: ReportData): string {
  const lines = CLIENTS.flatMap(({ id, title, isPromised }) => {
    const own = cells.filter(({ client, path }) => client === id && path === "direct");
    const { heal } = mergeCells(own);
    return heal.length === 0 ? [] : [{ title, isHeavy: isPromised, healMs: heal }];
  });
  return plotHealTimes(lines, PROMISED_HEAL_MS);
}

function byClient(data: ReportData): HeatTable {
  const measured = data.cells.filter(({ path }) => !isUnpromisedPath(path));
  const kinds = CLIENTS.filter(({ id }) => measured.some(({ client }) => client === id));
  return {
    title: "Median time to heal, fault by client",
    columns: kinds.map(({ title }) => title),
    rows: data.faults.map(([fault, title]) => ({
      title: `${fault} ${title}`,
      cells: kinds.map(({ id }) =>
        heatCell(measured.filter((cell) => cell.fault === fault && cell.client === id)),
      ),
    })),
  };
}

function byPath(data: ReportData): HeatTable {
  const cells = promisedCells(data);
  const kinds = PATHS.filter(({ id }) => cells.some(({ path }) => path === id));
  return {
    title: "Median time to heal of the drop-in, fault by path",
    columns: kinds.map(({ title }) => title),
    rows: data.faults.map(([fault, title]) => ({
      title: `${fault} ${title}`,
      cells: kinds.map(({ id }) =>
        heatCell(cells.filter((cell) => cell.fault === fault && cell.path === id)),
      ),
    })),
  };
}

function heatCell(cells: readonly CellData[]): HeatCell | undefined {
  const { heal, harmed } = mergeCells(cells);
  return heal.length === 0 ? undefined : { healMs: heal, harmed };
}
