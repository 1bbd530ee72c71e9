// What was seen of a stream through whatever stands between: facts, without a judgement. All of it can
// be printed: no token, no cookie, no payload is in here.

import type { GapReason, PulseTiming, ResumeAnswer } from "throughline/core";

/** Everything that one examination has seen. */
export interface Observation {
  /** What was asked for, with the values of its query masked. */
  readonly url: string;
  readonly asked: { readonly withToken: boolean; readonly withCookie: boolean };
  readonly opening: Opening;
  /** The body, where there was a stream. */
  readonly stream: StreamSeen | undefined;
  readonly lease: LeaseSeen | undefined;
  readonly resume: ResumeSeen | undefined;
  readonly streams: StreamsSeen | undefined;
  readonly cors: CorsSeen | undefined;
}

/** How the request for the stream ended. */
export type Opening =
  /** No connection: refused, no such name, a certificate that is not believed. */
  | { readonly kind: "unreachable"; readonly url: string; readonly code: string }
  /** A connection, and no answer on it. */
  | {
      readonly kind: "silent";
      readonly url: string;
      readonly waitedMs: number;
      /** Redirects on the way. */
      readonly hops: readonly Hop[];
      /** What a HEAD request for the same was answered, which has no body to hold back. */
      readonly head: Hop | undefined;
    }
  | {
      readonly kind: "answered";
      readonly hops: readonly Hop[];
      /** The answer that counts. */
      readonly last: Hop;
    };

/** One answer. */
export interface Hop {
  /** With the values of its query masked. */
  readonly url: string;
  readonly httpVersion: string;
  readonly status: number;
  /** Names in lower case; only those that tell something, {@link SHOWN_HEADERS}. */
  readonly headers: Readonly<Record<string, string>>;
  /** From the beginning to an open connection, and to the headers, in milliseconds. */
  readonly connectMs: number;
  readonly headersMs: number;
  /** What the beginning of a body that is no stream gives away of its maker. */
  readonly page?: PageKind | undefined;
}

/** Pages that come in place of streams. */
export type PageKind = "vite" | "nginx" | "haproxy" | "login" | "other";

/** What came in one piece, or in several within {@link ARRIVAL_JOIN_MS}. */
export interface Arrival {
  /** Since the request left. */
  readonly atMs: number;
  /** As they came over the wire: compressed, where that is so. */
  readonly bytes: number;
  readonly comments: number;
  readonly events: number;
  /** The text stops in the middle of a line. */
  readonly endsMidLine: boolean;
}

/** The body of a stream, as it was watched. */
export interface StreamSeen {
  /** How long it was to be watched. */
  readonly watchMs: number;
  /** From the request to the first byte of the body. */
  readonly firstByteMs: number | undefined;
  readonly bytes: number;
  /** At most {@link MOST_ARRIVALS}. */
  readonly arrivals: readonly Arrival[];
  readonly end: StreamEnd;
  readonly comments: number;
  readonly events: number;
  /** How many events there were of each type; at most 20 types. */
  readonly types: Readonly<Record<string, number>>;
  readonly ids: IdsSeen;
  readonly retryMs: number | undefined;
  readonly heartbeats: readonly HeartbeatSeen[];
  /**
   * What could not be read: `text` that is no UTF-8, a body that is not what its `encoding` says, or an
   * event that is `too-large` for any reader.
   */
  readonly damage: "text" | "encoding" | "too-large" | undefined;
  /** A content encoding that was announced and could not be undone. */
  readonly undecodable: string | undefined;
  readonly hello: HelloSeen | undefined;
  readonly gaps: readonly GapReason[];
  /** The server said that it ends this connection, or the stream. */
  readonly farewell: "drain" | "end" | undefined;
}

/** How the body ended. */
export interface StreamEnd {
  /**
   * It did not within the time (`time-up`), or before so much had come that it was `enough`; it was
   * `closed` in good order, or `cut`; or nothing more could be read (`damaged`).
   */
  readonly kind: "time-up" | "enough" | "closed" | "cut" | "damaged";
  readonly atMs: number;
  /** From the last byte (or the headers) to the end. */
  readonly silenceMs: number;
}

/** The ids of a stream. */
export interface IdsSeen {
  /** Events that an application would get, and how many of them had an id of their own. */
  readonly applicationEvents: number;
  readonly withId: number;
  /** The first, the one before the last, and the last that were different from the one before. */
  readonly first: string | undefined;
  readonly previous: string | undefined;
  readonly last: string | undefined;
  readonly areCursors: boolean;
  /** One that some client or proxy will not pass on: too long, or with characters beyond the safe ones. */
  readonly unsafe: string | undefined;
}

/** Something that comes again and again to show that the connection is alive. */
export interface HeartbeatSeen {
  readonly kind: "comment" | "event" | "json";
  /** The type of the event, or what its JSON says. */
  readonly name: string;
  readonly count: number;
  /** The median time between two; `undefined` for fewer than two. */
  readonly everyMs: number | undefined;
}

/** The greeting of a Throughline server. */
export interface HelloSeen {
  readonly protocol: number;
  readonly pulse: PulseTiming | undefined;
  readonly head: string;
  readonly resume: ResumeAnswer;
  readonly hasLease: boolean;
}

/** What became of the renewal of a lease. */
export type LeaseSeen =
  | {
      readonly kind: "answered";
      readonly url: string;
      readonly status: number;
      readonly isSound: boolean;
    }
  | { readonly kind: "no-answer"; readonly url: string }
  | { readonly kind: "other-origin"; readonly url: string };

/** What became of a cursor that was shown. */
export type ResumeOutcome =
  /** What was missed came. */
  | "replayed"
  /** Nothing was missed, the server says. */
  | "caught-up"
  /** The server said that something is missing. */
  | "gap"
  /** Other events came, as if nothing had been shown. */
  | "ignored"
  /** Nothing came from which one could tell. */
  | "unclear"
  /** No stream was answered. */
  | "refused";

/** Resuming, in both ways there are. */
export interface ResumeSeen {
  /** The id that was shown. */
  readonly shown: string;
  readonly byHeader: { readonly outcome: ResumeOutcome; readonly status: number | undefined };
  readonly byQuery: { readonly outcome: ResumeOutcome; readonly status: number | undefined };
}

/** Several streams at once. */
export interface StreamsSeen {
  readonly asked: number;
  /** How many were answered with a stream while the others were open. */
  readonly answered: number;
  /** Other answers. */
  readonly statuses: readonly number[];
  /** How many were ended without an answer. */
  readonly refused: number;
  readonly httpVersion: string;
  readonly withinMs: number;
}

/** What a page of another origin may do. */
export interface CorsSeen {
  readonly origin: string;
  readonly simple: CorsAnswer | undefined;
  readonly preflight: (CorsAnswer & { readonly status: number }) | undefined;
  /** What an origin that nobody can have allowed was answered. */
  readonly stranger: CorsAnswer | undefined;
}

/** The headers of an answer to a page. */
export interface CorsAnswer {
  readonly allowOrigin: string | undefined;
  readonly allowCredentials: boolean;
  readonly allowHeaders: readonly string[];
  readonly allowMethods: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly vary: string | undefined;
}

/** Pieces that come so close together are one arrival: a proxy passes on what it has in several writes. */
export const ARRIVAL_JOIN_MS = 50;

/** Most arrivals that are remembered; a stream that brings more is in no danger of being held back. */
export const MOST_ARRIVALS = 5000;

/** Headers that tell something of the way. None of them carries a secret. */
export const SHOWN_HEADERS: readonly string[] = [
  "content-type",
  "content-encoding",
  "content-length",
  "cache-control",
  "connection",
  "transfer-encoding",
  "x-accel-buffering",
  "throughline-pulse",
  "retry-after",
  "www-authenticate",
  "location",
  "server",
  "via",
  "x-powered-by",
  "x-served-by",
  "x-cache",
  "x-varnish",
  "x-amz-cf-id",
  "cf-ray",
  "age",
  "alt-svc",
];

/** The longest time without a byte, from the first one on. */
export function longestSilenceMs({ arrivals, end }: StreamSeen): number {
  const times = [...arrivals.map(({ atMs }) => atMs), end.atMs];
  return Math.max(0, ...times.slice(1).map((atMs, index) => atMs - (times[index] ?? atMs)));
}

/** A silence: longer than anything between the writes of one moment, also on a busy machine. */
export const SILENCE_MS = 700;
