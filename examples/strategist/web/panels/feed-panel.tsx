import { useRef, useState } from "react";
import { type Feed, type FeedFilter, filterEntries } from "../model/feed.js";
import { counted } from "../model/words.js";
import { FeedLine } from "./feed-line.js";
import { Empty, Panel } from "./panel.js";
import { useHold } from "./use-hold.js";

/** Lines that are drawn at first, and added at a time. */
const PAGE = 60;

/** The live feed, newest first. */
export function FeedPanel(props: {
  readonly feed: Feed;
  readonly filter: FeedFilter;
  readonly onClearFilter: () => void;
}) {
  const { feed, filter, onClearFilter } = props;
  const [isPaused, setIsPaused] = useState(false);
  const [pages, setPages] = useState(1);
  const scroller = useRef<HTMLElement>(null);
  const matching = filterEntries(feed.entries, filter);
  const { shown, waiting, onScroll } = useHold(matching, isPaused);
  const drawn = shown.slice(0, pages * PAGE);

  const goToTop = () => {
    setIsPaused(false);
    scroller.current?.scrollTo({ top: 0 });
  };

  return (
    <Panel
      id="feed"
      title="Live feed"
      note={counted(matching.length, "item")}
      actions={
        <button
          type="button"
          className="quiet"
          aria-pressed={isPaused}
          onClick={() => setIsPaused((before) => !before)}
        >
          {isPaused ? "Resume" : "Pause"}
        </button>
      }
    >
      {waiting > 0 && (
        <button type="button" className="waiting" onClick={goToTop}>
          Show {counted(waiting, "newer item")}
        </button>
      )}
      {/* biome-ignore-start lint/a11y/noNoninteractiveTabindex: a scrolling region needs the keyboard. */}
      <section
        ref={scroller}
        className="scroller"
        aria-label="Items of the feed"
        tabIndex={0}
        onScroll={(event) => onScroll(event.currentTarget.scrollTop)}
      >
        {/* biome-ignore-end lint/a11y/noNoninteractiveTabindex: as above. */}
        {drawn.length === 0 ? (
          <FeedEmpty hasItems={feed.entries.length > 0} onClearFilter={onClearFilter} />
        ) : (
          <ol className="lines">
            {drawn.map((entry) => (
              <FeedLine key={entry.order} entry={entry} />
            ))}
          </ol>
        )}
        {drawn.length < shown.length && (
          <button type="button" className="quiet older" onClick={() => setPages(pages + 1)}>
            Show older items
          </button>
        )}
      </section>
    </Panel>
  );
}

function FeedEmpty(props: { readonly hasItems: boolean; readonly onClearFilter: () => void }) {
  if (!props.hasItems) return <Empty>Waiting for the first items.</Empty>;
  return (
    <Empty>
      Nothing of this ward and priority in the last hours.{" "}
      <button type="button" className="link" onClick={props.onClearFilter}>
        Show the whole city
      </button>
    </Empty>
  );
}
