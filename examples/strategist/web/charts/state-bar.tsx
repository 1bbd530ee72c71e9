// The states of a connection over time, as a band.

import { stretchesBetween, type Timeline } from "../model/state-timeline.js";

const WIDTH = 600;
const HEIGHT = 14;

/** Draws the states between two moments. Each state has a class of its own: `state-live`. */
export function StateBar<State extends string>(props: {
  readonly timeline: Timeline<State>;
  readonly fromMs: number;
  readonly toMs: number;
}) {
  const { timeline, fromMs, toMs } = props;
  const x = (atMs: number) => ((atMs - fromMs) / (toMs - fromMs)) * WIDTH;
  return (
    <svg
      className="state-bar"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <rect className="state-unknown" width={WIDTH} height={HEIGHT} />
      {stretchesBetween(timeline, fromMs, toMs).map((stretch) => (
        <rect
          key={stretch.fromMs}
          className={`state-${stretch.state}`}
          x={x(stretch.fromMs)}
          // Even a moment must be seen.
          width={Math.max(2, x(stretch.toMs) - x(stretch.fromMs))}
          height={HEIGHT}
        />
      ))}
    </svg>
  );
}
