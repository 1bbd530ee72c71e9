// What the answer to a publishing request means. PROTOCOL.md §8.

import { type Cursor, StreamError, type StreamErrorCode } from "../core/index.js";
import type { Published } from "./types.js";

/** What one attempt came to. */
export type AttemptOutcome =
  | { readonly kind: "published"; readonly published: Published }
  /** Final: to ask again would be answered in the same way. */
  | { readonly kind: "refused"; readonly error: StreamError; readonly mayBeStored: boolean }
  /** Worth another attempt, not earlier than in `floorMs`. */
  | {
      readonly kind: "failed";
      readonly error: unknown;
      readonly mayBeStored: boolean;
      readonly floorMs: number;
    };

/** The refusals of a hub that a program may want to tell apart, by their code. */
const REFUSALS: Readonly<Record<string, StreamErrorCode>> = {
  "invalid-stream": "invalid-stream",
  "invalid-event": "invalid-event",
  "event-too-large": "invalid-event",
  "batch-too-large": "invalid-event",
  "body-too-large": "invalid-event",
  "stream-sealed": "stream-sealed",
  "producer-fenced": "producer-fenced",
  "producer-out-of-order": "producer-out-of-order",
};

/** Longest sentence of a server that goes into a message. */
const LONGEST_DETAIL = 300;

/** Reads a complete answer; `floorMs` is what its `Retry-After` says. */
export function readAnswer(
  { status, text }: { readonly status: number; readonly text: string },
  eventCount: number,
  floorMs: number,
): AttemptOutcome {
  if (status === 200 || status === 201) {
    const published = readPublished(text, eventCount);
    if (published !== undefined) return { kind: "published", published };
    const message = `An answer ${status} is not that of a hub. Is something else at this address?`;
    const error = new StreamError(message, { code: "http", fault: "remote" });
    return { kind: "refused", error, mayBeStored: true };
  }
  const problem = readObject(text);
  const isTransient = status === 408 || status === 425 || status === 429 || status >= 500;
  const error = refusal(status, problem, isTransient);
  if (!isTransient) return { kind: "refused", error, mayBeStored: false };
  // These two say that nobody has looked at the request; behind any other, somebody may have.
  const mayBeStored = status !== 425 && status !== 429;
  return { kind: "failed", error, mayBeStored, floorMs };
}

function readPublished(text: string, eventCount: number): Published | undefined {
  const { cursors, duplicates = [] } = readObject(text);
  const isWhole =
    isListOf(cursors, (cursor) => typeof cursor === "string") &&
    cursors.length === eventCount &&
    isListOf(duplicates, (index) => typeof index === "number");
  if (!isWhole) return undefined;
  return { cursors: cursors as readonly Cursor[], duplicates: duplicates as readonly number[] };
}

function refusal(
  status: number,
  { code, detail, expected, got }: Readonly<Record<string, unknown>>,
  retryable: boolean,
): StreamError {
  const known = typeof code === "string" && Object.hasOwn(REFUSALS, code) ? REFUSALS[code] : "http";
  const said = [
    typeof detail === "string" && detail,
    typeof expected === "string" && `Expected ${expected}.`,
    typeof got === "string" && `Got ${got}.`,
  ].filter(Boolean);
  const reason = said.length === 0 ? "" : `: ${said.join(" ").slice(0, LONGEST_DETAIL)}`;
  return new StreamError(`The hub answered ${status}${reason}`, {
    code: known ?? "http",
    fault: known === "http" ? "remote" : "local",
    retryable,
  });
}

function isListOf(value: unknown, isItem: (item: unknown) => boolean): value is readonly unknown[] {
  return Array.isArray(value) && value.every(isItem);
}

/** The members of a JSON object; none where the text is anything else. */
function readObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    // Not JSON: the page of a proxy, or nothing.
    return {};
  }
}
