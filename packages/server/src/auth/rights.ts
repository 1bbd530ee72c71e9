// The claim with the rights of a token: which streams and topics may be read, which written.
//
//   { "read": ["alerts", "ward/*"], "write": [{ "stream": "reports/**", "topics": ["ward/42/**"] }] }
//
// Streams are patterns of the same kind as topics are: `*` for one segment, a last `**` for any number.

import { isTopicPattern, matchesPattern } from "throughline/core";

/** What a claim says about one wish. */
export type Right =
  | { readonly kind: "all" }
  | { readonly kind: "topics"; readonly topics: readonly string[] }
  | { readonly kind: "nothing" }
  /** The claim cannot be read, of which nothing may be concluded. */
  | { readonly kind: "malformed" };

/** More than a request's header can carry; also the hub's limit for topics. */
const MOST_ENTRIES = 1000;

interface Entry {
  readonly stream: string;
  /** `undefined`: all, and events without a topic. */
  readonly topics: readonly string[] | undefined;
}

/** What a claim allows to do with a stream. */
export function readRight(claim: unknown, action: "subscribe" | "publish", stream: string): Right {
  if (claim === undefined) return { kind: "nothing" };
  if (!isObject(claim)) return { kind: "malformed" };
  const list = claim[action === "subscribe" ? "read" : "write"];
  if (list === undefined) return { kind: "nothing" };
  if (!Array.isArray(list) || list.length > MOST_ENTRIES) return { kind: "malformed" };
  const entries = list.map(readEntry);
  if (!entries.every((entry) => entry !== undefined)) return { kind: "malformed" };
  const fitting = entries.filter((entry) => matchesPattern(entry.stream, stream));
  if (fitting.length === 0) return { kind: "nothing" };
  if (fitting.some(({ topics }) => topics === undefined)) return { kind: "all" };
  const topics = new Set(fitting.flatMap((entry) => entry.topics ?? []));
  if (topics.size === 0) return { kind: "nothing" };
  return topics.size > MOST_ENTRIES
    ? { kind: "malformed" }
    : { kind: "topics", topics: [...topics] };
}

function readEntry(entry: unknown): Entry | undefined {
  if (isPattern(entry)) return { stream: entry, topics: undefined };
  if (!isObject(entry)) return undefined;
  // A member that is not known might limit what is granted.
  if (Object.keys(entry).some((member) => member !== "stream" && member !== "topics"))
    return undefined;
  const { stream, topics } = entry;
  if (!isPattern(stream)) return undefined;
  if (topics === undefined) return { stream, topics };
  return Array.isArray(topics) && topics.every(isPattern) ? { stream, topics } : undefined;
}

function isPattern(value: unknown): value is string {
  return typeof value === "string" && isTopicPattern(value);
}

function isObject(value: unknown): value is { readonly [member: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
