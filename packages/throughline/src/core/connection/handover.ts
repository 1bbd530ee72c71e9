// Make before break: the next connection is live before this one is dropped. The reader's bookmark
// drops what both of them bring, so that nothing comes twice and nothing is late.

import { classifyAnswer } from "./answer.js";
import type { ConnectionStep } from "./outcomes.js";
import { opened, REQUEST_SPACING_MS, settledMemory, stay } from "./outcomes.js";
import { serverDelayMs } from "./retry.js";
import type {
  ConnectionContext,
  ConnectionInput,
  ConnectionInputKind,
  Handover,
  Live,
  Stale,
} from "./state.js";

type InputOf<K extends ConnectionInputKind> = Extract<ConnectionInput, { readonly kind: K }>;
type Open = Live | Stale;

/** How much of the time that a server gives is used: the rest is for the successor to arrive in. */
const USED_SHARE = 0.7;

/**
 * Takes note that this connection has to be left: the handover begins at a random moment in the first
 * part of the time given, but not before the connection is a second old, so that a server which drains whoever
 * comes is not asked in a loop. One that is planned already is only brought forward.
 */
export function plan(
  state: Live,
  { withinMs, why }: InputOf<"drain">,
  { nowMs, random }: ConnectionContext,
): ConnectionStep {
  const { handover, openedMs } = state;
  if (handover?.name === "under-way") return stay(state);
  const wishedMs = Math.max(
    nowMs + random() * withinMs * USED_SHARE,
    openedMs + REQUEST_SPACING_MS,
  );
  const atMs = Math.min(wishedMs, handover?.atMs ?? wishedMs);
  return stay(planned(state, { name: "planned", why, failures: 0, atMs }));
}

/** The moment of a handover has come: its beginning, or the end of patience with the successor. */
export function advanceHandover(state: Live, context: ConnectionContext): ConnectionStep {
  const { handover } = state;
  if (handover?.name === "planned") {
    const { why, failures } = handover;
    const startedMs = context.nowMs;
    const begun: Handover = { name: "under-way", why, failures, startedMs, isAsking: false };
    return { state: { ...state, handover: begun }, effects: ["connect-successor"] };
  }
  return putOff(state, 0, context);
}

/** The application is asked for the successor's headers. */
export function holdSuccessor(
  state: Open,
  _input: ConnectionInput,
  { nowMs }: ConnectionContext,
): ConnectionStep {
  return restartClock(state, nowMs, true);
}

/** The successor's request leaves. */
export function releaseSuccessor(
  state: Open,
  _input: ConnectionInput,
  { nowMs }: ConnectionContext,
): ConnectionStep {
  return restartClock(state, nowMs, false);
}

/** The successor is answered: if not with a stream, it is of no use now. */
export function weigh(
  state: Open,
  { status, contentType, retryAfterMs }: InputOf<"successor-response">,
  context: ConnectionContext,
): ConnectionStep {
  if (classifyAnswer(status, contentType) === "stream") return stay(state);
  return putOff(state, retryAfterMs ?? 0, context);
}

/** The successor has failed. */
export function miscarry(
  state: Open,
  _input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  return putOff(state, 0, context);
}

/** The successor brings bytes: it is the connection from now on. Nobody need be told. */
export function relieve(
  state: Open,
  { pulse }: InputOf<"successor-bytes">,
  context: ConnectionContext,
): ConnectionStep {
  if (state.handover?.name !== "under-way") return stay(state);
  const next = opened(settledMemory(state, context), pulse, context.nowMs);
  return { state: { ...next, hasData: true }, effects: ["take-over"] };
}

/** Another try later, on the server's track; the present connection goes on as long as it lasts. */
function putOff(state: Open, floorMs: number, context: ConnectionContext): ConnectionStep {
  const { handover } = state;
  if (handover?.name !== "under-way") return stay(state);
  const failures = handover.failures + 1;
  const atMs =
    context.nowMs + serverDelayMs(failures, Math.max(floorMs, REQUEST_SPACING_MS), context.random);
  const later: Handover = { name: "planned", why: handover.why, failures, atMs };
  return { state: { ...state, handover: later }, effects: ["drop-successor"] };
}

function restartClock(state: Open, startedMs: number, isAsking: boolean): ConnectionStep {
  const { handover } = state;
  if (handover?.name !== "under-way") return stay(state);
  return stay({ ...state, handover: { ...handover, startedMs, isAsking } });
}

function planned(state: Live, handover: Handover): Live {
  return { ...state, reason: handover.why, handover };
}
