// Publishes each item to everybody who should know of it.

import type { Ledger } from "./ledger.js";
import type { FeedItem } from "./messages.js";
import type { TodaysEndpoint } from "./todays-endpoint.js";

/** The part of the hub that is used. */
export interface StreamPublisher {
  publish(
    stream: string,
    event: { readonly data: string; readonly topic?: string | undefined },
  ): Promise<{ readonly cursors: readonly string[] }>;
}

/** The stream of the feed. Its topics are `ward/<slug>/<priority>`. */
export const FEED_STREAM = "feed";

/** Publishes an item; items must be published one after the other. */
export type PublishItem = (item: FeedItem) => Promise<void>;

/**
 * Builds the one place from which the feed goes out: to the hub's stream, to those who are connected
 * to today's endpoint, and into the ledger.
 */
export function createPublisher(to: {
  readonly hub: StreamPublisher;
  readonly endpoint: TodaysEndpoint;
  readonly ledger: Ledger;
}): PublishItem {
  return async (item) => {
    const atMs = Date.now();
    const { cursors } = await to.hub.publish(FEED_STREAM, {
      data: JSON.stringify({ ...item.message, timestamp: atMs / 1000 }),
      topic: `ward/${item.ward.slug}/${item.priority}`,
    });
    to.endpoint.broadcast(item, atMs);
    const [cursor] = cursors;
    if (cursor === undefined) throw new Error("The hub gave no cursor for a published item.");
    to.ledger.add({ id: item.id, atMs, cursor });
  };
}
