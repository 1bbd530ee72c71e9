// What ties a request to the lines of a log, here and in front of the hub: its id, and its trace.

import type { HubEnvironment } from "./environment.js";
import type { HubRequest } from "./exchange.js";

/** How a request is called in answers, notices and logs. */
export interface RequestContext {
  /** What the `x-request-id` header said if it can be shown, else one of our own. */
  readonly requestId: string;
  /** The trace of a valid `traceparent` header: 32 hexadecimal digits. */
  readonly traceId?: string | undefined;
}

export const REQUEST_ID_HEADER = "x-request-id";

/** Ids of every proxy in use fit; nothing that could begin a line or a field of its own does. */
const REQUEST_ID = /^[A-Za-z0-9._~:+/=@-]{1,128}$/;

/** W3C Trace Context §3.2.2, of version 00 and of later ones, which may say more behind it. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}/;

/** Reads the context of a request from its headers. */
export function requestContext(request: HubRequest, environment: HubEnvironment): RequestContext {
  const shown = request.header(REQUEST_ID_HEADER);
  const isUsable = shown !== undefined && REQUEST_ID.test(shown);
  const requestId = isUsable ? shown : environment.newRequestId();
  const traceparent = request.header("traceparent");
  const traceId = traceparent === undefined ? undefined : TRACEPARENT.exec(traceparent)?.[1];
  return traceId === undefined ? { requestId } : { requestId, traceId };
}
