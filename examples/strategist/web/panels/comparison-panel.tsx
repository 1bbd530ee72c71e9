import { STRIP_MS, StripPlot } from "../charts/strip-plot.js";
import type { ComparisonHandle } from "../data/use-comparison.js";
import { type Faults, mergeRecords } from "../data/use-faults.js";
import type { LinkState } from "../data/use-feed.js";
import type { NativeState } from "../data/use-native-feed.js";
import { useNow } from "../data/use-now.js";
import { figuresOf, type SideFigures } from "../model/comparison.js";
import { counted, wallClock, wholeSeconds } from "../model/words.js";
import { Empty, Panel } from "./panel.js";

/** The browser's EventSource on today's endpoint, and Throughline, against what was published. */
export function ComparisonPanel(props: {
  readonly handle: ComparisonHandle;
  readonly linkState: LinkState;
  readonly faults: Faults;
  /** The faults of what fills the feed, where there are any. */
  readonly sourceFaults: Faults | undefined;
  /** Whether Throughline was told that something may be missing for good. */
  readonly hasGap: boolean;
  /** What the reader of Throughline reads from, in a word or two. */
  readonly roadName: string;
}) {
  const { handle, linkState, faults, sourceFaults, hasGap, roadName } = props;
  const { comparison, nativeState, pace } = handle;
  const at = { nowMs: useNow(500) + faults.clockAheadMs, pace };
  const native = figuresOf(comparison, "native", at);
  const throughline = figuresOf(comparison, "throughline", at);

  return (
    <Panel
      id="comparison"
      title="One feed, two readers"
      actions={
        <button type="button" className="quiet" onClick={handle.restart}>
          Count anew
        </button>
      }
    >
      {comparison.sinceMs === undefined ? (
        <Empty>
          The count begins when the browser's EventSource is connected for the first time. Where it
          hangs on a broken link, count anew opens another one.
        </Empty>
      ) : (
        <>
          <Figures
            published={comparison.ledger.length}
            sinceMs={comparison.sinceMs - faults.clockAheadMs}
            native={{ state: nativeState, figures: native }}
            throughline={{ state: linkState, figures: throughline }}
            roadName={roadName}
          />
          {hasGap && throughline.missing > 0 && (
            <p className="figures-note">
              What Throughline misses is told in its feed: the back end has not shown it again.
            </p>
          )}
          <div className="strip-frame" role="img" aria-label={describe(native, throughline)}>
            <p className="strip-labels" aria-hidden="true">
              <span>Published</span>
              <span>Today</span>
              <span>Throughline</span>
            </p>
            <StripPlot
              comparison={comparison}
              faults={mergeRecords(faults, sourceFaults)}
              at={at}
            />
            <p className="strip-scale" aria-hidden="true">
              <span>{STRIP_MS / 1000} s ago</span>
              <span>now</span>
            </p>
          </div>
          <p className="key">
            <span className="key-tick">on time</span>
            <span className="key-late">late, but here</span>
            <span className="key-missing">missing: {pace.onTheWayMs / 1000} s overdue</span>
            <span className="key-fault">link broken</span>
          </p>
        </>
      )}
    </Panel>
  );
}

interface SideView {
  readonly state: NativeState | LinkState;
  readonly figures: SideFigures;
}

function Figures(props: {
  readonly published: number;
  readonly sinceMs: number;
  readonly native: SideView;
  readonly throughline: SideView;
  readonly roadName: string;
}) {
  const { published, sinceMs, native, throughline, roadName } = props;
  return (
    <table className="figures">
      <caption>
        {counted(published, "item")} published since {wallClock(sinceMs)}, by the server's ledger.
      </caption>
      <thead>
        <tr>
          <td />
          <th scope="col">
            EventSource <span className="figures-where">on today's endpoint</span>
          </th>
          <th scope="col">
            Throughline <span className="figures-where">{roadName}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        <Row title="Says it is" name="state" left={native.state} right={throughline.state} />
        <CountRow title="Received" name="received" left={native} right={throughline} />
        <CountRow title="Missing" name="missing" isBad left={native} right={throughline} />
        <CountRow title="Repeated" name="repeated" isBad left={native} right={throughline} />
        <CountRow title="Out of order" name="outOfOrder" isBad left={native} right={throughline} />
        <Row
          title="Silent for"
          name="silent"
          left={wholeSeconds(native.figures.silentMs)}
          right={wholeSeconds(throughline.figures.silentMs)}
        />
        <Row
          title="Longest silence"
          name="longest-silence"
          left={wholeSeconds(native.figures.longestSilenceMs)}
          right={wholeSeconds(throughline.figures.longestSilenceMs)}
        />
      </tbody>
    </table>
  );
}

function CountRow(props: {
  readonly title: string;
  readonly name: "received" | "missing" | "repeated" | "outOfOrder";
  /** Whether anything above nought is a failure. */
  readonly isBad?: boolean | undefined;
  readonly left: SideView;
  readonly right: SideView;
}) {
  const { title, name, isBad = false, left, right } = props;
  const cell = ({ figures }: SideView) => (
    <span className={isBad ? (figures[name] > 0 ? "is-bad" : "is-good") : undefined}>
      {figures[name].toLocaleString("en-GB")}
    </span>
  );
  return <Row title={title} name={name} left={cell(left)} right={cell(right)} />;
}

function Row(props: {
  readonly title: string;
  /** Names the row for tests and styles. */
  readonly name: string;
  readonly left: React.ReactNode;
  readonly right: React.ReactNode;
}) {
  return (
    <tr data-row={props.name}>
      <th scope="row">{props.title}</th>
      <td>{props.left}</td>
      <td>{props.right}</td>
    </tr>
  );
}

function describe(native: SideFigures, throughline: SideFigures): string {
  return (
    `Items of the last ${STRIP_MS / 1000} seconds as they arrived. Missing now: EventSource ` +
    `${native.missing}, Throughline ${throughline.missing}.`
  );
}
