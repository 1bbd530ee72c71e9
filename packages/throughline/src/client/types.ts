// The public shapes of the client.

import type { ConnectionReason, ConnectionStateName, Gap, Source } from "../core/index.js";

/** Who keeps the connection: this library, or the browser's own `EventSource`. */
export type TransportName = "throughline" | "native";

/** The flag: a name, or a function that is asked before every attempt. */
export type Transport = TransportName | (() => TransportName);

/** The part of `fetch` that is used: anything that answers with a status, headers and a body. */
export type FetchLike = (url: string, init: FetchInit) => Promise<FetchResponse>;

/** HTTP headers by name. */
export type HeaderRecord = Readonly<Record<string, string>>;

/** Why the application is asked for headers. */
export type HeadersCause =
  /** For an attempt like any other. */
  | "connect"
  /** The credentials that the open connection was made with are about to expire. */
  | "expiring"
  /** The request before was answered 401: what it had does not count, or no longer. */
  | "unauthorized";

/** Headers of every request, or a function that is asked for them before each. */
export type HeadersOption =
  | HeaderRecord
  | ((cause: HeadersCause) => HeaderRecord | Promise<HeaderRecord>);

/** What is passed to {@link FetchLike}; a subset of the DOM's `RequestInit`. */
export interface FetchInit {
  readonly method: "GET" | "POST";
  readonly headers: HeaderRecord;
  readonly body?: string;
  readonly credentials: "include" | "same-origin";
  readonly cache: "no-store";
  readonly signal: AbortSignal;
}

/** What is read of the answer; a subset of the DOM's `Response`. */
export interface FetchResponse {
  readonly status: number;
  readonly url: string;
  readonly headers: { get(name: string): string | null };
  readonly body: ReadableStream<Uint8Array> | null;
}

/** How a reader shows its cursor when it comes back. */
export type ResumeBy =
  /** The `Last-Event-ID` header; the `cursor` parameter towards a Throughline server elsewhere. */
  "auto" | "header" | "query";

/** Options of the drop-in beyond the standard's `withCredentials`. */
export interface EventSourceOptions {
  /** Send cookies to other origins too. Default `false`, as in the standard. */
  readonly withCredentials?: boolean | undefined;
  /** Who keeps the connection, asked before every attempt. Default `"throughline"`. */
  readonly transport?: Transport | undefined;
  /** Used in place of the global `fetch`. */
  readonly fetch?: FetchLike | undefined;
  /**
   * Headers of every request, such as `Authorization`; or a function, asked before each attempt, that
   * may take up to 30 s. Where a request is answered 401, it is asked again with `"unauthorized"`,
   * once; before credentials expire, with `"expiring"`, and a new connection is made with what it
   * returns before the old one is dropped. What it throws counts as a failed attempt, and is
   * reported. Default: none. A native EventSource cannot send headers. Towards other origins headers
   * cost a preflight.
   */
  readonly headers?: HeadersOption | undefined;
  /** Start after this cursor; `"earliest"` and `"latest"` are cursors too. Default: none. */
  readonly lastEventId?: string | undefined;
  /** How the cursor is shown. Default `"auto"`, which never costs a preflight by surprise. */
  readonly resumeBy?: ResumeBy | undefined;
  /** Milliseconds until an unanswered request is given up, at first. Default 1700. */
  readonly connectTimeoutMs?: number | undefined;
  /** The same after several unanswered requests in a row. Default 3600. */
  readonly maxConnectTimeoutMs?: number | undefined;
  /**
   * Milliseconds of silence after which a server that announces no pulse counts as lost. Default
   * `Infinity`: silence of such a server proves nothing.
   */
  readonly idleTimeoutMs?: number | undefined;
  /** Failed attempts in a row before the state is `failed`. Default `Infinity`. */
  readonly retryLimit?: number | undefined;
  /** Refusals in a row (4xx on reconnects) before the state is `failed`. Default 8. */
  readonly refusalLimit?: number | undefined;
  /**
   * Milliseconds that a stream has to last, with data, before the failures before it are forgotten,
   * and its end counts as none. Default 5000. Less only for servers that are known to end their
   * streams sooner, by design.
   */
  readonly provenAfterMs?: number | undefined;
  /** The longest wait, in milliseconds, that the server's `retry:` may ask for. Default 30 000. */
  readonly maxRetryMs?: number | undefined;
  /** Longest event that is read, in UTF-16 code units. Default 16 Mi. */
  readonly maxEventLength?: number | undefined;
  /**
   * Where the worker is from that keeps time while the page is hidden: a file with the one line that
   * `docs/page-life.md` gives, for pages whose policy forbids `blob:` in `worker-src`; `false` for
   * none. Default: a blob. Where there can be no worker the page's own timers go on.
   */
  readonly timerWorker?: string | URL | false | undefined;
  /** Called when events are missing for good, before any later event. */
  readonly onGap?: ((gap: GapNotice) => void) | undefined;
}

/** Events are missing, and nobody can deliver them any more. */
export interface GapNotice extends Gap {
  /** When the notice came, milliseconds since 1970. */
  readonly atMs: number;
}

/** One disruption and its healing; all times in milliseconds since 1970. */
export interface IncidentReport {
  readonly reason: ConnectionReason;
  /** The last byte before it. */
  readonly lastByteAtMs: number;
  readonly detectedAtMs: number;
  /** When the first new request left. */
  readonly begunAtMs: number | undefined;
  /** When bytes of the stream came again. */
  readonly healedAtMs: number | undefined;
  readonly attempts: number;
}

/** Counts since the object was made. */
export interface ConnectionStatistics {
  readonly eventsDelivered: number;
  readonly duplicatesDropped: number;
  readonly requests: number;
  readonly bytes: number;
  readonly gaps: number;
  readonly incidents: number;
}

/** A connection at one moment. Immutable; the same object until something changes. */
export interface ConnectionSnapshot {
  readonly state: ConnectionStateName;
  readonly reason: ConnectionReason;
  /** When the state began, milliseconds since 1970. */
  readonly sinceMs: number;
  /** Attempts that have failed in a row. */
  readonly attempts: number;
  /** When the next attempt is due, milliseconds since 1970; `undefined` unless waiting. */
  readonly nextAttemptAtMs: number | undefined;
  readonly transport: TransportName;
  /**
   * What the server said of what fills the stream, as a gateway does of the backend behind it: where
   * that is `stale`, the connection is well and nothing new comes. `undefined`: nothing was said.
   */
  readonly source: Source | undefined;
  /** The newest gap. */
  readonly gap: GapNotice | undefined;
  /** The newest 50 disruptions, oldest first. */
  readonly incidents: readonly IncidentReport[];
  /** Counts at the time of the snapshot; `connection.statistics` has the present ones. */
  readonly statistics: ConnectionStatistics;
}

/** What the drop-in knows beyond the standard: the state of its connection. */
export interface ConnectionChannel {
  readonly state: ConnectionStateName;
  readonly reason: ConnectionReason;
  readonly snapshot: ConnectionSnapshot;
  readonly statistics: ConnectionStatistics;
  /** The newest gap. */
  readonly gap: GapNotice | undefined;
  /**
   * Calls `listener` after every change of state, reason, gap or incidents (not for every event).
   *
   * @returns a function that ends the subscription
   */
  subscribe(listener: (snapshot: ConnectionSnapshot) => void): () => void;
}
