// The names and payloads that Throughline adds to plain Server-Sent Events. PROTOCOL.md is the
// normative text; a test holds this file against it.

import type { Cursor } from "./position.js";

/** The version of the protocol that `hello` announces. */
export const PROTOCOL_VERSION = 1;

/** Event types that begin with this belong to the protocol and never reach the application. */
export const RESERVED_PREFIX = "throughline.";

/** The reserved event types. */
export const RESERVED = {
  hello: "throughline.hello",
  heartbeat: "throughline.heartbeat",
  gap: "throughline.gap",
  drain: "throughline.drain",
  end: "throughline.end",
  renew: "throughline.renew",
  source: "throughline.source",
} as const;

/** The media type of an event stream. */
export const EVENT_STREAM = "text/event-stream";

/** The request header in which a reader shows where it stands (HTML standard, §9.2.3). */
export const LAST_EVENT_ID_HEADER = "last-event-id";

/** The query parameter that does the same where a header is impossible or costs a preflight. */
export const CURSOR_PARAMETER = "cursor";

/** The query parameter with the topics a reader wants, separated by commas. */
export const TOPICS_PARAMETER = "topics";

/** The query parameter that asks for each event's topic: its value is {@link TELL_TOPICS}. */
export const TELL_PARAMETER = "throughline-tell";

/** Asks, in the query, that events say their topics; and says so in {@link TOLD_HEADER}. */
export const TELL_TOPICS = "topics";

/** The response header which says that the events of a response say their topics. */
export const TOLD_HEADER = "throughline-told";

/**
 * The query parameter that asks for a short, complete response in place of a stream: what comes after
 * the cursor, or, where nothing does, the first that comes within so many milliseconds.
 */
export const WAIT_PARAMETER = "throughline-wait";

/**
 * The query parameter of a lease's renewal that tells how long the newest disruption lasted, from the
 * last byte before it to the first one after, in whole milliseconds.
 */
export const RECOVERED_PARAMETER = "recovered";

/**
 * The response header that announces the pulse before the first byte of the body has come, as
 * `interval=<ms>, deadline=<ms>`, so that a body that never begins is noticed too.
 */
export const PULSE_HEADER = "throughline-pulse";

/** How often the server writes when idle, and after how long a silence its reader may give up. */
export interface PulseTiming {
  /** Milliseconds between two pulses on an idle connection. */
  readonly intervalMs: number;
  /** Milliseconds without a byte after which the connection counts as dead. */
  readonly deadlineMs: number;
}

/** The pulse that a hub announces unless it is told otherwise; PROTOCOL.md §5 says why these. */
export const DEFAULT_PULSE: PulseTiming = { intervalMs: 1000, deadlineMs: 1700 };

/** How a reader's cursor was answered. There are three answers and no fourth. */
export type ResumeAnswer = "caught-up" | "replay" | "gap";

/** Payload of `throughline.hello`, the first event of every response. */
export interface Hello {
  readonly protocol: typeof PROTOCOL_VERSION;
  /** Names this connection towards the server, for the lease and for log lines. */
  readonly connection: string;
  readonly pulse: PulseTiming;
  /** Where the stream's newest event stands. */
  readonly head: Cursor;
  readonly resume: ResumeAnswer;
  /** Where and how often to renew the lease; absent where the server keeps none. */
  readonly lease?: { readonly url: string; readonly everyMs: number } | undefined;
}

/** Why events may be missing; PROTOCOL.md §7 says when each applies. */
export const GAP_REASONS = ["trimmed", "reset", "unknown-cursor", "upstream"] as const;

/** Why events are missing. */
export type GapReason = (typeof GAP_REASONS)[number];

/** Payload of `throughline.gap`: events that nobody can deliver any more. */
export interface Gap {
  /** Offset of the first missing event; `null` where that cannot be known. */
  readonly from: number | null;
  /** Offset of the last missing event, inclusive; `null` where that cannot be known. */
  readonly to: number | null;
  readonly reason: GapReason;
}

/** Payload of `throughline.source`: whether what fills the stream is heard at the moment. */
export interface Source {
  /** `stale`: what is new does not come. Nothing is said as long as it does. */
  readonly state: "live" | "stale";
  /** Why, in a word: the reason of a connection's state. */
  readonly reason: string;
}

/** Payload of `throughline.drain`: this connection will be closed; come back within the time. */
export interface Drain {
  readonly withinMs: number;
}

/** Payload of `throughline.renew`: the credentials of this connection are about to expire. */
export interface Renew {
  /** Milliseconds after which the server ends the connection. */
  readonly expiresInMs: number;
}

/** Payload of `throughline.end`: the stream is complete; do not come back. */
export interface End {
  readonly reason: string;
}

/** Payload of `throughline.renew`: what allows this connection is about to end. */
export interface Renew {
  /** Milliseconds until then; the connection is ended. */
  readonly expiresInMs: number;
}

/** Answer to a renewed lease. */
export interface LeaseAnswer {
  /** Where the stream's newest event stands. */
  readonly head: Cursor;
  /** How far the server has written to this connection. */
  readonly sent: Cursor;
}

/** Whether an event type belongs to the protocol. */
export function isReserved(type: string): boolean {
  return type.startsWith(RESERVED_PREFIX);
}

/** The value of the pulse header. The inverse of {@link parsePulseHeader}. */
export function encodePulseHeader(pulse: PulseTiming): string {
  return `interval=${pulse.intervalMs}, deadline=${pulse.deadlineMs}`;
}

/** Reads the pulse header; `undefined` where there is none or it makes no sense. */
export function parsePulseHeader(value: string | null): PulseTiming | undefined {
  const match = /^interval=([1-9]\d{0,8}), ?deadline=([1-9]\d{0,8})$/.exec(value ?? "");
  if (match === null) return undefined;
  const timing = { intervalMs: Number(match[1]), deadlineMs: Number(match[2]) };
  return isPulseTiming(timing) ? timing : undefined;
}

/** Whether a pulse can be watched: the deadline leaves room for one interval. */
export function isPulseTiming(timing: PulseTiming): boolean {
  return timing.intervalMs > 0 && timing.deadlineMs > timing.intervalMs;
}
