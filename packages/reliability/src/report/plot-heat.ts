// A table in colours: how long it took to heal, and where that never happened or events were lost.

import { type Summary, summarise } from "../statistics/summary.js";
import { element, label, picture } from "./svg.js";

/** One cell. */
export interface HeatCell {
  readonly healMs: readonly (number | null)[];
  /** Runs in which an event was lost or came twice. */
  readonly harmed: number;
}

/** A table; a cell that was not measured is `undefined`. */
export interface HeatTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly {
    readonly title: string;
    readonly cells: readonly (HeatCell | undefined)[];
  }[];
}

const LABEL_WIDTH = 430;
/** Heads are aslant, and reach beyond the last column. */
const RIGHT = 170;
const MOST_LETTERS = 66;
const CELL_WIDTH = 84;
const CELL_HEIGHT = 22;
const HEAD = 170;
const FOOT = 64;

/** Upper bounds of the medians that each colour stands for, in milliseconds. */
const BOUNDS = [500, 1500, 3000, 5000] as const;

/** Draws it. */
export function plotHeat({ title, columns, rows }: HeatTable): string {
  const width = LABEL_WIDTH + columns.length * CELL_WIDTH + RIGHT;
  const height = HEAD + rows.length * CELL_HEIGHT + FOOT;
  const heads = columns.map((text, index) => {
    const x = LABEL_WIDTH + index * CELL_WIDTH + CELL_WIDTH / 2;
    const transform = `rotate(-40 ${x} ${HEAD - 10})`;
    return element("g", { transform }, label(text, { x, y: HEAD - 10 }));
  });
  const body = rows.flatMap((row, index) => {
    const y = HEAD + index * CELL_HEIGHT;
    return [
      label(shorten(row.title), { x: LABEL_WIDTH - 8, y: y + 15, anchor: "end" }),
      ...row.cells.map((cell, column) => drawCell(cell, LABEL_WIDTH + column * CELL_WIDTH, y)),
    ];
  });
  return picture({ width, height, title }, [
    element("rect", { width, height, class: "paper" }),
    ...heads,
    ...body,
    ...legend(height - FOOT + 22),
  ]);
}

function drawCell(cell: HeatCell | undefined, x: number, y: number): string {
  const box = { x: x + 1, y: y + 1, width: CELL_WIDTH - 2, height: CELL_HEIGHT - 2, rx: 3 };
  if (cell === undefined) return element("rect", { ...box, class: "none" });
  const summary = summarise(cell.healMs);
  const degree = degreeOf(summary);
  const place = { x: x + CELL_WIDTH / 2, y: y + 15, anchor: "middle", css: `t${degree}` } as const;
  return `${element("rect", { ...box, class: `h${degree}` })}${label(wordsOf(summary, cell), place)}`;
}

/** Half of the runs and more that never healed weigh as much as all. */
function degreeOf(summary: Summary | undefined): number {
  if (summary === undefined || summary.never * 2 >= summary.count) return 5;
  const found = BOUNDS.findIndex((bound) => summary.median <= bound);
  const degree = found === -1 ? BOUNDS.length : found;
  return summary.never > 0 ? BOUNDS.length : degree;
}

function wordsOf(summary: Summary | undefined, { harmed }: HeatCell): string {
  const mark = harmed > 0 ? " ✕" : "";
  if (summary === undefined) return `never${mark}`;
  const seconds = (summary.median / 1000).toFixed(1);
  const never = summary.never > 0 ? ` −${summary.never}` : "";
  return `${seconds} s${never}${mark}`;
}

function legend(y: number): readonly string[] {
  const words = ["≤ 0.5 s", "≤ 1.5 s", "≤ 3 s", "≤ 5 s", "later, or some never", "mostly never"];
  const boxes = words.flatMap((text, degree) => {
    const x = 20 + degree * 100 + (degree > 4 ? 80 : 0);
    return [
      element("rect", { x, y: y - 11, width: 16, height: 14, rx: 3, class: `h${degree}` }),
      label(text, { x: x + 22, y, css: "faint" }),
    ];
  });
  const note =
    "Median time to heal. −n: runs that never healed. ✕: runs with lost or repeated events. Empty: not measured.";
  return [...boxes, label(note, { x: 20, y: y + 24, css: "faint" })];
}

/** As many letters as fit, without the marks that are for Markdown. */
function shorten(text: string): string {
  const plain = text.replaceAll("`", "");
  return plain.length <= MOST_LETTERS ? plain : `${plain.slice(0, MOST_LETTERS - 1)}…`;
}
