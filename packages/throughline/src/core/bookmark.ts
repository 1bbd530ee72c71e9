// A reader's place in a stream, and what each incoming block means for it.
// event → log → delivery → wire → connection → HERE → app

import type { Cursor, Position } from "./position.js";
import { decodeCursor } from "./position.js";
import type { Drain, End, Gap, GapReason, Hello, ResumeAnswer } from "./protocol.js";
import { isPulseTiming, isReserved, PROTOCOL_VERSION, RESERVED } from "./protocol.js";

/** Where a reader stands, carried from one response to the next. */
export interface Bookmark {
  /** What to show as `Last-Event-ID`; empty before the first id. */
  readonly lastEventId: string;
  /** The same as a position, where it is one of ours. */
  readonly position: Position | undefined;
  /** Whether the server of the present response greeted as a Throughline server. */
  readonly isGreeted: boolean;
}

/** The bookmark of a reader that has read nothing. */
export const FRESH_BOOKMARK: Bookmark = { lastEventId: "", position: undefined, isGreeted: false };

/** A block of the stream, as far as a bookmark is concerned; see `ParsedEvent`. */
export interface IncomingBlock {
  readonly type: string;
  readonly data: string;
  /** The id of this very block; `undefined` where it has none. */
  readonly id: string | undefined;
}

/** What a block is to the reader. */
export type Meaning =
  /** An event for the application. */
  | { readonly kind: "event" }
  /** An event that the application has had. */
  | { readonly kind: "duplicate" }
  | { readonly kind: "hello"; readonly hello: Hello }
  | { readonly kind: "gap"; readonly gap: Gap }
  | { readonly kind: "drain"; readonly drain: Drain }
  | { readonly kind: "end"; readonly end: End }
  /** Protocol, but nothing to do: a heartbeat, or a type that this version does not know. */
  | { readonly kind: "quiet" };

/**
 * Says what a block means to a reader at `bookmark`.
 *
 * Repetition is recognised only from a server that greeted: elsewhere ids need not be cursors, nor
 * unique. A reserved block whose payload makes no sense is `quiet`: a stream is not broken off for a
 * malformed extra.
 */
export function readBlock(bookmark: Bookmark, block: IncomingBlock): Meaning {
  if (isReserved(block.type)) return readReserved(block);
  return isRepeated(bookmark, block.id) ? { kind: "duplicate" } : { kind: "event" };
}

/**
 * The bookmark after a block has been dealt with: after the application took the event, never
 * before. It does not move backwards inside one epoch.
 */
export function advance(bookmark: Bookmark, id: string | undefined): Bookmark {
  if (id === undefined || id === bookmark.lastEventId || isRepeated(bookmark, id)) return bookmark;
  return { ...bookmark, lastEventId: id, position: decodeCursor(id) };
}

/**
 * The bookmark after a gap: where the server says that delivery goes on, be it before the old place,
 * as after a log that was rolled back.
 */
export function jump(bookmark: Bookmark, id: string | undefined): Bookmark {
  if (id === undefined) return bookmark;
  return { ...bookmark, lastEventId: id, position: decodeCursor(id) };
}

/** The bookmark at the beginning of a new response: its server has yet to greet. */
export function turnPage(bookmark: Bookmark): Bookmark {
  return bookmark.isGreeted ? { ...bookmark, isGreeted: false } : bookmark;
}

/** The bookmark after the server's greeting. */
export function greeted(bookmark: Bookmark): Bookmark {
  return { ...bookmark, isGreeted: true };
}

function isRepeated({ isGreeted, position }: Bookmark, id: string | undefined): boolean {
  if (!isGreeted || position === undefined || id === undefined) return false;
  const shown = decodeCursor(id);
  return shown !== undefined && shown.epoch === position.epoch && shown.offset <= position.offset;
}

function readReserved({ type, data }: IncomingBlock): Meaning {
  const payload = parseObject(data);
  if (payload === undefined) return { kind: "quiet" };
  switch (type) {
    case RESERVED.hello: {
      const hello = parseHello(payload);
      return hello === undefined ? { kind: "quiet" } : { kind: "hello", hello };
    }
    case RESERVED.gap: {
      const gap = parseGap(payload);
      return gap === undefined ? { kind: "quiet" } : { kind: "gap", gap };
    }
    case RESERVED.drain: {
      const withinMs = parseMs(payload["withinMs"]);
      return withinMs === undefined ? { kind: "quiet" } : { kind: "drain", drain: { withinMs } };
    }
    case RESERVED.end: {
      const { reason } = payload;
      return { kind: "end", end: { reason: typeof reason === "string" ? reason : "complete" } };
    }
    default:
      return { kind: "quiet" };
  }
}

type JsonObject = { readonly [key: string]: unknown };

function parseHello(payload: JsonObject): Hello | undefined {
  const { protocol, connection, head, resume, lease } = payload;
  const pulse = parsePulse(payload["pulse"]);
  if (protocol !== PROTOCOL_VERSION || typeof connection !== "string" || pulse === undefined) {
    return undefined;
  }
  if (typeof head !== "string" || decodeCursor(head) === undefined || !isResumeAnswer(resume)) {
    return undefined;
  }
  return {
    protocol: PROTOCOL_VERSION,
    connection,
    pulse,
    head: head as Cursor,
    resume,
    lease: parseLease(lease),
  };
}

function parsePulse(value: unknown): Hello["pulse"] | undefined {
  if (!isObject(value)) return undefined;
  const intervalMs = parseMs(value["intervalMs"]);
  const deadlineMs = parseMs(value["deadlineMs"]);
  if (intervalMs === undefined || deadlineMs === undefined) return undefined;
  const timing = { intervalMs, deadlineMs };
  return isPulseTiming(timing) ? timing : undefined;
}

function parseLease(value: unknown): Hello["lease"] {
  if (!isObject(value)) return undefined;
  const { url } = value;
  const everyMs = parseMs(value["everyMs"]);
  return typeof url === "string" && everyMs !== undefined && everyMs > 0
    ? { url, everyMs }
    : undefined;
}

function parseGap(payload: JsonObject): Gap | undefined {
  const { reason } = payload;
  if (!isGapReason(reason)) return undefined;
  return { from: parseOffset(payload["from"]), to: parseOffset(payload["to"]), reason };
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    // Not JSON: the caller treats the block as having no payload.
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null;
}

function parseMs(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function parseOffset(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

function isGapReason(value: unknown): value is GapReason {
  return (
    value === "trimmed" || value === "reset" || value === "unknown-cursor" || value === "upstream"
  );
}

function isResumeAnswer(value: unknown): value is ResumeAnswer {
  return value === "caught-up" || value === "replay" || value === "gap";
}
