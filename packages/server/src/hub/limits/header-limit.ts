// How large the head of a request may be, whatever server it came through.

import type { HubCore } from "../core.js";
import type { HubRequest, PlainAnswer } from "../exchange.js";

/** How much head a request has. */
export interface HeaderExtent {
  readonly count: number;
  /** Characters of all names and values. */
  readonly bytes: number;
}

/** The refusal of a request with too large a head; `undefined` for all others. */
export function refuseHeaders(
  { settings, refusals }: HubCore,
  request: HubRequest,
): PlainAnswer | undefined {
  const extent = request.headerExtent?.();
  if (extent === undefined) return undefined;
  const { count, bytes } = extent;
  const fits = count <= settings.maxHeaders && bytes <= settings.maxHeaderBytes;
  return fits ? undefined : refusals.headersTooLarge;
}

/** @param raw names and values in turn, as `IncomingMessage.rawHeaders` has them */
export function rawHeaderExtent(raw: readonly string[]): HeaderExtent {
  let bytes = 0;
  for (const text of raw) bytes += text.length;
  return { count: raw.length / 2, bytes };
}
