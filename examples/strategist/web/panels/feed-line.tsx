import { memo, useState } from "react";
import { KindIcon, PriorityMark } from "../charts/icons.js";
import type { FeedEntry } from "../model/feed.js";
import type { FeedItem, ItemKind } from "../model/wire.js";
import { cityClock, cityDay } from "../model/words.js";

const kindTitles: Readonly<Record<ItemKind, string>> = {
  alert: "Control room",
  report: "Field report",
  post: "Public post",
  brief: "Analysis desk",
};

/** Lines that arrived longer ago than this are not news to anybody. */
const FRESH_MS = 1500;

/** One line of the feed. */
export const FeedLine = memo(function FeedLine({ entry }: { readonly entry: FeedEntry }) {
  const [isFresh] = useState(() => Date.now() - entry.arrivedAtMs < FRESH_MS);
  if (entry.kind === "gap") {
    return (
      <li className="line line-gap">
        <p>{entry.notice}</p>
      </li>
    );
  }
  const { item } = entry;
  return (
    <li
      className={`line line-${item.kind} line-${item.priority}${isFresh ? " is-fresh" : ""}`}
      data-item={item.id}
    >
      <time dateTime={new Date(item.happenedAtMs).toISOString()}>
        {cityClock(item.happenedAtMs)}
        <span>{cityDay(item.happenedAtMs)}</span>
      </time>
      <PriorityMark priority={item.priority} />
      <div className="line-body">
        {/* The title of a post only repeats its subject and ward. */}
        <h3 className={item.kind === "post" ? "visually-hidden" : undefined}>
          <span className="visually-hidden">{item.priority}: </span>
          {item.title || "Alert"}
        </h3>
        <p>{item.text}</p>
        <LineFacts item={item} isCaughtUp={entry.isCaughtUp} />
      </div>
    </li>
  );
});

function LineFacts({
  item,
  isCaughtUp,
}: {
  readonly item: FeedItem;
  readonly isCaughtUp: boolean;
}) {
  return (
    <ul className="facts">
      <li className="fact-ward">{item.ward}</li>
      <li>
        <KindIcon kind={item.kind} />
        {kindTitles[item.kind]}
      </li>
      {item.emotion !== undefined && <li>{item.emotion}</li>}
      {item.party !== undefined && <li>on {item.party}</li>}
      {item.confidence !== undefined && <li>{Math.round(item.confidence * 100)} % sure</li>}
      {isCaughtUp && <li className="fact-late">caught up</li>}
    </ul>
  );
}
