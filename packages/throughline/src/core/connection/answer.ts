// What an HTTP answer means for a connection.

import { EVENT_STREAM } from "../protocol.js";

/** The meaning of an HTTP answer. */
export type Answer =
  /** An event stream. */
  | "stream"
  /** No content: the standard's way to say "do not come back". */
  | "complete"
  /** Temporary by definition of its status: worth another attempt, also on the first connect. */
  | "unavailable"
  /** 429: temporary, and an instruction. */
  | "rate-limited"
  /** 401: refused for lack of credentials that count. */
  | "unauthorized"
  /** The request is refused. */
  | "refused"
  /** Status 200, but something else than an event stream. */
  | "not-a-stream"
  /** 410: refused for good. */
  | "gone";

/** Statuses below 500 that are temporary. */
const TEMPORARY = [408, 425];
/** Statuses from 500 that no wait will change. */
const LASTING = [501, 505];

/**
 * Sorts an answer by status and content type.
 *
 * Only 200 can be a stream (HTML standard, §9.2.2), and the type is compared without parameters and
 * without regard to case.
 */
export function classifyAnswer(status: number, contentType: string): Answer {
  if (status === 200) return isEventStream(contentType) ? "stream" : "not-a-stream";
  if (status === 204) return "complete";
  if (status === 401) return "unauthorized";
  if (status === 410) return "gone";
  if (status === 429) return "rate-limited";
  if (TEMPORARY.includes(status)) return "unavailable";
  return status >= 500 && !LASTING.includes(status) ? "unavailable" : "refused";
}

function isEventStream(contentType: string): boolean {
  const [essence = ""] = contentType.split(";", 1);
  return essence.trim().toLowerCase() === EVENT_STREAM;
}
