// The steps that many cases take, and the comparisons they make.

import { strict as assert } from "node:assert";
import type {
  AppendResult,
  EventLog,
  EventsPage,
  NewEvent,
  ReadOptions,
  ReadResult,
  StoredEvent,
  StreamName,
} from "@throughline/server/log";
import { type Position, StreamError, type StreamErrorCode } from "throughline/core";

/** Limits that no case comes near. */
export const AMPLE = { limit: 100_000, maxBytes: 64 * 1024 * 1024 };

/** So many events, whose data say which they are: `1`, `2`, … or from another number on. */
export function numbered(count: number, from = 1): readonly NewEvent[] {
  return Array.from({ length: count }, (_, index) => ({ data: `${from + index}` }));
}

/** The integers from one to the other, both inclusive. */
export function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}

/** The offsets of events. */
export function offsetsOf(events: readonly StoredEvent[]): readonly number[] {
  return events.map((event) => event.offset);
}

/** The data of events. */
export function dataOf(events: readonly NewEvent[]): readonly string[] {
  return events.map((event) => event.data);
}

/** Where the first event of a batch came to stand. */
export function firstOf(result: AppendResult): Position {
  return positionAt(result, 0);
}

/** Where the last event of a batch came to stand. */
export function lastOf(result: AppendResult): Position {
  return positionAt(result, -1);
}

function positionAt({ epoch, events }: AppendResult, index: number): Position {
  const appended = events.at(index);
  assert(appended !== undefined, "an append answered with no events");
  return { epoch, offset: appended.offset };
}

/** The answer to an append as text: the offsets of its events, `=` before those of duplicates. */
export function outcomeOf({ events }: AppendResult): string {
  return events.map(({ offset, isDuplicate }) => `${isDuplicate ? "=" : ""}${offset}`).join(" ");
}

/** Why a call was refused, as text, so that it can be compared with what was expected instead. */
export function refusalOf(error: unknown): string {
  assert(error instanceof StreamError, `expected a StreamError, got ${String(error)}`);
  return error.code;
}

/**
 * Reads a page that must not be a gap. Without options it is everything from the first event on.
 */
export async function readPage(
  log: EventLog,
  stream: StreamName,
  options: Partial<ReadOptions> = {},
): Promise<EventsPage> {
  const result = await log.read(stream, { after: 0, ...AMPLE, ...options });
  assert.equal(result.kind, "events", `expected events, got ${describe(result)}`);
  return result as EventsPage;
}

/** Reads everything after an offset, page by page, until a page is empty. */
export async function readInPages(
  log: EventLog,
  stream: StreamName,
  options: { readonly limit?: number; readonly maxBytes?: number },
): Promise<readonly EventsPage[]> {
  const pages: EventsPage[] = [];
  let after = 0;
  for (;;) {
    const page = await readPage(log, stream, { after, ...options });
    const last = page.events.at(-1);
    if (last === undefined) return pages;
    assert(last.offset > after, `a page after ${after} ended at ${last.offset}: it goes back`);
    after = last.offset;
    pages.push(page);
  }
}

/**
 * Asserts that two answers say the same, where a field that is absent and one without value are
 * one.
 */
export function assertAlike(actual: unknown, expected: unknown, message?: string): void {
  assert.deepEqual(withoutAbsent(actual), withoutAbsent(expected), message);
}

function withoutAbsent(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** Asserts that a call is refused with a `StreamError` of this code. */
export async function assertRefused(
  call: () => Promise<unknown>,
  code: StreamErrorCode,
  what: string,
): Promise<void> {
  let outcome: unknown;
  try {
    outcome = await call();
  } catch (error) {
    assert(error instanceof StreamError, `${what}: expected a StreamError, got ${String(error)}`);
    assert.equal(error.code, code, `${what}: refused with another code`);
    return;
  }
  assert.fail(`${what}: expected "${code}", but it resolved with ${JSON.stringify(outcome)}`);
}

/** Asserts that a read is answered with the notice that exactly these events were trimmed. */
export function assertTrimmed(
  result: ReadResult,
  expected: { readonly from: number; readonly to: number; readonly epoch: string },
): void {
  const { from, to, epoch } = expected;
  assert.equal(describe(result), `gap trimmed ${from}-${to}, resume after ${epoch}.${to}`);
}

/** Asserts that a read is answered with a reset that lets the reader go on at this position. */
export function assertReset(
  result: ReadResult,
  resumeAfter: { readonly epoch: string; readonly offset: number },
): void {
  const { epoch, offset } = resumeAfter;
  assert.equal(describe(result), `gap reset null-null, resume after ${epoch}.${offset}`);
}

function describe(result: ReadResult): string {
  if (result.kind === "events") return `events ${offsetsOf(result.events).join(",")}`;
  const { epoch, offset } = result.resumeAfter;
  const missing = `${result.from}-${result.to}`;
  return `gap ${result.reason} ${missing}, resume after ${epoch}.${offset}`;
}
