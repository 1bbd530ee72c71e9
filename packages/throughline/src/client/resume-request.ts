// How a reader shows where it stands when it comes back. PROTOCOL.md §4.

import type { Bookmark } from "../core/index.js";
import { CURSOR_PARAMETER, LAST_EVENT_ID_HEADER } from "../core/index.js";
import type { ResumeBy } from "./types.js";

/** The request of one attempt, as far as it depends on the reader's place. */
export interface ResumeRequest {
  readonly url: string;
  readonly headers: Record<string, string>;
}

/**
 * Puts the last event id into a request.
 *
 * As a header it costs a preflight on other origins, which not every server allows; there a server
 * known to be a Throughline takes it as a query parameter. A server of another kind elsewhere gets
 * the header, because it knows no parameter.
 */
export function resumeRequest(
  url: string,
  bookmark: Pick<Bookmark, "lastEventId">,
  how: { readonly resumeBy: ResumeBy; readonly isCrossOrigin: boolean; readonly isOurs: boolean },
): ResumeRequest {
  const { lastEventId } = bookmark;
  if (lastEventId === "") return { url, headers: {} };
  const byQuery =
    how.resumeBy === "query" || (how.resumeBy === "auto" && how.isCrossOrigin && how.isOurs);
  return byQuery
    ? { url: withCursor(url, lastEventId), headers: {} }
    : { url, headers: { [LAST_EVENT_ID_HEADER]: encodeUtf8(lastEventId) } };
}

/** `url` with the cursor as its query parameter, in place of one that was there. */
export function withCursor(url: string, lastEventId: string): string {
  const parsed = new URL(url);
  parsed.searchParams.set(CURSOR_PARAMETER, lastEventId);
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
