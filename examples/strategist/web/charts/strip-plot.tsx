// What was published in the last minute, and what of it arrived with each reader: one column for
// each item, so that a hole in a row is a hole in what its reader knows.

import {
  type Comparison,
  type Fate,
  fateOf,
  type Judgement,
  type SideName,
} from "../model/comparison.js";
import type { FaultRecord } from "../model/fault.js";

const WIDTH = 600;
const ROW = 20;
const GAP = 7;
const TICK = 2.6;

/** The stretch of time that is shown. */
export const STRIP_MS = 60_000;

const rows: readonly ("ledger" | SideName)[] = ["ledger", "native", "throughline"];

/** Draws the strip; all times are on the server's clock. */
export function StripPlot(props: {
  readonly comparison: Comparison;
  readonly faults: readonly FaultRecord[];
  readonly at: Judgement;
}) {
  const { comparison, faults, at } = props;
  const { nowMs } = at;
  const startMs = nowMs - STRIP_MS;
  const x = (atMs: number) => ((atMs - startMs) / STRIP_MS) * WIDTH;
  const shown = comparison.ledger.filter((entry) => entry.atMs >= startMs);
  const height = rows.length * ROW + (rows.length - 1) * GAP;

  return (
    <svg
      className="strip"
      viewBox={`0 0 ${WIDTH} ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {faults.map((fault) => (
        <FaultBand key={fault.startedAtMs} fault={fault} x={x} height={height} />
      ))}
      {rows.map((row, index) => (
        <g key={row} transform={`translate(0 ${index * (ROW + GAP)})`} className={`strip-${row}`}>
          <line className="axis" x1="0" x2={WIDTH} y1={ROW} y2={ROW} />
          {shown.map((entry) => (
            <Tick
              key={entry.seq}
              x={x(entry.atMs)}
              fate={row === "ledger" ? "prompt" : fateOf(entry, comparison.sides[row], at)}
            />
          ))}
        </g>
      ))}
    </svg>
  );
}

function Tick({ x, fate }: { readonly x: number; readonly fate: Fate }) {
  const left = x - TICK / 2;
  switch (fate) {
    case "prompt":
      return <rect className="tick" x={left} y={0} width={TICK} height={ROW} />;
    case "late":
      return <rect className="tick tick-late" x={left} y={ROW / 2} width={TICK} height={ROW / 2} />;
    case "missing":
      return <rect className="tick-missing" x={left} y={0} width={TICK} height={5} />;
    case "on-the-way":
      return null;
  }
}

function FaultBand(props: {
  readonly fault: FaultRecord;
  readonly x: (atMs: number) => number;
  readonly height: number;
}) {
  const { fault, x, height } = props;
  const left = Math.max(0, x(fault.startedAtMs));
  const right = Math.min(WIDTH, x(fault.endsAtMs));
  // A fault that struck once is a line.
  const width = Math.max(2, right - left);
  if (x(fault.endsAtMs) < 0 || left > WIDTH) return null;
  return <rect className="fault-band" x={left} y={0} width={width} height={height} />;
}
