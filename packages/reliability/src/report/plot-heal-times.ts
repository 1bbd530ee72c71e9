// How many recoveries had come to an end after which time: a line for each client. A line that does not reach
// the top is a client that sometimes does not recover.

import { element, label, picture } from "./svg.js";

/** One line: the times to heal, `null` where that never happened. */
export interface HealTimes {
  readonly title: string;
  readonly isHeavy: boolean;
  readonly healMs: readonly (number | null)[];
}

const WIDTH = 980;
const HEIGHT = 420;
const LEFT = 52;
const RIGHT = 370;
const TOP = 24;
const BOTTOM = 44;
const MOST_MS = 8000;

/** Draws it. `promisedMs` is marked. */
export function plotHealTimes(lines: readonly HealTimes[], promisedMs: number): string {
  const x = (ms: number) => LEFT + (Math.min(ms, MOST_MS) / MOST_MS) * (WIDTH - LEFT - RIGHT);
  const y = (share: number) => HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
  const [left, right] = [x(0), x(MOST_MS)];
  const rule = (x1: number, y1: number, x2: number, y2: number, css = "grid") =>
    element("line", { x1, y1, x2, y2, class: css });
  const shares = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    rule(left, y(share), right, y(share)),
    label(`${share * 100} %`, { x: left - 8, y: y(share) + 4, anchor: "end", css: "faint" }),
  ]);
  const seconds = Array.from({ length: MOST_MS / 1000 + 1 }, (_, second) =>
    label(`${second} s`, { x: x(second * 1000), y: y(0) + 18, anchor: "middle", css: "faint" }),
  );
  const curves = lines.flatMap(({ healMs, isHeavy }, index) => {
    const css = `line s${(index % 8) + 1}${isHeavy ? " heavy" : ""}`;
    return element("path", { d: stepsOf(healMs, { x, y }), class: css });
  });
  const legend = lines.flatMap(({ title, healMs, isHeavy }, index) => {
    const at = TOP + 12 + index * 24;
    const start = right + 20;
    const healed = healMs.filter((time) => time !== null).length;
    const words = `${title}: ${healed} of ${healMs.length}`;
    return [
      rule(start, at - 4, start + 22, at - 4, `line s${(index % 8) + 1}${isHeavy ? " heavy" : ""}`),
      label(words, { x: start + 28, y: at, css: isHeavy ? "ink strong" : "ink" }),
    ];
  });
  return picture({ width: WIDTH, height: HEIGHT, title: "Time to heal, by client" }, [
    element("rect", { width: WIDTH, height: HEIGHT, class: "paper" }),
    ...shares,
    ...seconds,
    rule(x(promisedMs), y(0), x(promisedMs), y(1), "limit"),
    label(`promised: ${promisedMs / 1000} s`, {
      x: x(promisedMs) + 6,
      y: y(0) - 8,
      css: "faint",
    }),
    label("from the moment the path is usable", {
      x: (left + right) / 2,
      y: HEIGHT - 8,
      anchor: "middle",
      css: "faint",
    }),
    ...curves,
    ...legend,
  ]);
}

interface Scales {
  x(ms: number): number;
  y(share: number): number;
}

/** A step for each recovery, and a level line from the last of them to the edge. */
function stepsOf(healMs: readonly (number | null)[], { x, y }: Scales): string {
  const known = healMs.filter((time) => time !== null).sort((a, b) => a - b);
  const at = (ms: number, share: number) => `${x(ms).toFixed(1)} ${y(share).toFixed(1)}`;
  let path = `M ${at(0, 0)}`;
  let lastX = -1;
  known.forEach((ms, index) => {
    // What falls on the same pixel as before says nothing new, but for the last.
    if (x(ms) - lastX < 0.5 && index < known.length - 1) return;
    lastX = x(ms);
    path += ` H ${x(ms).toFixed(1)} V ${y((index + 1) / healMs.length).toFixed(1)}`;
  });
  return `${path} H ${x(MOST_MS).toFixed(1)}`;
}
