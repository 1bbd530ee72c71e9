// Cursors, positions, Retry-After and the bookmark: strict where they say so, and never surprised.

import {
  advance,
  decodeCursor,
  encodeCursor,
  FRESH_BOOKMARK,
  greeted,
  isBehind,
  jump,
  parseRetryAfter,
  readBlock,
} from "throughline/core";
import type { Choices } from "../hostile/random.js";
import type { FuzzTarget } from "./target.js";

const EPOCHS = ["e", "0", "a1b2", "z".repeat(32), "z".repeat(33), "E", "", "é"] as const;
const OFFSETS = ["0", "1", "007", "9007199254740991", "9007199254740992", "-1", "1.5", ""] as const;
const DATES = ["Wed, 21 Oct 2026 07:28:00 GMT", "-1", "120", "1e3", "Sun 00:00:00", " 5 "] as const;
const TYPES = ["message", "gap", "hello", "heartbeat", "end", "source", "drain", "renew"] as const;
const PAYLOADS = [
  '{"from":1,"to":2,"reason":"trimmed"}',
  '{"from":null,"to":null,"reason":"reset"}',
  '{"reason":"upstream"}',
  '{"protocol":1,"pulse":{"intervalMs":1,"deadlineMs":2}}',
  '{"withinMs":-1}',
  "null",
  "[",
] as const;

const AN_HOUR_MS = 3_600_000;

/** The input: lines of a cursor, a type and a payload, separated by tabs. Each is read as whatever it may be. */
export const cursorTarget: FuzzTarget = {
  name: "cursor",
  generate: (choices) =>
    Array.from({ length: choices.whole(1, 6) }, () => line(choices)).join("\n"),
  judge(input) {
    const lines = input.split("\n").map((each) => each.split("\t"));
    for (const [cursor = "", , payload = ""] of lines) {
      const complaint = judgeCursor(cursor) ?? judgeRetryAfter(payload) ?? judgeRetryAfter(cursor);
      if (complaint !== undefined) return complaint;
    }
    return judgeBookmark(lines);
  },
};

function line(choices: Choices): string {
  const cursor = `${choices.pick(EPOCHS)}${choices.pick([".", ".", ".", "", ".."])}${choices.pick(OFFSETS)}`;
  const payload = choices.pick([...PAYLOADS, ...DATES]);
  return [cursor, choices.pick(TYPES), payload].join("\t");
}

function judgeCursor(text: string): string | undefined {
  const position = decodeCursor(text);
  if (position === undefined) return isBehind(text, text) ? `${text} is behind itself` : undefined;
  const again = encodeCursor(position);
  if (again !== text) return `the cursor ${text} is read as ${again}`;
  const next = encodeCursor({ ...position, offset: position.offset + 1 });
  const isLast = position.offset === Number.MAX_SAFE_INTEGER;
  if (!isLast && !isBehind(text, next)) return `${text} is not behind ${next}`;
  return isBehind(next, text) ? `${next} is behind ${text}` : undefined;
}

function judgeRetryAfter(text: string): string | undefined {
  const waitMs = parseRetryAfter(text, 1_790_000_000_000, Date.parse);
  if (waitMs === undefined || (waitMs >= 0 && waitMs <= AN_HOUR_MS)) return undefined;
  return `Retry-After ${text} is read as ${waitMs} ms`;
}

/** A bookmark never moves back but by a gap, and what it has taken is a repetition from then on. */
function judgeBookmark(lines: readonly (readonly string[])[]): string | undefined {
  let bookmark = greeted(FRESH_BOOKMARK);
  for (const [id, type = "message", data = ""] of lines) {
    const before = bookmark;
    const reserved = type === "message" ? type : `throughline.${type}`;
    const { kind } = readBlock(bookmark, { type: reserved, data, id });
    if (kind === "event" || kind === "quiet" || kind === "end") bookmark = advance(bookmark, id);
    if (kind === "gap") bookmark = jump(bookmark, id);
    const { position } = bookmark;
    const isBack = isBehind(bookmark.lastEventId, before.lastEventId);
    if (isBack && kind !== "gap") return `${type} ${id} leads back from ${before.lastEventId}`;
    if (kind !== "event" || position === undefined) continue;
    const again = readBlock(bookmark, { type: "message", data: "", id }).kind;
    if (id !== undefined && again !== "duplicate") return `${id} is an event twice`;
  }
  return undefined;
}
