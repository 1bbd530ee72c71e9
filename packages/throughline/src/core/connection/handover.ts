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
import { staleAtMs } from "./watchdog.js";

type InputOf<K extends ConnectionInputKind> = Extract<ConnectionInput, { readonly kind: K }>;
type Open = Live | Stale;
type Planned = Extract<Handover, { readonly name: "planned" }>;

/** How much of the time that a server gives is used: the rest is for the successor to arrive in. */
const USED_SHARE = 0.7;

/**
 * A connection under suspicion has to bring a byte in so many milliseconds, however slow its pulse is:
 * recovery has to begin within 2 s.
 */
const VERIFY_WITHIN_MS = 1500;

/**
 * Successors on suspicion alone keep this distance, in milliseconds: who goes back and forth between
 * two tabs is no reason for a request each time.
 */
const SUSPICION_SPACING_MS = 5000;

const NO_PLAN = { why: undefined, failures: 0, atMs: Number.POSITIVE_INFINITY };

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
  return stay({ ...state, reason: why, handover: { name: "planned", why, failures: 0, atMs } });
}

/** The moment of a handover has come: its beginning, or the end of patience with the successor. */
export function advanceHandover(state: Live, context: ConnectionContext): ConnectionStep {
  const { handover } = state;
  if (handover?.name === "planned") return send(state, handover, context);
  return putOff(state, 0, context);
}

/**
 * Something has changed under an open connection that may not have survived it. Where the next byte is
 * overdue already a successor is sent for at once, else when it will be; if the byte comes first,
 * nothing has happened. Without a greeting nothing is done: where ids are no cursors, what two
 * responses bring would come twice.
 */
export function suspect(
  state: Open,
  _input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  const { handover, openedMs, memory } = state;
  if (!state.hasGreeted || handover?.name === "under-way") return stay(state);
  const { why, failures, atMs: plannedMs } = handover ?? NO_PLAN;
  // What a server has refused once is tried again when that plan says.
  if (failures > 0) return stay(state);
  const { nowMs } = context;
  const silentAtMs = staleAtMs(state) ?? Number.POSITIVE_INFINITY;
  const overdueMs = Math.min(silentAtMs, nowMs + VERIFY_WITHIN_MS);
  const { suspectedMs = Number.NEGATIVE_INFINITY } = memory;
  const earliestMs = Math.max(openedMs + REQUEST_SPACING_MS, suspectedMs + SUSPICION_SPACING_MS);
  const atMs = Math.min(plannedMs, Math.max(overdueMs, earliestMs));
  const next: Planned = { name: "planned", why, failures, atMs };
  if (atMs <= nowMs) return send(state, next, context);
  return stay({ ...state, handover: next });
}

/** The present response has spoken: what was planned or begun on suspicion alone is called off. */
export function acquit(state: Live): ConnectionStep {
  const { handover } = state;
  if (handover === undefined || handover.why !== undefined) return stay(state);
  const isUnderWay = handover.name === "under-way";
  const trusted: Live = { ...state, handover: undefined };
  return { state: trusted, effects: isUnderWay ? ["drop-successor"] : [] };
}

function send(
  state: Open,
  { why, failures }: Planned,
  { nowMs }: ConnectionContext,
): ConnectionStep {
  const handover: Handover = {
    name: "under-way",
    why,
    failures,
    startedMs: nowMs,
    isAsking: false,
  };
  const memory = why === undefined ? { ...state.memory, suspectedMs: nowMs } : state.memory;
  return { state: { ...state, handover, memory }, effects: ["connect-successor"] };
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
