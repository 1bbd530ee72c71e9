// The transitions of the connection machine. Each is one verb; table.ts says where it applies, and
// SPEC.md what may come of it.

import { classifyAnswer } from "./answer.js";
import { doubtPace, learnPace } from "./cadence.js";
import { acquit, advanceHandover } from "./handover.js";
import type { ConnectionStep } from "./outcomes.js";
import {
  attemptedMs,
  connect,
  fail,
  forgetFailures,
  hasLasted,
  opened,
  REQUEST_SPACING_MS,
  retry,
  settledMemory,
  stay,
} from "./outcomes.js";
import { acceptPoll, doubt, HOLLOWS, leaveStream, suspectLate } from "./poll.js";
import { answerDueMs, handoverDueMs, pathDelayMs, retryFloorMs, slownessOf } from "./retry.js";
import type {
  Closed,
  Connecting,
  ConnectionContext,
  ConnectionEffect,
  ConnectionInput,
  ConnectionInputKind,
  ConnectionState,
  Failed,
  Idle,
  Live,
  Memory,
  Paused,
  Polling,
  Stale,
  Waiting,
} from "./state.js";
import { lostAt, sleptThrough, staleAtMs, verifyUntilMs } from "./watchdog.js";

type InputOf<K extends ConnectionInputKind> = Extract<ConnectionInput, { readonly kind: K }>;
type Open = Live | Stale;

/** Brought-forward attempts keep this distance from the attempt before, in milliseconds. */
const NUDGE_SPACING_MS = 300;

/** Short streams in a row, after which the state says so. */
const FORGIVEN_SHORT_STREAMS = 2;

/**
 * After a stream that ended before it had lasted, the next comes no sooner. More than the second
 * after which existing clients replace their source, so that two kinds of retry do not add up; and
 * with its jitter less than 2 s. Milliseconds.
 */
const SHORT_STREAM_FLOOR_MS = 1200;

/** 5xx answers count as a failing path for this long: a proxy before a restarting backend. */
const UNAVAILABLE_IS_PATH_MS = 120_000;

/** Sends the first request. */
export function begin(
  state: Idle,
  _input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  return connect("opening", state.memory, context);
}

/** Reads the head of the answer. */
export function answer(
  state: Connecting | Polling,
  input: InputOf<"response">,
  context: ConnectionContext,
): ConnectionStep {
  const meaning = classifyAnswer(input.status, input.contentType);
  if (meaning !== "stream" && isGuess(state.memory)) {
    // The parameter may be what is refused, and is not shown again. A pause that is asked for is kept.
    const memory = { ...state.memory, poll: undefined, hollows: Number.NEGATIVE_INFINITY };
    const floorMs = input.retryAfterMs;
    const after = meaning === "rate-limited" || floorMs !== undefined ? "answer" : "attempt";
    return retry(state, { memory, reason: "refused", after, floorMs }, context, ["abort"]);
  }
  switch (meaning) {
    case "stream":
      return accept(state, input, context);
    case "complete":
      return finish();
    case "unavailable":
    case "rate-limited":
      return postpone(state, meaning, input.retryAfterMs, context);
    case "gone":
      return fail("refused", state.memory, context);
    case "unauthorized":
      return input.canRenew && !state.memory.hasRenewed
        ? renew(state, context)
        : refuse(state, meaning, input.retryAfterMs, context);
    case "refused":
    case "not-a-stream":
      return refuse(state, meaning, input.retryAfterMs, context);
  }
}

/**
 * Notes that bytes have come: a suspicion is over, and past failures are forgotten once the
 * connection is proven.
 */
export function hear(
  state: Live,
  input: InputOf<"bytes">,
  context: ConnectionContext,
): ConnectionStep {
  return acquit({
    ...state,
    lastByteMs: context.nowMs,
    hasData: true,
    memory: {
      ...(hasLasted(state, context) ? forgetFailures(state.memory) : state.memory),
      ...paceAfter(state, input, context.nowMs),
    },
  });
}

/** Bytes on a stale connection: it lives after all. */
export function recover(
  state: Stale,
  input: InputOf<"bytes">,
  context: ConnectionContext,
): ConnectionStep {
  const memory = suspectLate(state, context);
  if (memory.poll !== undefined) return leaveStream(state, memory, context);
  return hear(toLive({ ...state, memory }), input, context);
}

/** Learns from the server's greeting: that it is ours, that its ids are cursors, and its pulse. */
export function greet(state: Live | Polling, { pulse }: InputOf<"hello">): ConnectionStep {
  const memory = { ...state.memory, isOurs: true };
  const met = state.name === "live" ? { ...state, hasGreeted: true } : state;
  if (pulse === undefined) return stay({ ...met, memory });
  return stay({ ...met, isPulseConfirmed: true, memory: { ...memory, pulse } });
}

/** Learns the server's `retry:`. */
export function learnRetry(state: Live | Polling, input: InputOf<"retry">): ConnectionStep {
  return stay({ ...state, memory: { ...state.memory, retryMs: input.retryMs } });
}

/** The deadline of a live connection: of its handover, or too long without a byte. */
export function watch(
  state: Live,
  _input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  const { nowMs } = context;
  const handoverMs = handoverDueMs(state.handover);
  if (handoverMs !== undefined && nowMs >= handoverMs) return advanceHandover(state, context);
  const { pulse } = state.memory;
  const silentAtMs = staleAtMs(state);
  if (pulse === undefined || silentAtMs === undefined || nowMs < silentAtMs) return stay(state);
  const lost = lostAt(state, pulse, nowMs);
  const reason = lost.slept ? "woken" : "silent";
  return stay({ ...state, name: "stale", reason, lostAtMs: lost.ms });
}

/** The deadline of a stale connection: it is lost, unless this program slept through it. */
export function giveUp(
  state: Stale,
  _input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  const { nowMs } = context;
  if (nowMs < state.lostAtMs) return stay(state);
  if (state.reason !== "woken" && sleptThrough(state.lostAtMs, nowMs)) {
    return stay({ ...state, reason: "woken", lostAtMs: verifyUntilMs(nowMs) });
  }
  const settled = settledMemory(state, context);
  // A pulse that this response has not announced itself is not held against it twice.
  const paced = state.isPulseConfirmed ? settled : { ...settled, ...doubtPace(settled) };
  const hasProven = state.hasData && hasLasted(state, context);
  // Headers alone, after an attempt that failed in another way, are as good as twice.
  const weight = !state.hasData && paced.failures > 0 ? HOLLOWS : 1;
  const memory = hasProven || !paced.isOurs ? paced : doubt(paced, weight);
  return retry(state, { memory, reason: "silent", after: "silence" }, context, ["abort"]);
}

/** The body ended in good order. */
export function reopen(
  state: Open,
  _input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  const { handover, openedMs } = state;
  const { nowMs } = context;
  const lasted = hasLasted(state, context);
  const shortStreams = lasted ? 0 : state.memory.shortStreams + 1;
  const memory = lasted ? settledMemory(state, context) : { ...state.memory, shortStreams };
  const isForgiven = shortStreams <= FORGIVEN_SHORT_STREAMS;
  // The server ended what it had announced to end, sooner than the handover began.
  if (handover?.why !== undefined && isForgiven) {
    const floorMs = openedMs + REQUEST_SPACING_MS - nowMs;
    return retry(state, { memory, reason: handover.why, after: "silence", floorMs }, context);
  }
  const floorMs = retryFloorMs(memory, context.limits);
  if (lasted) return retry(state, { memory, reason: "ended", after: "loss", floorMs }, context);
  const reason = isForgiven ? "ended" : "short-lived";
  const shortFloorMs = Math.max(floorMs, SHORT_STREAM_FLOOR_MS);
  return retry(state, { memory, reason, after: "answer", floorMs: shortFloorMs }, context);
}

/** The request broke off before it was answered. */
export function miss(
  state: Connecting,
  _input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  return retry(state, { memory: state.memory, reason: "network", after: "attempt" }, context);
}

/** The application is asked for the request's headers, and takes its time. */
export function holdBack(
  state: Connecting,
  _input: ConnectionInput,
  { nowMs }: ConnectionContext,
): ConnectionStep {
  return stay({ ...state, startedMs: nowMs, isAsking: true });
}

/** The request leaves: from now on the server is waited for. */
export function release(
  state: Connecting,
  _input: ConnectionInput,
  { nowMs }: ConnectionContext,
): ConnectionStep {
  return stay({ ...state, startedMs: nowMs, isAsking: false });
}

/** The application has no headers now; whoever gives them to it may have some later. */
export function lack(
  state: Connecting | Polling,
  _input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  return retry(state, { memory: state.memory, reason: "unauthorized", after: "attempt" }, context, [
    "abort",
  ]);
}

/** The request can never succeed. */
export function forgo(
  state: Connecting,
  _input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  return fail("unsupported", state.memory, context);
}

/** The request was not answered in time. */
export function expire(
  state: Connecting,
  _input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  if (context.nowMs < answerDueMs(state, context.limits)) return stay(state);
  const { memory } = state;
  const doubted = state.isAsking ? memory : doubt(memory);
  const stalled = { ...doubted, stalls: memory.stalls + 1 };
  return retry(state, { memory: stalled, reason: "timeout", after: "silence" }, context, ["abort"]);
}

/** The body broke off. */
export function lose(
  state: Open | Polling,
  _input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  const memory = settledMemory(state, context);
  return retry(state, { memory, reason: "network", after: "loss" }, context, ["abort"]);
}

/** The server has forgotten a connection that looks open here. */
export function disown(
  state: Open,
  _input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  const memory = settledMemory(state, context);
  return retry(state, { memory, reason: "lease-lost", after: "loss" }, context, ["abort"]);
}

/** The wait is over. */
export function retryNow(
  state: Waiting,
  _input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  if (context.nowMs < state.dueMs) return stay(state);
  return connect(state.reason, state.memory, context);
}

/** Tries early where the path failed; what the server asked for is kept. */
export function hasten(
  state: Waiting,
  _input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  if (state.track === "server") return stay(state);
  const earliestMs = state.attemptedMs + NUDGE_SPACING_MS;
  if (context.nowMs >= earliestMs) return connect(state.reason, state.memory, context);
  return stay({ ...state, dueMs: Math.min(state.dueMs, earliestMs) });
}

/** Puts the connection aside with the page. */
export function pause(
  state: Connecting | Open | Polling | Waiting,
  _input: ConnectionInput,
  _context: ConnectionContext,
): ConnectionStep {
  const { memory } = state;
  const isWaiting = state.name === "waiting";
  const wait = isWaiting && state.track === "server" ? state : undefined;
  const paused: Paused = { name: "paused", reason: "suspended", memory, wait };
  return { state: paused, effects: isWaiting ? [] : ["abort"] };
}

/** Comes back with the page; into the wait in which it was left, where that is the server's wish and not over. */
export function wake(
  { wait, memory }: Paused,
  { kind }: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  if (kind === "resume" && wait !== undefined && context.nowMs < wait.dueMs) return stay(wait);
  return connect("suspended", memory, context);
}

/**
 * Starts anew because the application asked, with a clean slate; but no sooner than a second after
 * the attempt before, because some applications ask from inside their error handler.
 */
export function restart(
  state: Connecting | Open | Polling | Waiting | Failed,
  _input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  const memory = { ...forgetFailures(state.memory), poll: undefined, probes: 0 };
  const effects: readonly ConnectionEffect[] = isUnderWay(state) ? ["abort"] : [];
  const dueMs = attemptedMs(state) + REQUEST_SPACING_MS;
  if (context.nowMs >= dueMs) return connect("requested", memory, context, effects);
  const waiting: Waiting = {
    name: "waiting",
    reason: "requested",
    memory,
    dueMs,
    attemptedMs: attemptedMs(state),
    track: "path",
  };
  return { state: waiting, effects };
}

/** The server says that nothing more will come, by `end` or by status 204. */
export function finish(): ConnectionStep {
  const closed: Closed = { name: "closed", reason: "complete" };
  return { state: closed, effects: ["abort", "announce-error"] };
}

/** An event that cannot be read would come again on every reconnect: better stop, visibly. */
export function choke(
  state: Live | Polling,
  _input: ConnectionInput,
  context: ConnectionContext,
): ConnectionStep {
  return fail("event-too-large", state.memory, context);
}

/** The application closes the connection. No event follows (HTML standard, §9.2.2, `close()`). */
export function shut(state: ConnectionState): ConnectionStep {
  const closed: Closed = { name: "closed", reason: "application" };
  return { state: closed, effects: isUnderWay(state) ? ["abort"] : [] };
}

function accept(
  state: Connecting | Polling,
  input: InputOf<"response">,
  context: ConnectionContext,
): ConnectionStep {
  const isOurs = input.isOurs === true || state.memory.isOurs;
  if (state.memory.poll !== undefined && isOurs) return acceptPoll(state, input, context);
  const tookMs = context.nowMs - state.startedMs;
  const slownessMs = isOurs ? 0 : slownessOf(tookMs, context.limits);
  const memory = { ...state.memory, isOurs, slownessMs, poll: undefined };
  return { state: opened(memory, input.pulse, context.nowMs), effects: ["announce-open"] };
}

/** Whether a short response was asked for although nobody knows whose the server is. */
function isGuess({ poll, isOurs }: Memory): boolean {
  return poll !== undefined && !isOurs;
}

/** Asks the application for other credentials, once; then the refusal stands. */
function renew(state: Connecting | Polling, { nowMs, random }: ConnectionContext): ConnectionStep {
  const waiting: Waiting = {
    name: "waiting",
    reason: "unauthorized",
    memory: { ...state.memory, stalls: 0, hasRenewed: true },
    dueMs: nowMs + pathDelayMs("silence", 1, random),
    attemptedMs: state.startedMs,
    track: "path",
  };
  return { state: waiting, effects: ["abort"] };
}

/** A temporary refusal. What a proxy says while a backend restarts counts as a failing path. */
function postpone(
  state: Connecting | Polling,
  reason: "unavailable" | "rate-limited",
  floorMs: number | undefined,
  context: ConnectionContext,
): ConnectionStep {
  const { nowMs } = context;
  const unavailableSinceMs = state.memory.unavailableSinceMs ?? nowMs;
  const isPath =
    reason === "unavailable" &&
    floorMs === undefined &&
    nowMs - unavailableSinceMs < UNAVAILABLE_IS_PATH_MS;
  const memory = { ...state.memory, stalls: 0, unavailableSinceMs };
  const after = isPath ? "attempt" : "answer";
  return retry(state, { memory, reason, after, floorMs }, context, ["abort"]);
}

/** On the first connect a refusal is final, as in the standard; later it may be a deploy. */
function refuse(
  state: Connecting | Polling,
  reason: "refused" | "unauthorized" | "not-a-stream",
  floorMs: number | undefined,
  context: ConnectionContext,
): ConnectionStep {
  const refusals = state.memory.refusals + 1;
  if (!state.memory.wasLive || refusals > context.limits.refusalLimit) {
    return fail(reason, state.memory, context);
  }
  const memory = { ...state.memory, stalls: 0, refusals };
  return retry(state, { memory, reason, after: "answer", floorMs }, context, ["abort"]);
}

function paceAfter(
  { isPulseConfirmed, lastByteMs, memory }: Live,
  { sign }: InputOf<"bytes">,
  nowMs: number,
): Partial<Memory> {
  return isPulseConfirmed || sign === undefined ? {} : learnPace(memory, nowMs - lastByteMs, sign);
}

function isUnderWay(state: ConnectionState): boolean {
  const { name } = state;
  return name === "connecting" || name === "live" || name === "stale" || name === "polling";
}

function toLive({ lostAtMs: _lostAtMs, ...facts }: Stale): Live {
  return { ...facts, name: "live", reason: facts.handover?.why ?? "open" };
}
