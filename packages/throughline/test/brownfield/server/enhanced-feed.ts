import { epochSeconds, isoNaive, isoUtc, type PythonValue, pythonFloat } from "./python-json.js";
import { newestFirst, type Rows } from "./rows.js";
import { event, type Now, pause, type Step } from "./steps.js";

/**
 * How the enhanced feed behaves: `deployed` is what goes over the wire today (defects D1, D2),
 * `intended` sends rows or filler, `fatal` fails in its second round and ends.
 */
export type EnhancedFeedMode = "deployed" | "intended" | "fatal";

/** What one connection of the enhanced feed needs. */
export interface EnhancedFeedOptions {
  readonly query: URLSearchParams;
  readonly mode: EnhancedFeedMode;
  readonly rows: Rows;
  readonly now: Now;
}

const itemsUntilComplete = 10;
const heartbeatEveryMs = 30_000;

/** Returns why the query is refused, which the server says in a stream with status 200. */
export function refusedFeedQuery(query: URLSearchParams): string | undefined {
  const ward = (query.get("ward") ?? "").trim();
  const priority = query.get("priority") ?? "all";
  if (ward === "") return "Ward parameter is required";
  if (ward.length > 100) return "Ward name too long";
  if (!["all", "high", "critical"].includes(priority)) return `Invalid priority: ${priority}`;
  return undefined;
}

/** The only event of a stream that answers a refused query. */
export function* refusalStream(message: string): Generator<Step> {
  yield event({ type: "error", message });
}

/** One connection of the feed of §3.1, from `connection` to `complete`. */
export function* enhancedFeed(options: EnhancedFeedOptions): Generator<Step> {
  const { query, mode, now } = options;
  const ward = (query.get("ward") ?? "").trim();
  const connectionId = `${ward}_${now()}`;
  const envelope = (type: string, data: PythonValue, retryMs?: number): Step =>
    event({ type, data, timestamp: epochSeconds(now()), connection_id: connectionId }, retryMs);

  yield envelope("connection", {
    status: "connected",
    ward,
    priority: query.get("priority") ?? "all",
    server_time: isoUtc(now()),
  });

  let sent = 0;
  let round = 0;
  // Counted in the application's own pauses, so that a scaled pace changes nothing in the content.
  let sinceHeartbeatMs = 0;
  while (sent < itemsUntilComplete) {
    round++;
    if (sinceHeartbeatMs >= heartbeatEveryMs) {
      sinceHeartbeatMs = 0;
      yield event({
        type: "heartbeat",
        timestamp: epochSeconds(now()),
        connection_id: connectionId,
        ward,
      });
    }
    if (mode === "fatal" && round === 2) {
      const failure = { message: "Feed generation failed", error: "database is gone" };
      yield envelope("error", { ...failure, recoverable: false }, 5000);
      return;
    }
    for (const item of roundItems(options, ward)) {
      sent++;
      yield envelope("intelligence", item.data);
      if (item.pauseMs > 0) yield pause(item.pauseMs);
      sinceHeartbeatMs += item.pauseMs;
    }
    if (mode === "deployed") {
      yield envelope("error", { message: "Temporary feed error", recoverable: true }, 5000);
    }
    const roundPauseMs = mode === "deployed" ? 2000 : 1000;
    yield pause(roundPauseMs);
    sinceHeartbeatMs += roundPauseMs;
  }
  yield envelope("complete", { ward, total_events: sent, reason: "feed_complete" });
}

interface Item {
  readonly data: PythonValue;
  readonly pauseMs: number;
}

function roundItems({ mode, rows, now }: EnhancedFeedOptions, ward: string): readonly Item[] {
  if (mode === "deployed") return [filler("fallback", ward, now())];
  const items = [
    ...rows.cached.slice(0, 3).map((row) => ({
      data: {
        id: row.id,
        ward,
        priority: row.priority,
        title: row.title,
        content: row.content,
        source: "cache",
        confidence: pythonFloat(row.confidence),
      },
      pauseMs: 500,
    })),
    ...newestFirst(rows.alerts, 5).map((row) => ({
      data: {
        id: `alert_${row.id}`,
        ward: row.ward,
        priority: row.severity === "High" || row.severity === "Critical" ? "high" : "medium",
        title: row.title,
        content: row.description,
        source: "database",
        created_at: isoNaive(row.createdAtMs),
        category: row.category,
      },
      pauseMs: 0,
    })),
    ...newestFirst(rows.posts, 3).map((row) => ({
      data: {
        id: `post_${row.id}`,
        ward: row.ward,
        priority: "medium",
        title: `Post from ${row.city}`,
        content: row.content,
        source: "posts",
        emotion: row.emotion,
        party: row.party,
        created_at: isoNaive(row.createdAtMs),
        category: "social_media",
      },
      pauseMs: 0,
    })),
  ];
  return items.length > 0 ? items : [filler("strategic", ward, now())];
}

function filler(kind: "strategic" | "fallback", ward: string, nowMs: number): Item {
  const isFallback = kind === "fallback";
  return {
    data: {
      id: `${kind}_${Math.floor(nowMs / 1000)}`,
      ward,
      priority: isFallback ? "low" : "medium",
      title: isFallback ? "System status" : "Strategic outlook",
      content: `Monitoring of ${ward} goes on`,
      source: "system",
      category: isFallback ? "system_status" : "strategic_analysis",
    },
    pauseMs: 0,
  };
}
