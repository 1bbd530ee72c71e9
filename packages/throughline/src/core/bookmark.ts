// A reader's place in a stream, and what each incoming block means for it.
// event → log → delivery → wire → connection → HERE → app

import type { Position } from "./position.js";
import { decodeCursor } from "./position.js";
import type { Gap, Hello, PulseTiming, Source } from "./protocol.js";
import { GAP_REASONS, isPulseTiming, isReserved, PROTOCOL_VERSION, RESERVED } from "./protocol.js";

/** Where a reader stands, carried from one response to the next. */
export interface Bookmark {
  /** What to show as `Last-Event-ID`; empty before the first id. */
  readonly lastEventId: string;
  /** The same as a position, where it is one of ours. */
  readonly position: Position | undefined;
  /** Whether the server of the present response greeted as a Throughline server. */
  readonly isGreeted: boolean;
  /** Where the present response was asked to go on, or has gone on since; `undefined` where that is none of ours. */
  readonly asked: Position | undefined;
}

/** The bookmark of a reader that has read nothing. */
export const FRESH_BOOKMARK: Bookmark = {
  lastEventId: "",
  position: undefined,
  isGreeted: false,
  asked: undefined,
};

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
  /** The greeting, as far as a reader has use for it. */
  | {
      readonly kind: "hello";
      readonly pulse: PulseTiming | undefined;
      readonly lease: Hello["lease"];
    }
  | { readonly kind: "gap"; readonly gap: Gap }
  | { readonly kind: "drain"; readonly withinMs: number }
  | { readonly kind: "renew"; readonly expiresInMs: number }
  | { readonly kind: "end" }
  | { readonly kind: "source"; readonly source: Source }
  /** Protocol, but nothing to do: a heartbeat, or a type that this version does not know. */
  | { readonly kind: "quiet" };

/**
 * Says what a block means to a reader at `bookmark`.
 *
 * Repetition is recognised only from a server that greeted: elsewhere ids need not be cursors, nor
 * unique. A member that makes no sense counts as missing: a stream is not broken off for a malformed
 * extra.
 */
export function readBlock(bookmark: Bookmark, block: IncomingBlock): Meaning {
  if (isReserved(block.type)) return readReserved(bookmark, block);
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
  const position = decodeCursor(id);
  return { ...bookmark, lastEventId: id, position, asked: position };
}

/**
 * The bookmark at the beginning of a new response: its server has yet to greet.
 *
 * @param shownId what its request has shown: where the reader stood when that left
 */
export function turnPage(bookmark: Bookmark, shownId: string = bookmark.lastEventId): Bookmark {
  return { ...bookmark, isGreeted: false, asked: decodeCursor(shownId) };
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

function readReserved(bookmark: Bookmark, { type, data, id }: IncomingBlock): Meaning {
  const payload = parseObject(data);
  switch (type) {
    case RESERVED.hello:
      return payload["protocol"] === PROTOCOL_VERSION
        ? { kind: "hello", pulse: readPulse(payload["pulse"]), lease: readLease(payload["lease"]) }
        : { kind: "quiet" };
    case RESERVED.gap:
      if (isPassed(bookmark, id, payload["reason"])) return { kind: "duplicate" };
      return { kind: "gap", gap: withoutRead(bookmark, id, readGap(payload)) };
    case RESERVED.drain:
      return { kind: "drain", withinMs: readNumber(payload["withinMs"]) ?? 0 };
    case RESERVED.renew:
      return { kind: "renew", expiresInMs: readNumber(payload["expiresInMs"]) ?? 0 };
    case RESERVED.end:
      return { kind: "end" };
    case RESERVED.source:
      return { kind: "source", source: readSource(payload) };
    default:
      return { kind: "quiet" };
  }
}

type JsonObject = { readonly [key: string]: unknown };

function readPulse(value: unknown): PulseTiming | undefined {
  const { intervalMs, deadlineMs } = toObject(value);
  const timing = {
    intervalMs: readNumber(intervalMs) ?? 0,
    deadlineMs: readNumber(deadlineMs) ?? 0,
  };
  return isPulseTiming(timing) ? timing : undefined;
}

function readLease(value: unknown): Hello["lease"] {
  const { url, everyMs } = toObject(value);
  const ms = readNumber(everyMs);
  return typeof url === "string" && ms ? { url, everyMs: ms } : undefined;
}

function readSource({ state, reason }: JsonObject): Source {
  return { state: state === "stale" ? "stale" : "live", reason: String(reason) };
}

/** A notice that cannot be read is a notice all the same: a loss is never silent. */
function readGap({ from, to, reason }: JsonObject): Gap {
  return {
    from: readNumber(from) ?? null,
    to: readNumber(to) ?? null,
    reason: GAP_REASONS.find((known) => known === reason) ?? "upstream",
  };
}

/**
 * Whether a gap that leads back says nothing new. What a source could not tell is noted in the stream
 * itself, and may come again like an event. What was trimmed may have been on its way in the response
 * before, which went on until this one spoke; and that may have told of the new epoch as well.
 */
function isPassed(bookmark: Bookmark, id: string | undefined, reason: unknown): boolean {
  if (id === undefined || !isRepeated(bookmark, id)) return false;
  const { asked } = bookmark;
  if (reason !== "reset") return reason === "upstream" || reason === "trimmed";
  return asked !== undefined && asked.epoch !== decodeCursor(id)?.epoch;
}

/** What of a gap is missing: of what was trimmed, not what has been read meanwhile. */
function withoutRead({ position }: Bookmark, id: string | undefined, gap: Gap): Gap {
  const { from, reason } = gap;
  if (reason !== "trimmed" || from === null || position === undefined || id === undefined)
    return gap;
  if (decodeCursor(id)?.epoch !== position.epoch) return gap;
  return { ...gap, from: Math.max(from, position.offset + 1) };
}

function parseObject(text: string): JsonObject {
  try {
    return toObject(JSON.parse(text));
  } catch {
    // Not JSON: a block without members.
    return {};
  }
}

function toObject(value: unknown): JsonObject {
  return typeof value === "object" && value !== null ? (value as JsonObject) : {};
}

/** A finite number from 0. */
function readNumber(value: unknown): number | undefined {
  return Number.isFinite(value) && (value as number) >= 0 ? (value as number) : undefined;
}
