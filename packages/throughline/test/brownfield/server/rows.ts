// The rows the feeds read. Tests add rows while streams are open.

/** An alert in the database; `createdAtMs` is epoch milliseconds. */
export interface AlertRow {
  readonly id: number;
  readonly ward: string;
  readonly title: string;
  readonly description: string;
  readonly severity: "Low" | "Medium" | "High" | "Critical";
  readonly category: string;
  readonly createdAtMs: number;
}

/** A post in the database; `createdAtMs` is epoch milliseconds. */
export interface PostRow {
  readonly id: number;
  readonly ward: string;
  readonly content: string;
  readonly emotion: string;
  readonly party: string;
  readonly drivers: readonly string[];
  readonly city: string;
  readonly createdAtMs: number;
}

/** An item of the feed cache, which nobody fills in the deployed application (defect D4). */
export interface CachedItem {
  readonly id: string;
  readonly priority: string;
  readonly title: string;
  readonly content: string;
  readonly confidence: number;
}

/** Everything the feeds read, changed by the tests while streams are open. */
export interface Rows {
  readonly alerts: AlertRow[];
  readonly posts: PostRow[];
  readonly cached: CachedItem[];
}

/** The newest rows first, at most `limit` of them. */
export function newestFirst<Row extends { readonly createdAtMs: number; readonly id: number }>(
  rows: readonly Row[],
  limit: number,
): readonly Row[] {
  return [...rows].sort((a, b) => b.createdAtMs - a.createdAtMs || b.id - a.id).slice(0, limit);
}
