import { useMemo } from "react";
import { MoodVolume } from "../charts/mood-volume.js";
import type { Ward } from "../data/use-campaign.js";
import type { Feed } from "../model/feed.js";
import { BUCKET_MS, BUCKETS, computeWardFigures, type WardFigures } from "../model/ward-figures.js";
import { counted, signed } from "../model/words.js";
import { Panel } from "./panel.js";

/** A change of mood smaller than this is noise. */
const NOTABLE_CHANGE = 0.08;

const HOURS = (BUCKETS * BUCKET_MS) / 3_600_000;

/** All wards as small multiples; each selects its ward. */
export function WardsPanel(props: {
  readonly wards: readonly Ward[];
  readonly feed: Feed;
  readonly selected: string | undefined;
  readonly onSelect: (ward: string | undefined) => void;
}) {
  const { wards, feed, selected, onSelect } = props;
  const figures = useMemo(() => {
    const items = feed.entries.flatMap((entry) => (entry.kind === "item" ? [entry.item] : []));
    return computeWardFigures(
      items,
      wards.map(({ name }) => name),
    );
  }, [feed, wards]);
  const fullVolume = Math.max(
    1,
    ...figures.flatMap(({ buckets }) => buckets.map(({ volume }) => volume)),
  );

  return (
    <Panel id="wards" title="Wards" note={`mood and volume, last ${HOURS} campaign hours`}>
      <ul className="wards">
        {figures.map((ward) => (
          <li key={ward.ward}>
            <button
              type="button"
              className="ward"
              aria-pressed={ward.ward === selected}
              onClick={() => onSelect(ward.ward === selected ? undefined : ward.ward)}
            >
              <span className="ward-name">{ward.ward}</span>
              <Mood figures={ward} />
              <MoodVolume buckets={ward.buckets} fullVolume={fullVolume} />
              <span className="ward-counts">
                {counted(ward.volume, "item")}
                {ward.urgent > 0 && <b>{ward.urgent} urgent</b>}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <p className="key">
        <span className="key-good">good mood</span>
        <span className="key-bad">bad mood</span>
        <span className="key-volume">volume</span>
        <span className="key-urgent">high or critical</span>
      </p>
    </Panel>
  );
}

function Mood({ figures: { mood, moodChange } }: { readonly figures: WardFigures }) {
  if (mood === undefined) return <span className="ward-mood">no posts</span>;
  const isNotable = moodChange !== undefined && Math.abs(moodChange) >= NOTABLE_CHANGE;
  return (
    <span className={`ward-mood ${mood >= 0 ? "is-good" : "is-bad"}`}>
      <span className="visually-hidden">mood </span>
      {signed(mood)}
      {isNotable && (
        <span className="ward-change">
          <span aria-hidden="true">{moodChange > 0 ? "▲" : "▼"}</span>
          <span className="visually-hidden">{moodChange > 0 ? ", rising" : ", falling"}</span>
        </span>
      )}
    </span>
  );
}
