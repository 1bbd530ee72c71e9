// POST /leases/<connection>: a reader says that it is there, and learns how far the stream is, so
// that one whose bytes are held back on the way can tell. PROTOCOL.md §6.

import { decodeCursor, encodeCursor, type LeaseAnswer } from "throughline/core";
import type { HubCore } from "./core.js";
import { type HubAnswer, type HubRequest, jsonAnswer } from "./exchange.js";
import { problemAnswer } from "./problem.js";

/** The body is a cursor: nothing longer can be one. */
const LONGEST_BODY = 128;

/** Answers a renewal; `undefined` where nobody is there any more to be answered. */
export async function renewLease(
  { connections, bodies }: HubCore,
  request: HubRequest,
  connection: string,
): Promise<HubAnswer | undefined> {
  const subscriber = connections.find(connection);
  if (subscriber === undefined) {
    return problemAnswer({
      status: 404,
      code: "unknown-connection",
      detail: "This hub does not serve that connection (any more). Connect again.",
    });
  }
  const body = await bodies.read(request, LONGEST_BODY);
  if (body.kind === "refused") return body.answer;
  if (body.kind === "aborted") return undefined;
  const isCursor = body.kind === "text" && (body.text === "" || isCursorText(body.text));
  if (!isCursor) {
    return problemAnswer({
      status: 400,
      code: "invalid-cursor",
      detail: "The body of a renewal is the cursor of what was read last.",
      expected: "a cursor, or nothing",
    });
  }
  subscriber.renewLease();
  const answer: LeaseAnswer = {
    head: encodeCursor(subscriber.feed.pointer),
    sent: encodeCursor(subscriber.position),
  };
  return jsonAnswer(200, answer);
}

function isCursorText(text: string): boolean {
  return decodeCursor(text) !== undefined;
}
