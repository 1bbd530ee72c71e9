// The feed as the page holds it: newest first, bounded, with the gaps that were announced.

import type { FeedItem, Priority } from "./wire.js";

/** What all lines have. */
interface Line {
  /** Place in the order of arrival, from 1. The key of the line. */
  readonly order: number;
  /** Milliseconds since 1970, on this machine's clock. */
  readonly arrivedAtMs: number;
}

/** A line with an item. */
export interface ItemEntry extends Line {
  readonly kind: "item";
  readonly item: FeedItem;
  /** Whether it came late, after a disruption, and not when it was published. */
  readonly isCaughtUp: boolean;
}

/** A line that says that items are missing for good. */
export interface GapEntry extends Line {
  readonly kind: "gap";
  readonly notice: string;
}

/** One line of the feed. */
export type FeedEntry = ItemEntry | GapEntry;

/** All lines that are kept. */
export interface Feed {
  readonly entries: readonly FeedEntry[];
  /** Lines received since the page was opened, also those that have been dropped since. */
  readonly received: number;
}

/** A line that has just arrived and has no place yet. */
export type FeedArrival = Omit<ItemEntry, "order"> | Omit<GapEntry, "order">;

/** What the reader wants to see. */
export interface FeedFilter {
  /** A ward's name; `undefined` for the whole city. */
  readonly ward: string | undefined;
  readonly priority: PriorityFilter;
}

/** `high` includes what is critical, as in the application. */
export type PriorityFilter = "all" | "high" | "critical";

/** Lines kept: about a day of the campaign, and more than the figures of the wards look at. */
export const KEPT_ENTRIES = 1500;

export const EMPTY_FEED: Feed = { entries: [], received: 0 };

/**
 * Adds a batch, given in the order of arrival. Items that arrived together stand in the order in which
 * they happened: one back end sends its newest first.
 */
export function addArrivals(feed: Feed, arrivals: readonly FeedArrival[]): Feed {
  if (arrivals.length === 0) return feed;
  const added = inOrder(arrivals).map(
    (arrival, index): FeedEntry => ({ ...arrival, order: feed.received + index + 1 }),
  );
  return {
    entries: [...added.reverse(), ...feed.entries].slice(0, KEPT_ENTRIES),
    received: feed.received + arrivals.length,
  };
}

/** Sorts between gaps, which stay where they are. */
function inOrder(arrivals: readonly FeedArrival[]): readonly FeedArrival[] {
  const gap = arrivals.findIndex(({ kind }) => kind === "gap");
  const run = gap < 0 ? arrivals : arrivals.slice(0, gap);
  const sorted = [...run].sort((a, b) => happenedAt(a) - happenedAt(b));
  const [announced, ...rest] = gap < 0 ? [] : arrivals.slice(gap);
  return announced === undefined ? sorted : [...sorted, announced, ...inOrder(rest)];
}

function happenedAt(arrival: FeedArrival): number {
  return arrival.kind === "item" ? arrival.item.happenedAtMs : 0;
}

/** The lines that pass a filter. A gap concerns everybody and always passes. */
export function filterEntries(
  entries: readonly FeedEntry[],
  filter: FeedFilter,
): readonly FeedEntry[] {
  return entries.filter((entry) => entry.kind === "gap" || passes(entry.item, filter));
}

/** Whether an item passes a filter. */
export function passes(item: FeedItem, { ward, priority }: FeedFilter): boolean {
  return (ward === undefined || item.ward === ward) && prioritiesOf[priority].has(item.priority);
}

/**
 * The items that belong in the column of alerts: alerts, and whatever is critical. The enhanced feed of
 * the back end has neither: there it is what is high.
 */
export function alertsAmong(entries: readonly FeedEntry[]): readonly ItemEntry[] {
  const items = entries.filter((entry): entry is ItemEntry => entry.kind === "item");
  const alerts = items.filter(({ item }) => item.kind === "alert" || item.priority === "critical");
  return alerts.length > 0 ? alerts : items.filter(({ item }) => item.priority === "high");
}

const prioritiesOf: Readonly<Record<PriorityFilter, ReadonlySet<Priority>>> = {
  all: new Set(["critical", "high", "medium", "low"]),
  high: new Set(["critical", "high"]),
  critical: new Set(["critical"]),
};
