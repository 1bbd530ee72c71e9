// How sure an analysis is: a scale from 0 to 100 with the earlier scores marked.

import type { Confidence } from "../model/analysis.js";

const WIDTH = 300;
const HEIGHT = 18;

/** Draws the meter. The figure stands in words beside it. */
export function ConfidenceMeter({ confidence }: { readonly confidence: Confidence }) {
  return (
    <svg
      className="confidence-meter"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <rect className="meter-ground" y="6" width={WIDTH} height="6" />
      <rect className="meter-fill" y="6" width={confidence.score * WIDTH} height="6" />
      {confidence.history.map((score, index) => (
        <rect
          // Scores are only ever appended: the index is the identity.
          key={index}
          className="meter-mark"
          x={score * WIDTH - 0.75}
          y="2"
          width="1.5"
          height="14"
        />
      ))}
    </svg>
  );
}
