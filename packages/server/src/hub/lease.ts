// POST /leases/<hub>/<connection>: a reader says that it is there, and learns how far the stream is, so
// that one whose bytes are held back on the way can tell. PROTOCOL.md §6.

import {
  decodeCursor,
  encodeCursor,
  type LeaseAnswer,
  RECOVERED_PARAMETER,
} from "throughline/core";
import type { HubCore } from "./core.js";
import { type HubAnswer, type HubRequest, jsonAnswer } from "./exchange.js";
import type { LeaseRenewal, PeerAnswer } from "./peers.js";
import { type Problem, problemAnswer } from "./problem.js";

/** The body is a cursor: nothing longer can be one. */
const LONGEST_BODY = 128;

/** Milliseconds that a disruption may have lasted, as clients tell it: a week in a closed laptop. */
const LONGEST_RECOVERY_MS = 604_800_000;

/** Which lease is renewed, and what the reader says beside it. */
export interface Renewal {
  readonly hubId: string;
  readonly connection: string;
  readonly query: URLSearchParams;
}

/** Answers a renewal; `undefined` where nobody is there any more to be answered. */
export async function renewLease(
  core: HubCore,
  request: HubRequest,
  { hubId: askedHubId, connection, query }: Renewal,
): Promise<HubAnswer | undefined> {
  const { hubId, connections, bodies, settings } = core;
  const isOurs = askedHubId === hubId;
  if (!isOurs && settings.peers === undefined) return problemAnswer(OTHER_HUB);
  if (isOurs && connections.find(connection) === undefined)
    return problemAnswer(UNKNOWN_CONNECTION);
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
  const recoveredMs = parseRecovered(query.get(RECOVERED_PARAMETER));
  const renewal = { connection, recoveredMs };
  const renewed = isOurs
    ? renewOwnLease(core, renewal)
    : await settings.peers?.renewLease(askedHubId, renewal);
  return answerOf(renewed);
}

/** Renews the lease of a connection of this hub, whoever was asked to. */
export function renewOwnLease(
  { connections, observer }: HubCore,
  { connection, recoveredMs }: LeaseRenewal,
): PeerAnswer {
  const subscriber = connections.find(connection);
  if (subscriber === undefined) return { kind: "unknown-connection" };
  subscriber.renewLease();
  if (recoveredMs !== undefined) {
    const { stream } = subscriber.feed;
    observer?.({ kind: "reader-recovered", connection, stream, recoveredMs });
  }
  const answer: LeaseAnswer = {
    head: encodeCursor(subscriber.feed.pointer),
    sent: encodeCursor(subscriber.position),
  };
  return { kind: "renewed", answer };
}

function answerOf(renewed: PeerAnswer | undefined): HubAnswer {
  switch (renewed?.kind) {
    case "renewed":
      return jsonAnswer(200, renewed.answer);
    case "unknown-connection":
      return problemAnswer(UNKNOWN_CONNECTION);
    default:
      return problemAnswer(OTHER_HUB);
  }
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

const UNKNOWN_CONNECTION: Problem = {
  status: 404,
  code: "unknown-connection",
  detail: "This hub does not serve that connection (any more). Connect again.",
};

/**
 * Behind one address there may be several hubs, and a renewal may reach any of them. This one does not
 * know whether the connection is alive, and says nothing of it.
 */
const OTHER_HUB: Problem = {
  status: 421,
  code: "other-hub",
  detail: "The connection belongs to another hub behind this address, or to one before this.",
};
