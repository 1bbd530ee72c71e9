// The public shapes of the client.

import type { ConnectionReason, ConnectionState, Gap, Source } from "../core/index.js";

/** The state of a connection. One that is read in short responses is `live`, and degraded. */
export type ConnectionStateName = Exclude<ConnectionState["name"], "polling">;

/** Who keeps the connection: this library, or the browser's own `EventSource`. */
export type TransportName = "throughline" | "native";

/**
 * The flag: a name, or a function that is asked before every attempt. A function that has `subscribe`
 * can also say that open connections are to change over at once, as `rollOut` does.
 */
export type Transport = TransportName | TransportFlag;

/** A flag that is asked. */
export interface TransportFlag {
  (): TransportName;
  /** Calls `listener` when open connections are to ask again; returns a function that ends it. */
  subscribe?(listener: () => void): () => void;
}

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

/**
 * Where to send a request in place of the source's URL, asked before each: relative to that, or
 * absolute.
 */
export type RequestUrlOption = (url: string) => string | URL | Promise<string | URL>;

/** The body of every request, or a function that is asked for it before each. */
export type BodyOption = string | (() => string | Promise<string>);

/** What is passed to {@link FetchLike}; a subset of the DOM's `RequestInit`. */
export interface FetchInit {
  /** `GET` and `POST`, or what the option `method` says. */
  readonly method: string;
  readonly headers: HeaderRecord;
  readonly body?: string;
  readonly credentials: "include" | "same-origin" | "omit";
  readonly cache: "no-store" | "default";
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
  /**
   * For code with a retry logic of its own: `error` is dispatched only when nothing more will come by itself,
   * that is when `readyState` is `CLOSED`, and `open` only once, or after such an error. `readyState` and
   * `connection` tell of what heals by itself. Default `false`: as in the standard.
   */
  readonly quiet?: boolean | undefined;
  /** Used in place of the global `fetch`. */
  readonly fetch?: FetchLike | undefined;
  /**
   * Whether waiting keeps the process running, outside of browsers: for the next attempt, and for a
   * byte of an open stream. Default `true`: a program that has nothing but a source does not end while
   * it waits to reconnect. The socket of an open stream keeps it running too, unless the options are
   * those of `unreferenced()` (`throughline/node`).
   */
  readonly ref?: boolean | undefined;
  /**
   * Headers of every request, such as `Authorization`; or a function, asked before each attempt, that
   * may take up to 30 s. Where a request is answered 401, it is asked again with `"unauthorized"`,
   * once; before credentials expire, with `"expiring"`, and a new connection is made with what it
   * returns before the old one is dropped. What it throws counts as a failed attempt, and is
   * reported. Default: none. A native EventSource cannot send headers. Towards other origins headers
   * cost a preflight.
   */
  readonly headers?: HeadersOption | undefined;
  /**
   * Where to send a request in place of the source's URL, such as the same with a signed query: asked
   * before each attempt, under the same rules as `headers`. `url` stays what names the stream. Default: the
   * URL itself. A native EventSource has the URL itself.
   */
  readonly requestUrl?: RequestUrlOption | undefined;
  /**
   * The method of every request. Default `GET`, or `POST` where there is a `body`. A native EventSource has no
   * other than `GET`, so with another the flag is not asked.
   */
  readonly method?: string | undefined;
  /**
   * The body of every request; a function is asked before each, under the same rules as `headers`. Each
   * reconnect sends it again: it has to be a question that may be repeated. Say what it is with the header
   * `content-type`. Default: none. A native EventSource cannot send one, so with a body the flag is
   * not asked.
   */
  readonly body?: BodyOption | undefined;
  /**
   * Which requests carry cookies, where the standard's `withCredentials` is too coarse: `"omit"` for none.
   * Default `"include"` or `"same-origin"`, as `withCredentials` says.
   */
  readonly credentials?: FetchInit["credentials"] | undefined;
  /** Closes the source when it is aborted, as `close()` does. Default: none. */
  readonly signal?: AbortSignal | undefined;
  /** Start after this cursor; `"earliest"` and `"latest"` are cursors too. Default: none. */
  readonly lastEventId?: string | undefined;
  /**
   * Where sources before this one have read to, as `rememberCursors` of `throughline/continuity` knows it:
   * this one goes on there, whatever `lastEventId` says. Default: each begins for itself.
   */
  readonly continuity?: Continuity | undefined;
  /**
   * How the cursor is shown. Default `"auto"`: towards a Throughline server it costs no preflight that there is
   * not anyway.
   */
  readonly resumeBy?: ResumeBy | undefined;
  /** Milliseconds until an unanswered request is given up, at first. Default 1700. */
  readonly connectTimeoutMs?: number | undefined;
  /** The same after several unanswered requests in a row. Default 3600. */
  readonly maxConnectTimeoutMs?: number | undefined;
  /**
   * The same, at most, for a server that has never answered in time, after eight such requests in a row:
   * many send the head of their answer only with their first event. What such a server has taken once it is given
   * twice from then on. Default 120 000. As much as `maxConnectTimeoutMs` switches it off.
   */
  readonly patienceMs?: number | undefined;
  /**
   * Milliseconds of silence after which a server that announces no pulse counts as lost; `Infinity`
   * for never. Default: never, until it is heard in a clear rhythm (four comments at equal distances,
   * or twelve other chunks, at least 0.9 s apart); then three times that distance and 2 s. A
   * deadline of that kind that was wrong once is not set again.
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

/** Remembers where sources have read to. */
export interface Continuity {
  /**
   * A source begins.
   *
   * @param url absolute
   * @param read what the source would show when it came back; empty for nothing
   */
  begin(url: string, withCredentials: boolean, read: () => string): Place;
}

/** The place of one source in its stream. */
export interface Place {
  /** Where to begin; empty where nothing is known. */
  readonly lastEventId: string;
  /**
   * The source is over. What it has read up to is kept for the next one, or forgotten. A source that failed
   * and is closed later says so twice.
   */
  leave(forget: boolean): void;
}

/** How a source is closed. */
export interface CloseOptions {
  /** Forget where it has read to, so that nobody goes on there. Default `false`. */
  readonly forget?: boolean | undefined;
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
   * Whether something on the path (a proxy, an antivirus program) holds streams back, so that the stream
   * is read in short responses, one after the other. Nothing is lost by it; a loss is noticed within 5 s
   * in place of 2. It ends by itself when streams get through again.
   */
  readonly isDegraded: boolean;
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
