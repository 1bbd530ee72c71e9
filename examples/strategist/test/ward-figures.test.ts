import { expect, test } from "vitest";
import { BUCKET_MS, BUCKETS, computeWardFigures } from "../web/model/ward-figures.js";
import type { FeedItem } from "../web/model/wire.js";

/** A moment in the middle of the newest bucket. */
const NOW = BUCKET_MS * 1000 + BUCKET_MS / 2;

function item(fields: Partial<FeedItem>): FeedItem {
  return {
    id: "post_1",
    kind: "post",
    ward: "Old Fort",
    priority: "medium",
    title: "",
    text: "",
    happenedAtMs: NOW,
    publishedAtMs: 0,
    emotion: undefined,
    party: undefined,
    confidence: undefined,
    ...fields,
  };
}

function figures(...items: FeedItem[]) {
  const [oldFort] = computeWardFigures(items, ["Old Fort"]);
  if (oldFort === undefined) throw new Error("the ward is missing");
  return oldFort;
}

test("items are counted in the bucket of their time, the newest in the last", () => {
  const { buckets, volume } = figures(
    item({}),
    item({ happenedAtMs: NOW - BUCKET_MS }),
    item({ happenedAtMs: NOW - BUCKET_MS }),
  );
  expect(buckets).toHaveLength(BUCKETS);
  expect(buckets.slice(-3).map((bucket) => bucket.volume)).toEqual([0, 2, 1]);
  expect(volume).toBe(3);
});

test("what is older than all buckets is left out", () => {
  expect(figures(item({}), item({ happenedAtMs: NOW - BUCKETS * BUCKET_MS })).volume).toBe(1);
});

test("only high and critical items are urgent", () => {
  const counted = figures(
    item({ priority: "critical" }),
    item({ priority: "high" }),
    item({ priority: "medium" }),
    item({ priority: "low" }),
  );
  expect(counted.urgent).toBe(2);
});

test("the mood is the mean of the posts, and a mood of unknown name is neutral", () => {
  const { buckets } = figures(item({ emotion: "Anger" }), item({ emotion: "Melancholy" }));
  expect(buckets.at(-1)?.mood).toBe(-0.5);
});

test("a ward without posts has no mood rather than an even one", () => {
  expect(figures(item({ kind: "alert" }))).toMatchObject({
    mood: undefined,
    moodChange: undefined,
  });
});

test("a change of mood compares the later half with the earlier one", () => {
  const { mood, moodChange } = figures(
    item({ emotion: "Hopeful" }),
    item({ emotion: "Anger", happenedAtMs: NOW - (BUCKETS - 1) * BUCKET_MS }),
  );
  expect(mood).toBe(0.5);
  expect(moodChange).toBe(1.5);
});

test("every ward has figures, in the order asked for, and strangers have none", () => {
  const wards = ["Canal Bank", "Old Fort"];
  const result = computeWardFigures([item({ ward: "Elsewhere" })], wards);
  expect(result.map(({ ward, volume }) => [ward, volume])).toEqual([
    ["Canal Bank", 0],
    ["Old Fort", 0],
  ]);
});
