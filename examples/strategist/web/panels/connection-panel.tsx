import type { ConnectionSnapshot } from "throughline/react";
import { DropBar } from "../charts/drop-bar.js";
import { StateBar } from "../charts/state-bar.js";
import type { ComparisonHandle } from "../data/use-comparison.js";
import type { Faults } from "../data/use-faults.js";
import type { LinkState } from "../data/use-feed.js";
import { useNow } from "../data/use-now.js";
import type { SourceHandle } from "../data/use-source.js";
import { figuresOf } from "../model/comparison.js";
import { type Drop, listDrops } from "../model/drops.js";
import { type FaultRecord, faultTitle } from "../model/fault.js";
import type { Timeline } from "../model/state-timeline.js";
import { duration, reasonText, wallClock } from "../model/words.js";
import { Empty, Panel } from "./panel.js";

/** The stretch of time that the bands show. */
const SHOWN_MS = 3 * 60_000;
/** The scale of the plot reaches at least this far: the promise is five seconds. */
const LEAST_SCALE_MS = 5000;
/** Disruptions that are listed. */
const LISTED = 8;

/** What the connection has been through. */
export function ConnectionPanel(props: {
  readonly connection: ConnectionSnapshot;
  readonly timeline: Timeline<LinkState>;
  readonly cursor: string;
  readonly source: SourceHandle;
  readonly comparison: ComparisonHandle;
  readonly faults: Faults;
}) {
  const { connection, timeline, cursor, source, comparison, faults } = props;
  const nowMs = useNow(1000);
  const drops = listDrops(connection.incidents, toLocalClock(faults));
  const behind = figuresOf(comparison.comparison, "throughline", {
    nowMs: nowMs + faults.clockAheadMs,
    pace: comparison.pace,
  });
  const { statistics } = connection;

  return (
    <Panel id="connection" title="Connection">
      <div className="bands">
        {source.timeline.length > 0 && (
          <>
            <span>Source</span>
            <StateBar timeline={source.timeline} fromMs={nowMs - SHOWN_MS} toMs={nowMs} />
          </>
        )}
        <span>Throughline</span>
        <StateBar timeline={timeline} fromMs={nowMs - SHOWN_MS} toMs={nowMs} />
        <span>EventSource</span>
        <StateBar timeline={comparison.nativeTimeline} fromMs={nowMs - SHOWN_MS} toMs={nowMs} />
        <p className="bands-scale">
          <span>{SHOWN_MS / 60_000} min ago</span>
          <span>now</span>
        </p>
      </div>
      <p className="key">
        <span className="key-live">live</span>
        <span className="key-stale">doubtful</span>
        <span className="key-connecting">reconnecting</span>
        <span className="key-closed">given up</span>
      </p>
      <dl className="numbers">
        <Fact title="Behind" value={behind.missing.toLocaleString("en-GB")} />
        <Fact title="Requests" value={statistics.requests.toLocaleString("en-GB")} />
        <Fact title="Drops" value={statistics.incidents.toLocaleString("en-GB")} />
        <Fact title="Gaps" value={statistics.gaps.toLocaleString("en-GB")} />
        <Fact title="Cursor" value={<code>{cursor || "none yet"}</code>} />
      </dl>
      {drops.length === 0 ? (
        <Empty>No drop so far. Break the link to see how one is noticed and healed.</Empty>
      ) : (
        <Drops drops={drops.slice(0, LISTED)} />
      )}
    </Panel>
  );
}

function toLocalClock({ records, clockAheadMs }: Faults): readonly FaultRecord[] {
  return records.map((record) => ({
    ...record,
    startedAtMs: record.startedAtMs - clockAheadMs,
    endsAtMs: record.endsAtMs - clockAheadMs,
  }));
}

function Fact({ title, value }: { readonly title: string; readonly value: React.ReactNode }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Drops({ drops }: { readonly drops: readonly Drop[] }) {
  const fullMs = Math.max(
    LEAST_SCALE_MS,
    ...drops.map((drop) => Math.max(drop.healedAfterMs ?? 0, drop.linkBackAfterMs ?? 0) * 1.04),
  );
  return (
    <table className="drops">
      <caption className="visually-hidden">Drops, newest first</caption>
      <thead>
        <tr>
          <th scope="col">At</th>
          <th scope="col">Reason</th>
          <th scope="col">Noticed</th>
          <th scope="col">Healed</th>
        </tr>
      </thead>
      {drops.map((drop) => (
        <tbody key={drop.key}>
          <tr className="drop">
            <td>{wallClock(drop.lastByteAtMs)}</td>
            <td>
              {reasonText(drop.reason)}
              {drop.fault !== undefined && <small>{faultTitle(drop.fault)}</small>}
            </td>
            <td>{duration(drop.detectedAfterMs)}</td>
            <td>{healedText(drop)}</td>
          </tr>
          <tr>
            <td colSpan={4} className="drop-plot">
              <DropBar drop={drop} fullMs={fullMs} />
            </td>
          </tr>
        </tbody>
      ))}
      <tfoot>
        <tr>
          <td colSpan={4}>
            <span className="key">
              <span className="key-unnoticed">not noticed yet</span>
              <span className="key-fault">link broken</span>
              <span className="key-healing">healing</span>
              <span className="key-scale">scale {duration(fullMs)}</span>
            </span>
          </td>
        </tr>
      </tfoot>
    </table>
  );
}

function healedText(drop: Drop): React.ReactNode {
  const { healedAfterMs, healedAfterLinkMs, linkBackAfterMs } = drop;
  if (healedAfterMs === undefined) return `trying, ${drop.attempts} so far`;
  return (
    <>
      {duration(healedAfterMs)}
      {linkBackAfterMs !== undefined && healedAfterLinkMs !== undefined && (
        <small>{duration(healedAfterLinkMs)} after the link</small>
      )}
    </>
  );
}
