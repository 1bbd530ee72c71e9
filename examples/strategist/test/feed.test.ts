import { expect, test } from "vitest";
import {
  addArrivals,
  alertsAmong,
  EMPTY_FEED,
  type FeedArrival,
  filterEntries,
  KEPT_ENTRIES,
} from "../web/model/feed.js";
import type { FeedItem } from "../web/model/wire.js";

function item(id: string, fields: Partial<FeedItem> = {}): FeedArrival {
  return {
    kind: "item",
    arrivedAtMs: 0,
    isCaughtUp: false,
    item: {
      id,
      kind: "post",
      ward: "Old Fort",
      priority: "medium",
      title: "",
      text: "",
      happenedAtMs: 0,
      publishedAtMs: 0,
      emotion: undefined,
      party: undefined,
      confidence: undefined,
      ...fields,
    },
  };
}

const ids = (entries: readonly { readonly item?: FeedItem }[]) =>
  entries.map((entry) => entry.item?.id ?? "gap");

test("the newest line stands first, within a batch and between batches", () => {
  const feed = addArrivals(addArrivals(EMPTY_FEED, [item("a"), item("b")]), [item("c"), item("d")]);
  expect(ids(feed.entries as never)).toEqual(["d", "c", "b", "a"]);
  expect(feed.entries.map(({ order }) => order)).toEqual([4, 3, 2, 1]);
});

test("items that arrive together stand in the order in which they happened, on either side of a gap", () => {
  const at = (happenedAtMs: number) => item(`m${happenedAtMs}`, { happenedAtMs });
  const gap: FeedArrival = { kind: "gap", arrivedAtMs: 0, notice: "Something may be missing." };
  const feed = addArrivals(EMPTY_FEED, [at(3), at(2), gap, at(1), at(5), at(4), gap]);
  expect(ids(feed.entries as never)).toEqual(["gap", "m5", "m4", "m1", "gap", "m3", "m2"]);
});

test("where nothing is an alert or critical, what is high belongs in the column of alerts", () => {
  const enhanced = [item("a"), item("b", { kind: "report", priority: "high" })];
  const { entries } = addArrivals(EMPTY_FEED, enhanced);
  expect(ids(alertsAmong(entries))).toEqual(["b"]);
  const first = addArrivals(EMPTY_FEED, [...enhanced, item("c", { kind: "alert" })]);
  expect(ids(alertsAmong(first.entries))).toEqual(["c"]);
});

test("an empty batch changes nothing", () => {
  expect(addArrivals(EMPTY_FEED, [])).toBe(EMPTY_FEED);
});

test("the oldest lines are dropped, and keys are never given twice", () => {
  const many = Array.from({ length: KEPT_ENTRIES }, (_, index) => item(`post_${index}`));
  const feed = addArrivals(addArrivals(EMPTY_FEED, many), [item("newest")]);
  expect(feed.entries).toHaveLength(KEPT_ENTRIES);
  expect(feed.entries[0]?.order).toBe(KEPT_ENTRIES + 1);
  expect(feed.entries.at(-1)?.order).toBe(2);
});

test("the priority high includes what is critical, and critical nothing else", () => {
  const { entries } = addArrivals(EMPTY_FEED, [
    item("low", { priority: "low" }),
    item("high", { priority: "high" }),
    item("critical", { priority: "critical" }),
  ]);
  const shown = (priority: "all" | "high" | "critical") =>
    ids(filterEntries(entries, { ward: undefined, priority }) as never);
  expect(shown("all")).toEqual(["critical", "high", "low"]);
  expect(shown("high")).toEqual(["critical", "high"]);
  expect(shown("critical")).toEqual(["critical"]);
});

test("a ward's view hides other wards but never a gap", () => {
  const { entries } = addArrivals(EMPTY_FEED, [
    item("here"),
    { kind: "gap", arrivedAtMs: 0, notice: "Two items cannot be delivered." },
    item("there", { ward: "Canal Bank" }),
  ]);
  const shown = filterEntries(entries, { ward: "Old Fort", priority: "all" });
  expect(ids(shown as never)).toEqual(["gap", "here"]);
});

test("the column of alerts takes alerts of any priority and critical items of any kind", () => {
  const { entries } = addArrivals(EMPTY_FEED, [
    item("alert", { kind: "alert", priority: "medium" }),
    item("brief", { kind: "brief", priority: "critical" }),
    item("post"),
  ]);
  expect(ids(alertsAmong(entries))).toEqual(["brief", "alert"]);
});
