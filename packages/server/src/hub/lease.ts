// POST /leases/<connection>: a reader says that it is there, and learns how far the stream is, so
// that one whose bytes are held back on the way can tell. PROTOCOL.md §6.

import {
  decodeCursor,
  encodeCursor,
  type LeaseAnswer,
  RECOVERED_PARAMETER,
} from "throughline/core";
import type { HubCore } from "./core.js";
import { type HubAnswer, type HubRequest, jsonAnswer } from "./exchange.js";
import { problemAnswer } from "./problem.js";

/** The body is a cursor: nothing longer can be one. */
const LONGEST_BODY = 128;

/** Milliseconds that a disruption may have lasted, as clients tell it: a week in a closed laptop. */
const LONGEST_RECOVERY_MS = 604_800_000;

/** Which lease is renewed, and what the reader says beside it. */
interface Renewal {
  readonly connection: string;
  readonly query: URLSearchParams;
}

/** Answers a renewal; `undefined` where nobody is there any more to be answered. */
export async function renewLease(
  { connections, bodies, observer }: HubCore,
  request: HubRequest,
  { connection, query }: Renewal,
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
  const recoveredMs = parseRecovered(query.get(RECOVERED_PARAMETER));
  if (recoveredMs !== undefined) {
    const { stream } = subscriber.feed;
    observer?.({ kind: "reader-recovered", connection, stream, recoveredMs });
  }
  const answer: LeaseAnswer = {
    head: encodeCursor(subscriber.feed.pointer),
    sent: encodeCursor(subscriber.position),
  };
  return jsonAnswer(200, answer);
}

/**
 * How long the last disruption was, as the reader measured it. What cannot be meant is passed over: a
 * lease is not refused for a statistic.
 */
function parseRecovered(text: string | null): number | undefined {
  if (text === null || !/^[0-9]{1,9}$/.test(text)) return undefined;
  const recoveredMs = Number(text);
  return recoveredMs <= LONGEST_RECOVERY_MS ? recoveredMs : undefined;
}

function isCursorText(text: string): boolean {
  return decodeCursor(text) !== undefined;
}
