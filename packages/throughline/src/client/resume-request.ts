// How a reader shows where it stands when it comes back. PROTOCOL.md §4.

import { CURSOR_PARAMETER, LAST_EVENT_ID_HEADER } from "../core/index.js";
import type { HeaderRecord, ResumeBy } from "./types.js";

/** The request of one attempt, as far as it depends on the reader's place. */
export interface ResumeRequest {
  readonly url: string;
  readonly headers: HeaderRecord;
}

/**
 * Puts the last event id into a request.
 *
 * As a header it costs a preflight on other origins, which not every server allows and whose failure
 * looks like a broken network; as a query parameter it does not, but only a Throughline server is
 * known to read it. {@link chooseResumeBy} says which.
 */
export function resumeRequest(
  url: string,
  lastEventId: string,
  by: "header" | "query",
): ResumeRequest {
  if (lastEventId === "") return { url, headers: {} };
  return by === "query"
    ? { url: withCursor(url, lastEventId), headers: {} }
    : { url, headers: { [LAST_EVENT_ID_HEADER]: encodeUtf8(lastEventId) } };
}

/** What the choice between header and parameter depends on. */
export interface ResumeCircumstances {
  readonly resumeBy: ResumeBy;
  readonly isCrossOrigin: boolean;
  /** Whether the server is known to read the parameter. */
  readonly isOurs: boolean;
  /** Whether the request costs a preflight anyway, for the application's headers. */
  readonly isPreflighted: boolean;
  /** Whether it has ever answered a request that had the header. */
  readonly takesHeader: boolean;
  /** Requests in a row that got no answer at all. */
  readonly unanswered: number;
}

/**
 * Header or parameter. Our servers on other origins get the parameter, which costs no preflight; unless
 * there is one anyway: browsers remember its answer for one URL, which the parameter changes each time.
 *
 * Towards a server on another origin that is not known to take the header, every second request does
 * without it, because a preflight that fails would otherwise keep the reader away for ever.
 */
export function chooseResumeBy(circumstances: ResumeCircumstances): "header" | "query" {
  const { resumeBy, isCrossOrigin, isOurs, isPreflighted } = circumstances;
  const { takesHeader, unanswered } = circumstances;
  if (resumeBy !== "auto") return resumeBy;
  if (!isCrossOrigin) return "header";
  if (isOurs && !isPreflighted) return "query";
  return takesHeader || unanswered % 2 === 0 ? "header" : "query";
}

/** `url` with the cursor as its query parameter, in place of one that was there. */
export function withCursor(url: string, lastEventId: string): string {
  return withParameter(url, CURSOR_PARAMETER, lastEventId);
}

/** `url` with a query parameter, in place of one that was there. */
export function withParameter(url: string, name: string, value: string): string {
  const parsed = new URL(url);
  parsed.searchParams.set(name, value);
  return parsed.href;
}

/**
 * Header values are byte strings: an id outside of ASCII is sent as its UTF-8 bytes (HTML standard,
 * §9.2.3), one code unit for each.
 */
function encodeUtf8(text: string): string {
  let bytes = "";
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return bytes;
}
