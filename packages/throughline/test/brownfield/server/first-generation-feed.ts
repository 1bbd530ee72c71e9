import { isoNaive } from "./python-json.js";
import { newestFirst, type Rows } from "./rows.js";
import { event, type Now, pause, type Step } from "./steps.js";

/** What one connection of the first-generation feed needs. */
export interface FirstGenerationFeedOptions {
  readonly query: URLSearchParams;
  readonly rows: Rows;
  readonly now: Now;
}

const pollEveryMs = 30_000;

/** One connection of the feed of §3.2, which never ends by itself. */
export function* firstGenerationFeed(options: FirstGenerationFeedOptions): Generator<Step> {
  const { query, rows, now } = options;
  const ward = query.get("ward") ?? "All";
  const isWanted = wardFilter(ward);
  const severities = severitiesOf(query.get("priority"));
  let lastCheckMs = sinceMs(query.get("since")) ?? now();

  yield event({ type: "connection", status: "connected", ward, timestamp: isoNaive(now()) });
  while (true) {
    const isNew = (row: { readonly createdAtMs: number; readonly ward: string }) =>
      row.createdAtMs > lastCheckMs && isWanted(row.ward);
    const alerts = rows.alerts.filter((row) => isNew(row) && severities(row.severity));
    // The query is over here, and what follows may block; the next poll starts from the end of it
    // (defect D8).
    const posts = rows.posts.filter(isNew);
    for (const row of newestFirst(alerts, 10)) {
      yield event({
        type: "alert",
        data: {
          id: row.id,
          ward: row.ward,
          description: row.description,
          severity: row.severity,
          created_at: isoNaive(row.createdAtMs),
        },
      });
    }
    if (posts.length > 0) {
      yield event({
        type: "intelligence",
        data: {
          new_posts_count: posts.length,
          summary: `${posts.length} new posts in ${ward}`,
          items: newestFirst(posts, 5).map((row) => ({
            id: row.id,
            content: row.content.length > 200 ? `${row.content.slice(0, 200)}...` : row.content,
            emotion: row.emotion,
            drivers: row.drivers,
            city: row.city,
            created_at: isoNaive(row.createdAtMs),
          })),
        },
      });
    }
    lastCheckMs = now();
    yield event({ type: "heartbeat", timestamp: isoNaive(now()), ward });
    yield pause(pollEveryMs);
  }
}

function wardFilter(ward: string): (other: string) => boolean {
  const wanted = ward.toLowerCase();
  return wanted === "all" ? () => true : (other) => other.toLowerCase().includes(wanted);
}

function severitiesOf(priority: string | null): (severity: string) => boolean {
  if (priority === "high") return (severity) => severity === "High" || severity === "Critical";
  if (priority === "critical") return (severity) => severity === "Critical";
  return () => true;
}

function sinceMs(since: string | null): number | undefined {
  if (since === null || since === "") return undefined;
  const hasZone = /(Z|[+-]\d\d:?\d\d)$/.test(since);
  const parsed = Date.parse(hasZone ? since : `${since}Z`);
  return Number.isNaN(parsed) ? undefined : parsed;
}
