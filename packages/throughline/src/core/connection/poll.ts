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
const HOLLOWS = 2;

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
 */
export function doubt(memory: Memory): Memory {
  if (memory.poll === "proven") return { ...memory, poll: "trial" };
  if (memory.poll === "trial") return { ...memory, poll: undefined, hollows: 0 };
  // Of a server that has answered before it is known whether it is one of ours.
  if (memory.wasLive && !memory.isOurs) return memory;
  const hollows = memory.hollows + 1;
  return { ...memory, hollows, poll: hollows < HOLLOWS ? undefined : "trial" };
}

/** Whether the path is under suspicion after bytes that came late. */
export function suspectLate(state: Stale, context: ConnectionContext): Memory {
  const isSuspect = state.memory.isOurs && state.reason === "silent" && !hasLasted(state, context);
  return isSuspect ? doubt(state.memory) : state.memory;
}

/** The server has written what has not come: a short response will bring it. */
export function suspect(
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
  const { memory, openedMs, lastByteMs } = opened(state.memory, pulse, nowMs);
  if (state.name === "polling") return stay({ ...state, memory });
  const polling: Polling = {
    name: "polling",
    reason: "buffered",
    memory: { ...memory, isOurs: true },
    openedMs,
    lastByteMs,
    hasData: false,
    startedMs: state.startedMs,
    waitMs: 0,
    isOver: false,
    dueMs: nowMs + limits.connectTimeoutMs,
    isProbing: false,
    probeMs: nowMs + probeDelayMs(memory.probes),
    probedMs: Number.NEGATIVE_INFINITY,
  };
  return { state: polling, effects: ["announce-open"] };
}

/** Bytes of a short response. Where they were not held back, a stream may get through again. */
export function hearPoll(
  state: Polling,
  _input: ConnectionInput,
  { nowMs, limits }: ConnectionContext,
): ConnectionStep {
  const hasProven = nowMs - state.openedMs >= limits.provenAfterMs;
  const memory = hasProven ? forgetFailures(state.memory) : state.memory;
  const heard: Polling = {
    ...state,
    memory: { ...memory, poll: "proven" },
    hasData: true,
    lastByteMs: nowMs,
    dueMs: nowMs + state.waitMs + limits.connectTimeoutMs,
  };
  return state.hasData && nowMs - state.lastByteMs >= APART_MS
    ? hastenProbe(heard, nowMs)
    : stay(heard);
}

/** Learns the pulse from a greeting: it holds for the streams to come. */
export function learnPollPulse(state: Polling, { pulse }: InputOf<"hello">): ConnectionStep {
  return stay({ ...state, memory: { ...state.memory, pulse, isOurs: true } });
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
  const isDue = context.nowMs >= dueMs;
  return isDue ? ask(state, context) : stay({ ...state, isOver: true, dueMs });
}

/** The deadline of a poll, of the pause after it, or of an attempt to stream beside it. */
export function attend(
  state: Polling,
  _input: ConnectionInput,
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
  if (isProbing) return failProbe(state, 0, context);
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
  if (isSuccessor) return stay({ ...state, probeMs: probeDueMs(context) });
  const { nowMs: startedMs, limits } = context;
  return stay({ ...state, startedMs, dueMs: startedMs + state.waitMs + limits.connectTimeoutMs });
}

/** The poll broke off. */
export function losePoll(
  state: Polling,
  _input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  const { memory } = state;
  return retry(state, { memory, reason: "network", after: "loss" }, context, ["abort"]);
}

/** A better moment to try. */
export function urgeProbe(
  state: Polling,
  _input: ConnectionInput,
  { nowMs }: ConnectionContext,
): ConnectionStep {
  return hastenProbe(state, nowMs);
}

/** The head of a stream beside the polls proves nothing, but may refuse. */
export function weighProbe(
  state: Polling,
  { status, contentType, retryAfterMs }: InputOf<"successor-response">,
  context: ConnectionContext,
): ConnectionStep {
  if (classifyAnswer(status, contentType) === "stream") return stay(state);
  return failProbe(state, retryAfterMs ?? 0, context);
}

/** The stream beside the polls has failed. */
export function missProbe(
  state: Polling,
  _input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  return failProbe(state, 0, context);
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

function ask(state: Polling, { nowMs, limits }: ConnectionContext): ConnectionStep {
  const dueMs = nowMs + WAIT_MS + limits.connectTimeoutMs;
  const asked = {
    ...state,
    startedMs: nowMs,
    waitMs: WAIT_MS,
    dueMs,
    isOver: false,
    hasData: false,
  };
  return { state: asked, effects: ["connect"] };
}

function failProbe(
  state: Polling,
  floorMs: number,
  { nowMs, random }: ConnectionContext,
): ConnectionStep {
  const probes = state.memory.probes + 1;
  const delayMs = probeDelayMs(probes) * (0.8 + 0.4 * random());
  const probeMs = nowMs + Math.max(floorMs, delayMs);
  const memory = { ...state.memory, probes };
  return { state: { ...state, memory, isProbing: false, probeMs }, effects: ["drop-successor"] };
}

function hastenProbe(state: Polling, nowMs: number): ConnectionStep {
  if (state.isProbing) return stay(state);
  const earliestMs = Math.max(nowMs, state.probedMs + HASTENED_PROBE_MS);
  return stay({ ...state, probeMs: Math.min(state.probeMs, earliestMs) });
}

function probeDelayMs(probes: number): number {
  if (probes === 0) return FIRST_PROBE_MS;
  return Math.min(PROBE_MS * 2 ** Math.min(probes - 1, 16), MOST_PROBE_MS);
}

/** An attempt to stream has to bring bytes as soon as a first answer has to come. */
function probeDueMs({ nowMs, limits }: ConnectionContext): number {
  return nowMs + limits.connectTimeoutMs;
}
