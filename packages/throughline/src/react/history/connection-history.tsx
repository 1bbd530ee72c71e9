// What a connection has been through, as a plot.

import type { CSSProperties, ReactNode } from "react";
import { useEffect, useState } from "react";
import type { ConnectionSnapshot } from "../../client/index.js";
import { SPOKEN_ONLY } from "../connection-status.js";
import { useConnectionStatus } from "../use-connection-status.js";
import type { Lane, Plot } from "./drop-plot.js";
import { plotDrops } from "./drop-plot.js";
import type { HistoryWords } from "./history-words.js";
import { ENGLISH_HISTORY } from "./history-words.js";

/** Props of {@link ConnectionHistory}. */
export interface ConnectionHistoryProps {
  /** The connection to show. Default: all below the nearest provider, as one. */
  readonly connection?: ConnectionSnapshot | undefined;
  /** Drops that are plotted, newest first. Default 8; a connection remembers 50. */
  readonly limit?: number | undefined;
  readonly className?: string | undefined;
  /** Words in place of the English ones, one by one. */
  readonly words?: Partial<HistoryWords> | undefined;
}

/**
 * A plot of a connection's drops: for each a lane, from the last byte before it, with the time until
 * it was noticed and the time until the stream was live again.
 *
 * Text and grid have the colour of the text around, so the plot is right on light and dark. The two
 * parts of a bar differ in height, not only in colour; colours are the custom properties
 * `--throughline-unnoticed-colour` and `--throughline-healing-colour`. Screen readers are given a table
 * with the same figures in place of the picture. It is drawn anew once a second while a drop lasts,
 * and otherwise only when something changes.
 *
 * @throws StreamError `invalid-state` while rendering, without `connection` and without provider
 */
export function ConnectionHistory({ connection, ...props }: ConnectionHistoryProps): ReactNode {
  return connection === undefined ? (
    <HistoryOfAll {...props} />
  ) : (
    <History connection={connection} {...props} />
  );
}

function HistoryOfAll(props: Omit<ConnectionHistoryProps, "connection">): ReactNode {
  return <History connection={useConnectionStatus()} {...props} />;
}

function History({
  connection: { incidents, statistics },
  limit = 8,
  className,
  words,
}: ConnectionHistoryProps & { readonly connection: ConnectionSnapshot }): ReactNode {
  const said = { ...ENGLISH_HISTORY, ...words };
  const nowMs = useNow(incidents.some(({ healedAtMs }) => healedAtMs === undefined));
  const plot = plotDrops(incidents, { limit, nowMs });
  const { lanes } = plot;
  return (
    <figure className={className} style={FIGURE}>
      <figcaption style={CAPTION}>
        <strong>{said.title}</strong>
        {lanes.length > 0 && (
          <>
            <span>{said.count(statistics.incidents, lanes.length)}</span>
            <span aria-hidden="true" style={KEY}>
              <Swatch colour={UNNOTICED} height={BAR_HEIGHT} /> {said.noticed}
              <Swatch colour={HEALING} height={BAR_HEIGHT / 2} /> {said.healed}
            </span>
          </>
        )}
      </figcaption>
      {lanes.length === 0 ? (
        <p style={EMPTY}>{said.none}</p>
      ) : (
        <>
          <Picture plot={plot} words={said} />
          {/* A table cannot be clipped itself: it takes the size that its content needs. */}
          <div style={SPOKEN_ONLY}>
            <Table lanes={lanes} words={said} />
          </div>
        </>
      )}
    </figure>
  );
}

const LANE_HEIGHT = 34;
const AXIS_HEIGHT = 18;
const BAR_TOP = 20;
const BAR_HEIGHT = 8;

/** Each with a contrast of 3:1 on white and on black (WCAG 2.2, 1.4.11). */
const UNNOTICED = "var(--throughline-unnoticed-colour, #d13438)";
const HEALING = "var(--throughline-healing-colour, #b36b00)";

const FIGURE: CSSProperties = { position: "relative", margin: 0 };
const CAPTION: CSSProperties = {
  display: "flex",
  flexWrap: "wrap",
  alignItems: "baseline",
  columnGap: "1em",
};
const KEY: CSSProperties = { marginInlineStart: "auto", fontSize: "0.8125em" };
const EMPTY: CSSProperties = { margin: "0.5em 0 0", opacity: 0.8 };
const TEXT: CSSProperties = { fontSize: 12, fontVariantNumeric: "tabular-nums" };

function Swatch({ colour, height }: { readonly colour: string; readonly height: number }) {
  const style: CSSProperties = {
    display: "inline-block",
    width: 16,
    height,
    marginInlineStart: "0.75em",
    verticalAlign: "baseline",
    background: colour,
  };
  return <span style={style} />;
}

/** Widths are parts of the whole and heights are pixels, so that text keeps its size. */
function Picture({ plot, words }: { readonly plot: Plot; readonly words: HistoryWords }) {
  const bottom = AXIS_HEIGHT + plot.lanes.length * LANE_HEIGHT;
  return (
    <svg
      aria-hidden="true"
      width="100%"
      height={bottom + 4}
      fill="currentColor"
      style={{ display: "block", overflow: "visible", marginTop: 8 }}
    >
      {plot.ticks.map(({ at, ms }) => (
        <g key={ms}>
          <line
            x1={percent(at)}
            x2={percent(at)}
            y1={AXIS_HEIGHT}
            y2={bottom}
            stroke="currentColor"
            strokeOpacity={0.2}
          />
          <text x={percent(at)} y={12} textAnchor="middle" style={TEXT} fillOpacity={0.8}>
            {words.duration(ms).replace(".0", "")}
          </text>
        </g>
      ))}
      {plot.lanes.map((lane, index) => (
        <LaneView
          key={lane.incident.detectedAtMs}
          lane={lane}
          top={AXIS_HEIGHT + index * LANE_HEIGHT}
          words={words}
        />
      ))}
    </svg>
  );
}

interface LaneProps {
  readonly lane: Lane;
  readonly top: number;
  readonly words: HistoryWords;
}

function LaneView({ lane, top, words }: LaneProps) {
  const { incident, detected, healed, detectedAfterMs, healedAfterMs } = lane;
  const figures = [detectedAfterMs, healedAfterMs].map((ms) =>
    ms === undefined ? words.ongoing : words.duration(ms),
  );
  return (
    <g data-reason={incident.reason}>
      <text x={0} y={top + 14} style={TEXT}>
        {words.time(incident.detectedAtMs)} {words.reasonText(incident.reason)}
      </text>
      <text x="100%" y={top + 14} textAnchor="end" style={TEXT} fillOpacity={0.8}>
        {figures.join(" → ")}
      </text>
      <rect
        data-part="healing"
        x={percent(detected)}
        y={top + BAR_TOP + BAR_HEIGHT / 4}
        width={percent(healed - detected)}
        height={BAR_HEIGHT / 2}
        style={{ fill: HEALING }}
      />
      <rect
        data-part="unnoticed"
        x={0}
        y={top + BAR_TOP}
        width={percent(detected)}
        height={BAR_HEIGHT}
        style={{ fill: UNNOTICED }}
      />
    </g>
  );
}

function percent(fraction: number): string {
  return `${Math.round(fraction * 10_000) / 100}%`;
}

function Table({
  lanes,
  words,
}: {
  readonly lanes: readonly Lane[];
  readonly words: HistoryWords;
}) {
  const headings = [words.at, words.reason, words.noticed, words.healed];
  return (
    <table>
      <caption>{words.title}</caption>
      <thead>
        <tr>
          {headings.map((heading) => (
            <th key={heading} scope="col">
              {heading}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {lanes.map(({ incident, detectedAfterMs, healedAfterMs }) => (
          <tr key={incident.detectedAtMs}>
            <th scope="row">{words.time(incident.detectedAtMs)}</th>
            <td>{words.reasonText(incident.reason)}</td>
            <td>{words.duration(detectedAfterMs)}</td>
            <td>{healedAfterMs === undefined ? words.ongoing : words.duration(healedAfterMs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The time, once a second while it is wanted; before the first second nobody has to know. */
function useNow(isWanted: boolean): number | undefined {
  const [nowMs, setNow] = useState<number>();
  useEffect(() => {
    if (!isWanted) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isWanted]);
  return nowMs;
}
