// The states and inputs of a connection, and what carries over from one attempt to the next.
// SPEC.md, beside this file, is the whole machine on one page.

import type { PulseTiming } from "../protocol.js";
import { type Cadence, type ChunkSign, NO_CADENCE } from "./cadence.js";

/**
 * Why a connection is in its state. The list is closed: what a state light or a log line says about
 * a connection is one of these.
 */
export type ConnectionReason =
  /** Nothing has been asked for yet. */
  | "not-started"
  /** The first attempt. */
  | "opening"
  /** Bytes are flowing. */
  | "open"
  /** The application asked for a new attempt. */
  | "requested"
  /** The page was put aside, or has come back. */
  | "suspended"
  /** This program slept; the connection is given a moment to show that it lives. */
  | "woken"
  /** The path failed: refused, reset, name not found, cut inside the body. */
  | "network"
  /** A request was not answered in time. */
  | "timeout"
  /** An open connection fell silent. */
  | "silent"
  /** The server ended the response in good order. */
  | "ended"
  /** Streams open and close at once, again and again. */
  | "short-lived"
  /** The server, or a proxy before it, cannot answer now (408, 425, 5xx). */
  | "unavailable"
  /** The server asked for fewer requests (429). */
  | "rate-limited"
  /** The server wants other credentials (401), or the application has none at the moment. */
  | "unauthorized"
  /** The server refused the request (other statuses). */
  | "refused"
  /** The answer was no event stream. */
  | "not-a-stream"
  /** The server announced that it will close this connection. */
  | "drained"
  /** The credentials of this connection are about to expire. */
  | "expiring"
  /** Something on the path holds the bytes of a stream back. */
  | "buffered"
  /** The server no longer knows this connection. */
  | "lease-lost"
  /** No attempt can ever succeed: the URL's scheme is none that can be fetched. */
  | "unsupported"
  /** More attempts failed in a row than the application allows. */
  | "retry-limit"
  /** An event was larger than the reader accepts; asking again would bring the same one. */
  | "event-too-large"
  /** The stream is complete, or the server answered 204. */
  | "complete"
  /** The application closed it. */
  | "application"
  /** The browser's own EventSource does the work. */
  | "native";

/** What a connection remembers between attempts. All counts are of attempts in a row. */
export interface Memory {
  /** Whether any attempt has ever been answered with a stream. */
  readonly wasLive: boolean;
  /**
   * The pulse that the server announced, or that its cadence shows; without one silence proves
   * nothing.
   */
  readonly pulse: PulseTiming | undefined;
  /** How often the server has been heard where it announces nothing. */
  readonly cadence: Cadence;
  /** The newest `retry:` of the server, milliseconds. */
  readonly retryMs: number | undefined;
  /** Attempts that failed for whatever reason. */
  readonly failures: number;
  /** Attempts that ran into the connect timeout. */
  readonly stalls: number;
  /** Milliseconds that the last answer took, where that was longer than answers are waited for at first; else 0. */
  readonly slownessMs: number;
  /** Failures in which the server had spoken. */
  readonly rebuffs: number;
  /** Answers that refuse the request. */
  readonly refusals: number;
  /** Whether the application has been asked for other credentials. */
  readonly hasRenewed: boolean;
  /** Streams that ended in good order before they had lasted. */
  readonly shortStreams: number;
  /** When the present run of 5xx answers began. */
  readonly unavailableSinceMs: number | undefined;
  /** When the application was last told that something went wrong. */
  readonly announcedMs: number | undefined;
  /** Whether the server is known to be one of ours: it greeted, or its head announced the pulse. */
  readonly isOurs: boolean;
  /** Requests, and responses that had not lasted, that fell silent. */
  readonly hollows: number;
  /**
   * Whether short responses are asked for in place of streams: `trial`, until one has brought bytes;
   * `proven`, since one has.
   */
  readonly poll: "trial" | "proven" | undefined;
  /** Attempts to stream beside the polls, since a stream has last been open for a minute. */
  readonly probes: number;
  /** When a successor was last sent for on suspicion alone. */
  readonly suspectedMs: number | undefined;
}

/** What a server says of a connection that has to be left. */
export type Announcement = "drained" | "expiring";

/**
 * How far a handover is: the next connection shall be live before this one is dropped.
 */
export type Handover = {
  /**
   * What the server has announced. `undefined` on mere suspicion, which is not shown, and which the
   * next byte of the present response ends.
   */
  readonly why: Announcement | undefined;
  /** Requests that have failed in it. */
  readonly failures: number;
} & (
  | { readonly name: "planned"; readonly atMs: number }
  /**
   * The successor's request is under way, or answered, and has brought no byte yet; the two times
   * are as in {@link Connecting}.
   */
  | { readonly name: "under-way"; readonly startedMs: number; readonly isAsking: boolean }
);

/** What an open connection knows of itself. */
interface OpenFacts {
  readonly memory: Memory;
  readonly openedMs: number;
  readonly lastByteMs: number;
  /** Whether the body has brought anything: an answer of headers alone proves nothing. */
  readonly hasData: boolean;
  /** Whether this very response announced its pulse. */
  readonly isPulseConfirmed: boolean;
  /** Whether this response began with a greeting: only then are its ids cursors. */
  readonly hasGreeted: boolean;
  readonly handover: Handover | undefined;
}

export interface Idle {
  readonly name: "idle";
  readonly reason: "not-started";
  readonly memory: Memory;
}

/** A request is under way and has not been answered. */
export interface Connecting {
  readonly name: "connecting";
  readonly reason: ConnectionReason;
  readonly memory: Memory;
  /** When the request left; while the application is asked for its headers, since when it is. */
  readonly startedMs: number;
  readonly isAsking: boolean;
}

/** The response is open and, as far as can be known, alive. */
export interface Live extends OpenFacts {
  readonly name: "live";
  readonly reason: "open" | Announcement;
}

/** Open, but silent for longer than it should be: the health warning before the loss. */
export interface Stale extends OpenFacts {
  readonly name: "stale";
  readonly reason: "silent" | "woken";
  /** When silence is taken for loss. */
  readonly lostAtMs: number;
}

/**
 * Something on the path holds streams back, so that the stream is read in short, complete responses,
 * one after the other.
 */
export interface Polling {
  readonly name: "polling";
  readonly reason: "buffered";
  readonly memory: Memory;
  /** Since when. */
  readonly openedMs: number;
  readonly lastByteMs: number;
  readonly isPulseConfirmed: boolean;
  /** Whether the present response has brought anything. */
  readonly hasData: boolean;
  /** When the newest request was made. */
  readonly startedMs: number;
  /** For how long it asks the server to wait. */
  readonly waitMs: number;
  /** Whether it is over, and the next has yet to leave. */
  readonly isOver: boolean;
  /** When that one leaves; while one is under way, when it is given up. */
  readonly dueMs: number;
  /** Whether a request for a stream is under way beside it. */
  readonly isProbing: boolean;
  /** When that is given up; while none is under way, when the next leaves. */
  readonly probeMs: number;
  /** When the newest left; before the first, when the polling began. */
  readonly probedMs: number;
}

/** Between two attempts. */
export interface Waiting {
  readonly name: "waiting";
  readonly reason: ConnectionReason;
  readonly memory: Memory;
  readonly dueMs: number;
  /** When the newest attempt was made; spaces attempts that are brought forward. */
  readonly attemptedMs: number;
  /** `path`: nobody answered, so it may be tried early. `server`: the wait is an instruction. */
  readonly track: Track;
}

/** Put aside with the page; resumes by itself. */
export interface Paused {
  readonly name: "paused";
  readonly reason: "suspended";
  readonly memory: Memory;
  /** The wait in which it was put aside, where the server has asked for it. */
  readonly wait: Waiting | undefined;
}

/** Over, in good order. Final. */
export interface Closed {
  readonly name: "closed";
  readonly reason: "application" | "complete";
}

/** Given up. Only the application leads out of it. */
export interface Failed {
  readonly name: "failed";
  readonly reason: ConnectionReason;
  readonly memory: Memory;
  readonly attemptedMs: number;
}

export type ConnectionState =
  | Idle
  | Connecting
  | Live
  | Stale
  | Polling
  | Waiting
  | Paused
  | Closed
  | Failed;

export type ConnectionStateName = ConnectionState["name"];

/** Which of the two kinds of waiting applies; SPEC.md, "Two tracks". */
export type Track = "path" | "server";

/** The head of an HTTP answer. */
export interface ResponseHead {
  readonly status: number;
  /** The `Content-Type`, as sent; empty where there is none. */
  readonly contentType: string;
  readonly retryAfterMs: number | undefined;
  /** Whether the application can be asked for other credentials. */
  readonly canRenew: boolean;
}

export type ConnectionInput =
  /** The application wants the stream. */
  | { readonly kind: "open" }
  /** The request is held back: the application is asked for its headers. */
  | ({ readonly kind: "asking" } & OfSuccessor)
  /** The application has answered, and the request leaves. */
  | ({ readonly kind: "sent" } & OfSuccessor)
  /** The application has no headers at the moment. */
  | { readonly kind: "unprepared" }
  /** The head of the response has come. */
  | ({
      readonly kind: "response";
      readonly pulse: PulseTiming | undefined;
      /** Whether it announces the pulse: the server is one of ours. */
      readonly isOurs?: boolean | undefined;
    } & ResponseHead)
  /** The same of the successor's. */
  | ({ readonly kind: "successor-response" } & ResponseHead)
  /** The first bytes of the successor's body have come, after a response that is a stream. */
  | { readonly kind: "successor-bytes"; readonly pulse: PulseTiming | undefined }
  /** The successor's request or response is over, before its first bytes. */
  | { readonly kind: "successor-broken" }
  /** Bytes of the body have come, whatever they mean. */
  | {
      readonly kind: "bytes";
      /** What they begin with, where the server's cadence shall be learned. */
      readonly sign?: ChunkSign | undefined;
    }
  /** The server greeted, and may have announced its pulse. */
  | { readonly kind: "hello"; readonly pulse: PulseTiming | undefined }
  /** A `retry:` field. */
  | { readonly kind: "retry"; readonly retryMs: number }
  /** The body ended in good order. */
  | { readonly kind: "ended" }
  /** The request or the body broke off. */
  | { readonly kind: "broken" }
  /** The request can never succeed, whatever changes. */
  | { readonly kind: "futile" }
  /** The server does not know this connection any more, although it looks open here. */
  | { readonly kind: "lease-lost" }
  /** The server says that it has written to this connection what has not come. */
  | { readonly kind: "behind" }
  /** The server will close this connection. */
  | { readonly kind: "drain"; readonly withinMs: number; readonly why: Announcement }
  /** The server says that the stream is complete. */
  | { readonly kind: "complete" }
  /** The body holds an event that is too large to read. */
  | { readonly kind: "overflow" }
  /** The deadline of the state has come. */
  | { readonly kind: "tick" }
  /** Something changed: the network is back, or another one, or the page is visible. */
  | { readonly kind: "nudge" }
  /** The page is put aside: frozen, or into the back-forward cache. */
  | { readonly kind: "suspend" }
  /** The page is back. */
  | { readonly kind: "resume" }
  /** The application wants a new attempt now. */
  | { readonly kind: "reconnect" }
  /** The application has had enough. */
  | { readonly kind: "close" };

/** Whether it is about the successor's request. */
interface OfSuccessor {
  readonly isSuccessor?: boolean | undefined;
}

export type ConnectionInputKind = ConnectionInput["kind"];

/** What the shell has to do, in order. It decides nothing itself. */
export type ConnectionEffect =
  /** Send a request, for a stream or, where `requestWaitMs` says so, for a short response. */
  | "connect"
  /** Abandon the present request or response, and a successor's; nothing more may come in. */
  | "abort"
  /** Send the successor's request, beside the present response. */
  | "connect-successor"
  /** Abandon the successor. */
  | "drop-successor"
  /** Abandon the present response, if it is not over, and go on with the successor in its place. */
  | "take-over"
  /** Tell the application that the stream is open. */
  | "announce-open"
  /** Tell the application that something went wrong; `readyState` says whether for good. */
  | "announce-error";

/** Time, chance and limits: everything that a step needs besides state and input. */
export interface ConnectionContext {
  /** Milliseconds on a clock that never goes back. */
  readonly nowMs: number;
  /** A number from 0 up to, but not including, 1. */
  readonly random: () => number;
  readonly limits: ConnectionLimits;
}

/** The numbers of a connection; `DEFAULT_LIMITS` gives the defaults and their reasons. */
export interface ConnectionLimits {
  /** Milliseconds until an unanswered request is given up, at first. */
  readonly connectTimeoutMs: number;
  /** The same, after several such requests in a row. */
  readonly maxConnectTimeoutMs: number;
  /**
   * The longest that an answer is waited for, in milliseconds, from a server that is not known to answer
   * before it has its first event.
   */
  readonly patienceMs: number;
  /** Failed attempts in a row before giving up; `Infinity` for never. */
  readonly retryLimit: number;
  /** Refusals in a row, on reconnects, before giving up. */
  readonly refusalLimit: number;
  /** How many milliseconds a connection has to last, with data, before its past is forgotten. */
  readonly provenAfterMs: number;
  /** The longest wait, in milliseconds, that the server's `retry:` may ask for. */
  readonly maxRetryMs: number;
}

export const DEFAULT_LIMITS: ConnectionLimits = {
  // With the first retry this keeps a request that hangs inside the promise of 2 s.
  connectTimeoutMs: 1700,
  // A slow path gets more time, but never so much that a path which heals while a request hangs
  // is noticed later than 5 s.
  maxConnectTimeoutMs: 3600,
  // Many servers answer with their first event; most have one in two minutes.
  patienceMs: 120_000,
  retryLimit: Number.POSITIVE_INFINITY,
  // About two minutes on the server's track: a deploy that answers 404 for a while is survived.
  refusalLimit: 8,
  // Open-then-drop must not become a tight loop.
  provenAfterMs: 5000,
  // A typing error must not silence a reader for a day.
  maxRetryMs: 30_000,
};

export const INITIAL_STATE: Idle = {
  name: "idle",
  reason: "not-started",
  memory: {
    wasLive: false,
    pulse: undefined,
    cadence: NO_CADENCE,
    retryMs: undefined,
    failures: 0,
    stalls: 0,
    slownessMs: 0,
    rebuffs: 0,
    refusals: 0,
    hasRenewed: false,
    shortStreams: 0,
    unavailableSinceMs: undefined,
    announcedMs: undefined,
    isOurs: false,
    hollows: 0,
    poll: undefined,
    probes: 0,
    suspectedMs: undefined,
  },
};

/** `EventSource.readyState` for a state: 0 connecting, 1 open, 2 closed (HTML standard, §9.2.2). */
export function readyStateOf(name: ConnectionStateName): 0 | 1 | 2 {
  if (name === "live" || name === "stale" || name === "polling") return 1;
  return name === "closed" || name === "failed" ? 2 : 0;
}
