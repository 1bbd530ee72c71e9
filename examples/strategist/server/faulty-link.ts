// Forwards requests over a link that may be broken on purpose, and hands every way in which it can
// break on to the browser: a reset stays a reset, silence stays silence, an early end an early end.

import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";

/** Where the link begins. */
export interface LinkTarget {
  readonly host: string;
  readonly port: number;
}

/** Fields that belong to one hop and not to the message (RFC 9110, section 7.6.1). */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Sends `incoming` on to `target` under `path`, and the answer back.
 *
 * Every request has a connection of its own, so that what happens to it on the link happens to
 * nobody else. There is no timeout: silence is one of the faults to be shown.
 *
 * @param onUnreachable answers a request that has no answer; without it, its connection is reset
 */
export function forward(
  target: LinkTarget,
  path: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  onUnreachable: (outgoing: ServerResponse) => void = resetConnection,
): void {
  const onward = httpRequest({
    ...target,
    path,
    method: incoming.method,
    headers: withoutHopByHop(incoming.headers),
    agent: false,
  });
  onward.on("response", (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, withoutHopByHop(answer.headers));
    // An event stream shows that it is open before its first event.
    outgoing.flushHeaders();
    answer.pipe(outgoing);
    // An early end comes as an error, too; what matters of it is told by `close`.
    answer.on("error", () => {});
    answer.on("close", () => {
      if (!answer.complete) outgoing.destroy();
    });
  });
  onward.on("socket", (socket) => socket.setNoDelay(true));
  // The request itself fails where the link was reset, or never answered; an early end is not one
  // of these. There is nothing to hand on but the loss.
  onward.on("error", () => {
    if (outgoing.headersSent) resetConnection(outgoing);
    else onUnreachable(outgoing);
  });
  outgoing.on("close", () => onward.destroy());
  incoming.pipe(onward);
}

function resetConnection(outgoing: ServerResponse): void {
  outgoing.socket?.resetAndDestroy();
}

function withoutHopByHop(headers: IncomingMessage["headers"]): IncomingMessage["headers"] {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase())),
  );
}
