// One disruption on a scale of seconds: from the last byte to the notice, and on to the healing.

import type { Drop } from "../model/drops.js";

const WIDTH = 300;
const HEIGHT = 16;

/** Draws a disruption; `fullMs` reaches the right edge and is the same for all in a list. */
export function DropBar({ drop, fullMs }: { readonly drop: Drop; readonly fullMs: number }) {
  const x = (ms: number) => (Math.min(ms, fullMs) / fullMs) * WIDTH;
  const end = drop.healedAfterMs ?? fullMs;
  const linkBack = Math.min(drop.linkBackAfterMs ?? 0, end);
  return (
    <svg
      className="drop-bar"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <rect className="drop-broken" y="5" width={x(linkBack)} height="6" />
      <rect
        className="drop-unnoticed"
        y="5"
        width={x(Math.min(drop.detectedAfterMs, end))}
        height="6"
      />
      <rect
        className="drop-healing"
        x={x(Math.max(linkBack, drop.detectedAfterMs))}
        y="5"
        width={Math.max(0, x(end) - x(Math.max(linkBack, drop.detectedAfterMs)))}
        height="6"
      />
      <rect className="drop-detected" x={x(drop.detectedAfterMs) - 1} width="2.5" height={HEIGHT} />
      {drop.healedAfterMs !== undefined && (
        <rect className="drop-healed" x={x(drop.healedAfterMs) - 1} width="2.5" height={HEIGHT} />
      )}
    </svg>
  );
}
