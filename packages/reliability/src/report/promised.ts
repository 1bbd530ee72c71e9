// What of a report the promises are made for, and what of them was not kept.

import { CLIENTS } from "../clients/clients.js";
import { PATHS } from "../paths/paths.js";
import type { CellData, ReportData } from "./report-data.js";

const PROMISED = new Set(CLIENTS.filter(({ isPromised }) => isPromised).map(({ id }) => id));

/** Over HTTP/2 no time is promised where nobody says that the connection is dead: decision 0019. */
const UNPROMISED_PATHS = PATHS.filter(({ isEncrypted }) => isEncrypted);

/** Whether all promises are made for a client on a path. */
export function isPromised({
  client,
  path,
}: {
  readonly client: string;
  readonly path: string;
}): boolean {
  return (client === "all" || PROMISED.has(client)) && !isUnpromisedPath(path);
}

/** Whether not all promises are made for a path, whatever the client. */
export function isUnpromisedPath(path: string): boolean {
  return UNPROMISED_PATHS.some(({ id }) => id === path);
}

/** The cells of the drop-in, on the paths that all promises are made for. */
export function promisedCells({ cells }: ReportData): readonly CellData[] {
  return cells.filter(isPromised);
}

/** In these the connection falls silent, and stays open. */
const SILENT_FAULTS = ["2a", "2b", "2c", "2d", "4h"];

function brokenIn(cell: CellData): readonly string[] {
  if (!isUnpromisedPath(cell.path) || !SILENT_FAULTS.includes(cell.fault)) return cell.broken;
  const { lost, repeated, reordered } = cell;
  if (lost + repeated + reordered === 0) return [];
  return [`${lost} lost, ${repeated} repeated, ${reordered} out of order`];
}

/** Everything that was promised and not kept, or could not be shown to be, as lines of a list. */
export function brokenPromises(data: ReportData): readonly string[] {
  const broken = data.cells
    .filter(({ client }) => PROMISED.has(client))
    .flatMap((cell) =>
      brokenIn(cell).map((what) => `- ${cell.fault}, ${cell.client}, ${cell.path}: ${what}`),
    );
  const unplayed = data.failures
    .filter(isPromised)
    .map(
      ({ fault, client, path, message }) =>
        `- ${fault}, ${client}, ${path}: not played: ${firstLine(message)}`,
    );
  return [...broken, ...unplayed];
}

/** What is shown of a message: the rest of it is in the JSON. */
export function firstLine(message: string): string {
  return message.split("\n", 1)[0] ?? "";
}
