// Where something on the path holds the bytes of a stream back: how that is recognised, and how the
// stream is read in short, complete responses until the path is clean again. PROTOCOL.md §4.

import { classifyAnswer } from "./answer.js";
import type { ConnectionStep } from "./outcomes.js";
import { forgetFailures, hasLasted, opened, retry, stay } from "./outcomes.js";
import { ASK_WITHIN_MS } from "./retry.js";
import type {
  Connecting,
  ConnectionContext,
  ConnectionInput,
  ConnectionInputKind,
  ConnectionState,
  Live,
  Memory,
  Polling,
  Stale,
} from "./state.js";
import { sleptThrough, verifyUntilMs } from "./watchdog.js";

type InputOf<K extends ConnectionInputKind> = Extract<ConnectionInput, { readonly kind: K }>;

/** Answers in a row that brought nothing in time, after which a short response is asked for. */
export const HOLLOWS = 2;

/**
 * Milliseconds that the server is asked to wait for the first event. With the time that an answer may
 * take, a request that hangs still ends soon enough for a healed path to be noticed within 5 s.
 */
const WAIT_MS = 3000;

/** Polls leave at least so many milliseconds apart, however many events come. */
const SPACING_MS = 250;

/** From the beginning of polling to the first attempt to stream: it may have been a false alarm. */
const FIRST_PROBE_MS = 1000;

/** From one such attempt to the next: at first, and at most. Milliseconds. */
const PROBE_MS = 30_000;
const MOST_PROBE_MS = 600_000;

/** Attempts to stream that are brought forward keep this distance from the one before. Milliseconds. */
const HASTENED_PROBE_MS = 5000;

/** Bytes of one short response that come so far apart were not collected on the way. Milliseconds. */
const APART_MS = 500;

/** For how long the request that a state sends is to wait; `undefined`: it is for the stream. */
export function requestWaitMs(state: ConnectionState): number | undefined {
  if (state.name === "polling") return state.waitMs;
  return state.name === "connecting" && state.memory.poll !== undefined ? 0 : undefined;
}

/**
 * What is remembered when a request, or a response that had not lasted yet, has fallen silent. The
 * second in a row leads to a short response; that falls silent as well where the path is dead, and then
 * streams are tried again.
 *
 * @param weight for how many it counts
 */
export function doubt(memory: Memory, weight = 1): Memory {
  if (memory.poll === "proven") return { ...memory, poll: "trial" };
  if (memory.poll === "trial") return { ...memory, poll: undefined, hollows: 0 };
  // Of a server that has answered before it is known whether it is one of ours.
  if (memory.wasLive && !memory.isOurs) return memory;
  const hollows = memory.hollows + weight;
  return { ...memory, hollows, poll: hollows < HOLLOWS ? undefined : "trial" };
}

/**
 * Whether the path is under suspicion after bytes that came late: the first of a response, or others of it
 * before it has lasted, if there was a doubt already. What begins in time is not held back.
 */
export function suspectLate(state: Stale, context: ConnectionContext): Memory {
  const { memory, hasData, reason } = state;
  const isEarly = !hasData || (memory.hollows > 0 && !hasLasted(state, context));
  return memory.isOurs && reason === "silent" && isEarly ? doubt(memory) : memory;
}

/** The server has written what has not come: a short response will bring it. */
export function fallBack(
  state: Live | Stale,
  _input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  return leaveStream(state, { ...state.memory, poll: "trial" }, context);
}

/** Gives up an open stream for short responses. */
export function leaveStream(
  state: Live | Stale,
  memory: Memory,
  context: ConnectionContext,
): ConnectionStep {
  return retry(state, { memory, reason: "buffered", after: "silence" }, context, ["abort"]);
}

/** The head of a short response: the first begins the polling. */
export function acceptPoll(
  state: Connecting | Polling,
  { pulse }: InputOf<"response">,
  { nowMs, limits }: ConnectionContext,
): ConnectionStep {
  const { handover: _, ...facts } = opened({ ...state.memory, isOurs: true }, pulse, nowMs);
  const { memory } = facts;
  if (state.name === "polling") return stay({ ...state, memory });
  const polling: Polling = {
    ...facts,
    name: "polling",
    reason: "buffered",
    startedMs: state.startedMs,
    waitMs: 0,
    isOver: false,
    dueMs: nowMs + limits.connectTimeoutMs,
    isProbing: false,
    probeMs: nowMs + probeDelayMs(memory.probes),
    probedMs: nowMs,
  };
  return { state: polling, effects: ["announce-open"] };
}

/** Bytes of a short response. Where they were not held back, a stream may get through again. */
export function hearPoll(
  state: Polling,
  input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  const { nowMs } = context;
  const memory = hasLasted(state, context) ? forgetFailures(state.memory) : state.memory;
  const heard: Polling = {
    ...state,
    memory: { ...memory, poll: "proven" },
    hasData: true,
    lastByteMs: nowMs,
    dueMs: pollDueMs(state, context),
  };
  const isApart = state.hasData && nowMs - state.lastByteMs >= APART_MS;
  return isApart ? hastenProbe(heard, input, context) : stay(heard);
}

/** A short response is complete: the next is asked for. One without content says nothing. */
export function turn(
  state: Polling,
  _input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  if (!state.hasData) {
    const memory = doubt(state.memory);
    return retry(state, { memory, reason: "ended", after: "answer" }, context, ["abort"]);
  }
  const dueMs = state.startedMs + SPACING_MS;
  return context.nowMs < dueMs ? stay({ ...state, isOver: true, dueMs }) : ask(state, context);
}

/** The deadline of a poll, of the pause after it, or of an attempt to stream beside it. */
export function attend(
  state: Polling,
  input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  const { nowMs } = context;
  const { dueMs, isOver, isProbing, probeMs } = state;
  if (nowMs >= dueMs) {
    if (isOver) return ask(state, context);
    if (sleptThrough(dueMs, nowMs)) return stay({ ...state, dueMs: verifyUntilMs(nowMs) });
    const memory = doubt(state.memory);
    return retry(state, { memory, reason: "silent", after: "silence" }, context, ["abort"]);
  }
  if (nowMs < probeMs) return stay(state);
  if (isProbing) return missProbe(state, input, context);
  const probing = { ...state, isProbing: true, probedMs: nowMs, probeMs: probeDueMs(context) };
  return { state: probing, effects: ["connect-successor"] };
}

/** The application is asked for headers. */
export function holdPoll(
  state: Polling,
  { isSuccessor }: InputOf<"asking">,
  { nowMs }: ConnectionContext,
): ConnectionStep {
  const untilMs = nowMs + ASK_WITHIN_MS;
  return stay(isSuccessor ? { ...state, probeMs: untilMs } : { ...state, dueMs: untilMs });
}

/** The request leaves. */
export function releasePoll(
  state: Polling,
  { isSuccessor }: InputOf<"sent">,
  context: ConnectionContext,
): ConnectionStep {
  return stay(isSuccessor ? { ...state, probeMs: probeDueMs(context) } : left(state, context));
}

/** The head of a stream beside the polls proves nothing, but may refuse. */
export function weighProbe(
  state: Polling,
  head: InputOf<"successor-response">,
  context: ConnectionContext,
): ConnectionStep {
  const isStream = classifyAnswer(head.status, head.contentType) === "stream";
  return isStream ? stay(state) : missProbe(state, head, context);
}

/** The stream beside the polls has failed. */
export function missProbe(
  state: Polling,
  input: ConnectionInput,
  { nowMs, random }: ConnectionContext,
): ConnectionStep {
  const probes = state.memory.probes + 1;
  const floorMs = ("retryAfterMs" in input && input.retryAfterMs) || 0;
  const probeMs = nowMs + Math.max(floorMs, probeDelayMs(probes) * (0.8 + 0.4 * random()));
  const memory = { ...state.memory, probes };
  // A pause that the server asked for is not cut short by a better moment either.
  const probedMs = Math.max(state.probedMs, nowMs + floorMs - HASTENED_PROBE_MS);
  const failed: Polling = { ...state, memory, isProbing: false, probeMs, probedMs };
  return { state: failed, effects: ["drop-successor"] };
}

/** A better moment to try. */
export function hastenProbe(
  state: Polling,
  _input: ConnectionInput,
  { nowMs }: ConnectionContext,
): ConnectionStep {
  const earliestMs = Math.max(nowMs, state.probedMs + HASTENED_PROBE_MS);
  const probeMs = Math.min(state.probeMs, earliestMs);
  return stay(state.isProbing ? state : { ...state, probeMs });
}

/**
 * The stream beside the polls brings bytes in time: it is the connection. Until it has lasted, one silence
 * is enough to go back.
 */
export function returnToStream(
  state: Polling,
  { pulse }: InputOf<"successor-bytes">,
  { nowMs }: ConnectionContext,
): ConnectionStep {
  const { probes } = state.memory;
  const memory = { ...state.memory, poll: undefined, hollows: HOLLOWS - 1, probes: probes + 1 };
  return { state: { ...opened(memory, pulse, nowMs), hasData: true }, effects: ["take-over"] };
}

function ask(state: Polling, context: ConnectionContext): ConnectionStep {
  const waited = { ...state, waitMs: WAIT_MS, isOver: false, hasData: false };
  return { state: left(waited, context), effects: ["connect"] };
}

/** The request of a poll has left. */
function left(state: Polling, context: ConnectionContext): Polling {
  return { ...state, startedMs: context.nowMs, dueMs: pollDueMs(state, context) };
}

/** When a request is given up after which nothing comes from now on. */
function pollDueMs({ waitMs }: Polling, context: ConnectionContext): number {
  return probeDueMs(context) + waitMs;
}

function probeDelayMs(probes: number): number {
  if (probes === 0) return FIRST_PROBE_MS;
  return Math.min(PROBE_MS * 2 ** Math.min(probes - 1, 16), MOST_PROBE_MS);
}

/** An attempt to stream has to bring bytes as soon as a first answer has to come. */
function probeDueMs({ nowMs, limits }: ConnectionContext): number {
  return nowMs + limits.connectTimeoutMs;
}
