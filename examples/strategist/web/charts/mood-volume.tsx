// A ward's last hours in one small picture: the mood above, the volume below, on the same hours.

import type { WardBucket } from "../model/ward-figures.js";

const STEP = 10;
const MOOD_HEIGHT = 22;
const VOLUME_HEIGHT = 20;
const GAP = 3;
const HEIGHT = MOOD_HEIGHT + GAP + VOLUME_HEIGHT;
const BAR = 7.4;

/** Draws the buckets of a ward, oldest at the left. */
export function MoodVolume(props: {
  readonly buckets: readonly WardBucket[];
  /** The volume that reaches the full height; the same for all wards, so that they compare. */
  readonly fullVolume: number;
}) {
  const { buckets, fullVolume } = props;
  return (
    <svg
      className="mood-volume"
      viewBox={`0 0 ${buckets.length * STEP} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <line
        className="axis"
        x1="0"
        x2={buckets.length * STEP}
        y1={MOOD_HEIGHT / 2}
        y2={MOOD_HEIGHT / 2}
      />
      {buckets.map((bucket, index) => (
        // The place in time is the identity.
        <g key={index} transform={`translate(${index * STEP} 0)`}>
          <MoodBar mood={bucket.mood} />
          <VolumeBar bucket={bucket} fullVolume={fullVolume} />
        </g>
      ))}
    </svg>
  );
}

/** A bar from the middle line: up for a good mood, down for a bad one. */
function MoodBar({ mood }: { readonly mood: number | undefined }) {
  if (mood === undefined) return null;
  // A mood of exactly nought is still a mood: it shows as a thin line.
  const height = Math.max(1, Math.min(1, Math.abs(mood) * 1.4) * (MOOD_HEIGHT / 2));
  const y = mood >= 0 ? MOOD_HEIGHT / 2 - height : MOOD_HEIGHT / 2;
  return (
    <rect className={mood >= 0 ? "mood-good" : "mood-bad"} y={y} width={BAR} height={height} />
  );
}

/** A bar from the bottom; its lower part is what was urgent. */
function VolumeBar(props: { readonly bucket: WardBucket; readonly fullVolume: number }) {
  const { volume, urgent } = props.bucket;
  const scale = VOLUME_HEIGHT / Math.max(1, props.fullVolume);
  return (
    <>
      <rect
        className="volume"
        y={HEIGHT - volume * scale}
        width={BAR}
        height={(volume - urgent) * scale}
      />
      <rect
        className="volume-urgent"
        y={HEIGHT - urgent * scale}
        width={BAR}
        height={urgent * scale}
      />
    </>
  );
}
