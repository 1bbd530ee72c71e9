import { useCallback, useEffect, useRef, useState } from "react";
import { type ConnectionSnapshot, useEventSource } from "throughline/react";
import { addArrivals, EMPTY_FEED, type Feed, type FeedArrival } from "../model/feed.js";
import { noteState, type Timeline } from "../model/state-timeline.js";
import { type FeedItem, parseFeedMessage } from "../model/wire.js";
import { useBatch } from "./use-batch.js";
import type { Campaign } from "./use-campaign.js";
import { type SourceHandle, useSource } from "./use-source.js";

/** The states of a Throughline connection. */
export type LinkState = ConnectionSnapshot["state"];

/** The feed over Throughline, and the connection that carries it. */
export interface FeedHandle {
  readonly feed: Feed;
  readonly connection: ConnectionSnapshot;
  readonly timeline: Timeline<LinkState>;
  /** The cursor of the last event. */
  readonly cursor: string;
  readonly source: SourceHandle;
}

/** Short enough to feel live, long enough to turn a burst into one rendering. */
const BATCH_MS = 250;

/**
 * Reads the feed of the whole city. Wards and priorities are filtered on the page, so that changing
 * the view neither opens a connection nor forgets anything.
 *
 * @param campaign where the feed is, where it begins, and when an item is late
 * @param clockAheadMs what the server's clock is ahead of this machine's
 * @param onItem must not change from one rendering to the next
 */
export function useFeed(
  campaign: Pick<Campaign, "feed" | "replayFrom" | "pace" | "hasSource" | "account">,
  clockAheadMs: number,
  onItem: (item: FeedItem) => void,
): FeedHandle {
  const { lateAfterMs } = campaign.pace;
  const [feed, setFeed] = useState(EMPTY_FEED);
  const firstAtMs = useRef<number>(undefined);
  const push = useBatch<FeedArrival>(
    (arrivals) => setFeed((before) => addArrivals(before, arrivals)),
    BATCH_MS,
  );

  const onMessage = useCallback(
    (event: MessageEvent<string>) => {
      const message = parseFeedMessage(event.data);
      if (message.kind !== "item") return;
      const { item } = message;
      const publishedAtMs = item.publishedAtMs - clockAheadMs;
      const arrivedAtMs = Date.now();
      firstAtMs.current ??= arrivedAtMs;
      const isCaughtUp =
        publishedAtMs > firstAtMs.current && arrivedAtMs - publishedAtMs > lateAfterMs;
      push({ kind: "item", arrivedAtMs, item, isCaughtUp });
      onItem(item);
    },
    [push, onItem, clockAheadMs, lateAfterMs],
  );

  const { connection, lastEventId } = useEventSource(campaign.feed, {
    lastEventId: campaign.replayFrom,
    // Where there is a login, a refusal is more likely its end than a deploy: one more try.
    refusalLimit: campaign.account === undefined ? undefined : 1,
    onMessage,
    onGap: (gap) => push({ kind: "gap", arrivedAtMs: gap.atMs, notice: gapText(gap) }),
  });
  return {
    feed,
    connection,
    timeline: useTimeline(connection),
    cursor: lastEventId,
    source: useSource(connection, campaign.hasSource),
  };
}

function useTimeline(connection: ConnectionSnapshot): Timeline<LinkState> {
  const [timeline, setTimeline] = useState<Timeline<LinkState>>([]);
  const { state, sinceMs } = connection;
  useEffect(() => {
    // Before the first request there is nothing to show.
    if (state !== "idle") setTimeline((before) => noteState(before, state, sinceMs));
  }, [state, sinceMs]);
  return timeline;
}

function gapText(gap: {
  readonly from: number | null;
  readonly to: number | null;
  readonly reason: string;
}): string {
  const count = gap.from === null || gap.to === null ? undefined : gap.to - gap.from + 1;
  const what = count === undefined ? "Some items" : count === 1 ? "One item" : `${count} items`;
  const why = gapReasons[gap.reason] ?? "the server began anew";
  // What a back end does not repeat, nobody can know.
  if (gap.reason === "upstream") return `Something may be missing here: ${why}.`;
  return `${what} cannot be delivered any more: ${why}.`;
}

const gapReasons: Readonly<Record<string, string>> = {
  trimmed: "they are no longer stored",
  upstream: "the back end shows only its newest items, and more had come",
};
