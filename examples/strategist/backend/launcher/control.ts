// Speaks to the control of the back end, which answers also when the application cannot.

import { setTimeout as wait } from "node:timers/promises";

/** What requests are counted under, and what faults are meant for. `none`: a path that is unknown. */
export type Endpoint =
  | "feed"
  | "analysis"
  | "conversation"
  | "agents"
  | "compat"
  | "report"
  | "health"
  | "alerts"
  | "uploads"
  | "login"
  | "logout"
  | "status"
  | "none";

interface RowInsert {
  readonly ward?: string | undefined;
  /** ISO 8601; without a zone it is UTC. Default: now. */
  readonly created_at?: string | undefined;
}

/** A new alert; what is left out gets a default. */
export interface AlertInsert extends RowInsert {
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly severity?: "Critical" | "High" | "Medium" | "Low" | undefined;
  readonly category?: string | undefined;
}

/** A new post; what is left out gets a default. */
export interface PostInsert extends RowInsert {
  /** Default: the ward. */
  readonly city?: string | undefined;
  readonly content?: string | undefined;
  readonly emotion?: string | undefined;
  readonly party?: string | null | undefined;
  readonly drivers?: readonly string[] | undefined;
}

/** A new brief, which the enhanced feed sends as from its cache. */
export interface BriefInsert extends RowInsert {
  readonly title?: string | undefined;
  readonly content?: string | undefined;
  readonly priority?: string | undefined;
  /** 0 to 1. */
  readonly confidence?: number | undefined;
}

/** A row, with the table that it is for. */
export type RowToInsert =
  | ({ readonly kind: "alert" } & AlertInsert)
  | ({ readonly kind: "post" } & PostInsert)
  | ({ readonly kind: "brief" } & BriefInsert);

/** Rows that are committed. */
export interface Inserted {
  /** In the order of the rows; each table counts on its own. */
  readonly ids: readonly number[];
  /** The moment after the commit, in milliseconds since the epoch, with fraction. */
  readonly committedMs: number;
}

/** What the workers counted together since the database was made, and what they do now. */
export interface Counts {
  /** Requests that came, by endpoint. */
  readonly requests: Readonly<Partial<Record<Endpoint, number>>>;
  /** Requests that keep a thread now, by endpoint; for a stream, until the backend notices its end. */
  readonly open: Readonly<Partial<Record<Endpoint, number>>>;
  readonly analysesStarted: number;
}

/** A request as the backend saw it. */
export interface RequestSeen {
  readonly endpoint: Endpoint;
  readonly method: string;
  /** Path and query as they came, not decoded. */
  readonly target: string;
  /** Names as Python has them: `Accept-Encoding`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly beganAt: string;
  readonly isOpen: boolean;
}

/**
 * What goes wrong at an endpoint.
 *
 * - `status`: a request is answered with it.
 * - `delay`: a request is answered so much later.
 * - `refuse`: the enhanced feed says "Authentication required" in a stream with status 200.
 * - `fail`: a round of the enhanced feed, a poll of the first generation or a step of another stream.
 * - `fatal`: the same, and the stream says so and ends.
 * - `cut`: the same, and the connection ends in the middle of the response.
 * - `hang`: streams stay open and silent until `clearFaults`.
 * - `lag`: so much time passes between the query of a poll and its sends.
 * - `blind`: a round or poll cannot ask the database, as in the application of today.
 */
export type Fault = FaultKind & {
  /** Default: all of them. */
  readonly endpoint?: Endpoint | undefined;
  /** How often it happens. Default once. */
  readonly times?: number | "always" | undefined;
};

type FaultKind =
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "delay" | "lag"; readonly seconds: number }
  | { readonly kind: "refuse" | "fail" | "fatal" | "cut" | "hang" | "blind" };

/** The control of a running backend. */
export interface Control {
  /** Writes rows in one transaction. Works also while the application is dead. */
  insertRows(rows: readonly RowToInsert[]): Promise<Inserted>;
  /** How many rows there are, in all tables together. */
  rowCount(): Promise<number>;
  counts(): Promise<Counts>;
  /** Resolves once the counts are as wanted; rejects, with the last ones, when they never are. */
  countsWhen(holds: (counts: Counts) => boolean, withinMs?: number): Promise<Counts>;
  /** The latest requests, oldest first. */
  requests(endpoint?: Endpoint): Promise<readonly RequestSeen[]>;
  setFault(fault: Fault): Promise<void>;
  /** Resolves when every fault that has a number of times has happened as often. */
  faultsHappened(withinMs?: number): Promise<void>;
  clearFaults(): Promise<void>;
  /** Ends all sessions of a user; their cookies, though well signed, count no longer. */
  endSessions(user: string): Promise<number>;
}

const LOOK_EVERY_MS = 50;
const WITHIN_MS = 20_000;

/** Speaks to the control at an address. */
export function createControl(url: string): Control {
  async function ask(method: string, path: string, body?: object): Promise<unknown> {
    const init = {
      method,
      // Python's small server closes every connection; one that is kept would fail the next request.
      headers: { connection: "close", "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    const response = await fetch(`${url}${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }

  async function counts(): Promise<Counts> {
    const answer = (await ask("GET", "/__counts")) as CountsAnswer;
    const { requests, open, analyses_started: analysesStarted } = answer;
    return { requests, open, analysesStarted };
  }

  return {
    insertRows: async (rows) => {
      const answer = (await ask("POST", "/__rows", { rows })) as InsertedAnswer;
      return { ids: answer.ids, committedMs: answer.committed_ms };
    },
    rowCount: async () => ((await ask("GET", "/__rows")) as { count: number }).count,
    counts,
    countsWhen: (holds, withinMs) => until(counts, holds, withinMs),
    requests: async (endpoint) => {
      const query = endpoint === undefined ? "" : `?endpoint=${endpoint}`;
      const seen = (await ask("GET", `/__requests${query}`)) as readonly RequestAnswer[];
      return seen.map(({ began_at: beganAt, is_open: isOpen, ...rest }) => ({
        ...rest,
        beganAt,
        isOpen,
      }));
    },
    setFault: async ({ times = 1, ...fault }) => {
      await ask("POST", "/__faults", { ...fault, times: times === "always" ? null : times });
    },
    faultsHappened: async (withinMs) => {
      await until(
        () => ask("GET", "/__faults") as Promise<{ pending: number }>,
        ({ pending }) => pending === 0,
        withinMs,
      );
    },
    clearFaults: async () => {
      await ask("DELETE", "/__faults");
    },
    endSessions: async (user) =>
      ((await ask("POST", "/__sessions/end", { user })) as { ended: number }).ended,
  };
}

async function until<T>(
  look: () => Promise<T>,
  holds: (seen: T) => boolean,
  withinMs = WITHIN_MS,
): Promise<T> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (performance.now() > untilMs) throw new Error(`not in time: ${JSON.stringify(seen)}`);
    await wait(LOOK_EVERY_MS);
  }
}

/** Tells the control that the application is dead: nothing of it is open any more. */
export async function forgetOpenRequests(url: string): Promise<void> {
  const headers = { connection: "close" };
  await fetch(`${url}/__requests/closed`, { method: "POST", headers });
}

interface InsertedAnswer {
  readonly ids: readonly number[];
  readonly committed_ms: number;
}

interface CountsAnswer extends Pick<Counts, "requests" | "open"> {
  readonly analyses_started: number;
}

interface RequestAnswer extends Omit<RequestSeen, "beganAt" | "isOpen"> {
  readonly began_at: string;
  readonly is_open: boolean;
}
