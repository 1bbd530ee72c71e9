import { expect, test } from "vitest";
import { parseFeedMessage } from "../web/model/wire.js";

test("a report, a post and a brief are told apart by their source", () => {
  const kinds = ["database", "posts", "cache"].map((source) => {
    const data = {
      id: "x_1",
      ward: "Old Fort",
      priority: "high",
      title: "T",
      content: "C",
      source,
    };
    const message = parseFeedMessage(
      JSON.stringify({ type: "intelligence", data, timestamp: 1700.5 }),
    );
    return message.kind === "item" ? message.item.kind : message.kind;
  });
  expect(kinds).toEqual(["report", "post", "brief"]);
});

test("an alert of the first generation becomes an item with its severity as priority", () => {
  const message = parseFeedMessage(
    JSON.stringify({
      type: "alert",
      data: {
        id: 7,
        ward: "Old Fort",
        description: "Road closed.",
        severity: "Critical",
        created_at: "2026-12-07T14:05:00+05:30",
      },
      timestamp: 1_700_000_000.123,
    }),
  );
  expect(message).toEqual({
    kind: "item",
    item: {
      id: "alert:7",
      kind: "alert",
      ward: "Old Fort",
      priority: "critical",
      title: "",
      text: "Road closed.",
      happenedAtMs: Date.UTC(2026, 11, 7, 8, 35),
      publishedAtMs: 1_700_000_000_123,
      emotion: undefined,
      party: undefined,
      confidence: undefined,
    },
  });
});

test("an alert of the enhanced feed is a report with its number, and a time without a zone is UTC", () => {
  const data = {
    id: "alert_7",
    ward: "Old Fort",
    priority: "high",
    title: "Road closed",
    content: "Moat Road, until six.",
    source: "database",
    created_at: "2026-12-07T08:35:00",
    category: "civic",
  };
  const message = parseFeedMessage(JSON.stringify({ type: "intelligence", data, timestamp: 1700 }));
  expect(message).toMatchObject({
    kind: "item",
    item: { id: "alert_7", kind: "report", happenedAtMs: Date.UTC(2026, 11, 7, 8, 35) },
  });
});

test("an item without a time of its own happened when it was published", () => {
  const data = { id: "post_1", priority: "medium", source: "posts", created_at: null };
  const message = parseFeedMessage(JSON.stringify({ type: "intelligence", data, timestamp: 5 }));
  expect(message.kind === "item" && message.item.happenedAtMs).toBe(5000);
});

test("the greeting of today's endpoint gives the server's time in milliseconds", () => {
  const text = JSON.stringify({ type: "connection", data: {}, timestamp: 1_700_000_000.123 });
  expect(parseFeedMessage(text)).toEqual({ kind: "connection", atMs: 1_700_000_000_123 });
});

test.each([
  ["text that is no JSON", 'status":"error","message":"Working outside'],
  ["a list", "[1]"],
  ["null", "null"],
  ["a heartbeat", '{"type":"heartbeat","timestamp":1.5,"ward":"All"}'],
  ["an error without a time", '{"type":"error","message":"Ward parameter is required"}'],
  [
    "what fills an empty round",
    '{"type":"intelligence","data":{"id":"fallback_1","priority":"low","source":"system"},"timestamp":1}',
  ],
  ["an item without an id", '{"type":"intelligence","data":{"priority":"high"},"timestamp":1}'],
  ["an unknown priority", '{"type":"intelligence","data":{"id":"x","priority":"!"},"timestamp":1}'],
  ["data that is no object", '{"type":"alert","data":3,"timestamp":1}'],
])("%s is passed over", (_, text) => {
  expect(parseFeedMessage(text)).toEqual({ kind: "other" });
});
