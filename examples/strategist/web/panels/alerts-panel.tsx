import { PriorityMark } from "../charts/icons.js";
import { alertsAmong, type Feed, type FeedFilter, type ItemEntry, passes } from "../model/feed.js";
import type { FeedItem, Priority } from "../model/wire.js";
import { cityClock, cityDay, counted } from "../model/words.js";
import { Empty, Panel } from "./panel.js";

const priorityTitles: Readonly<Record<Priority, string>> = {
  critical: "Critical",
  high: "High",
  medium: "Medium",
  low: "Low",
};

/** Alerts that are drawn of each group. */
const DRAWN = 30;

/**
 * Alerts, and whatever else is critical, newest first. Those of the chosen ward come before all
 * others, which stay in sight: a fire next door matters too.
 */
export function AlertsPanel(props: { readonly feed: Feed; readonly filter: FeedFilter }) {
  const { ward, priority } = props.filter;
  const alerts = alertsAmong(props.feed.entries).filter(({ item }) =>
    passes(item, { ward: undefined, priority }),
  );
  const here = alerts.filter(({ item }) => ward === undefined || item.ward === ward);
  const elsewhere = alerts.filter(({ item }) => ward !== undefined && item.ward !== ward);
  const critical = here.filter(({ item }) => item.priority === "critical");
  const newestCritical = critical[0]?.item;

  return (
    <Panel id="alerts" title="Alerts" note={noteOf(here)}>
      <p className="visually-hidden" role="status">
        {newestCritical && `Critical, ${newestCritical.ward}: ${newestCritical.text}`}
      </p>
      {/* biome-ignore-start lint/a11y/noNoninteractiveTabindex: a scrolling region needs the keyboard. */}
      <section className="scroller" aria-label="Alerts, newest first" tabIndex={0}>
        {/* biome-ignore-end lint/a11y/noNoninteractiveTabindex: as above. */}
        {here.length === 0 ? (
          <Empty>No alerts{ward !== undefined && ` in ${ward}`} in the last hours.</Empty>
        ) : (
          <Alerts alerts={here} />
        )}
        {elsewhere.length > 0 && (
          <>
            <p className="alerts-elsewhere">Elsewhere in the city</p>
            <Alerts alerts={elsewhere} />
          </>
        )}
      </section>
    </Panel>
  );
}

/** How many are of the worst kind that there is. */
function noteOf(alerts: readonly ItemEntry[]): string {
  const high = alerts.filter(({ item }) => item.priority === "high").length;
  const critical = alerts.filter(({ item }) => item.priority === "critical").length;
  return critical === 0 && high > 0
    ? counted(high, "high", "high")
    : counted(critical, "critical", "critical");
}

function Alerts({ alerts }: { readonly alerts: readonly ItemEntry[] }) {
  return (
    <ol className="alerts">
      {alerts.slice(0, DRAWN).map(({ order, item }) => (
        <Alert key={order} item={item} />
      ))}
    </ol>
  );
}

function Alert({ item }: { readonly item: FeedItem }) {
  return (
    <li className={`alert alert-${item.priority}`}>
      <p className="alert-head">
        <PriorityMark priority={item.priority} />
        <strong>{priorityTitles[item.priority]}</strong>
        <span className="alert-ward">{item.ward}</span>
        <time dateTime={new Date(item.happenedAtMs).toISOString()}>
          {cityDay(item.happenedAtMs)} {cityClock(item.happenedAtMs)}
        </time>
      </p>
      {item.title !== "" && <h3>{item.title}</h3>}
      <p>{item.text}</p>
    </li>
  );
}
