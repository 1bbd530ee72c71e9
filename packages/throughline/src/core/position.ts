// Where a reader stands in a stream, and the opaque token that says so on the wire.
// PROTOCOL.md §3.

/**
 * A place in a stream: everything up to and including `offset` has been read.
 *
 * Offsets are contiguous integers; the first event of a stream has offset 1, and 0 is the place
 * before it. An `epoch` names one unbroken life of a stream: it changes whenever continuity cannot be
 * proven (the store was wiped, replaced or rolled back), so that an offset is never used twice.
 */
export interface Position {
  /** 1 to 32 characters of `[a-z0-9]`. */
  readonly epoch: string;
  /** An integer from 0 to 2^53 - 1. */
  readonly offset: number;
}

/**
 * A position as one token: the `id` of every event, and what a reader shows to resume.
 *
 * At most 49 bytes of `[a-z0-9.]`, so that no client, proxy or preflight trips over it. It carries no
 * authority: rights are checked at every connect.
 */
export type Cursor = string & { readonly __brand: "Cursor" };

/** The words a reader may show in place of a cursor: all that is stored, or only what comes next. */
export type StartPoint = "earliest" | "latest";

const EPOCH = /^[a-z0-9]{1,32}$/;
/** Canonical only: no sign, no leading zero, so that equal positions have equal cursors. */
const CURSOR = /^([a-z0-9]{1,32})\.(0|[1-9][0-9]{0,15})$/;

/** Whether `text` can be an epoch: 1 to 32 characters of `[a-z0-9]`. */
export function isEpoch(text: string): boolean {
  return EPOCH.test(text);
}

/** The cursor of a position. The inverse of {@link decodeCursor}. */
export function encodeCursor(position: Position): Cursor {
  return `${position.epoch}.${position.offset}` as Cursor;
}

/**
 * The position that a cursor stands for, or `undefined` where `text` is none.
 *
 * Strict: exactly the texts that {@link encodeCursor} makes are read, nothing else.
 */
export function decodeCursor(text: string): Position | undefined {
  const match = CURSOR.exec(text);
  if (match === null) return undefined;
  const [, epoch = "", digits = ""] = match;
  const offset = Number(digits);
  return Number.isSafeInteger(offset) ? { epoch, offset } : undefined;
}

/** Whether a reader at `cursor` has yet to read up to `other`. `false` where they cannot be compared. */
export function isBehind(cursor: string, other: unknown): boolean {
  const here = decodeCursor(cursor);
  const there = typeof other === "string" ? decodeCursor(other) : undefined;
  return here !== undefined && here.epoch === there?.epoch && here.offset < there.offset;
}
