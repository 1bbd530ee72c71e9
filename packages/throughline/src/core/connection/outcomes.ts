// What a transition of the connection machine can come to, and what is remembered afterwards.

import type { PulseTiming } from "../protocol.js";
import { type PathFailure, pathDelayMs, serverDelayMs } from "./retry.js";
import type {
  Connecting,
  ConnectionContext,
  ConnectionEffect,
  ConnectionReason,
  ConnectionState,
  Failed,
  Handover,
  Live,
  Memory,
  Polling,
  Stale,
  Waiting,
} from "./state.js";

/** The result of a step: where the connection is now, and what the shell has to do, in order. */
export interface ConnectionStep {
  readonly state: ConnectionState;
  readonly effects: readonly ConnectionEffect[];
}

/** A new state and nothing to do. */
export function stay(state: ConnectionState): ConnectionStep {
  return { state, effects: [] };
}

/** A request leaves. */
export function connect(
  reason: ConnectionReason,
  memory: Memory,
  context: ConnectionContext,
  before: readonly ConnectionEffect[] = [],
): ConnectionStep {
  const startedMs = context.nowMs;
  const state: Connecting = { name: "connecting", reason, memory, startedMs, isAsking: false };
  return { state, effects: [...before, "connect"] };
}

/** A response has been accepted as the stream. */
export function opened(memory: Memory, pulse: PulseTiming | undefined, nowMs: number): Live {
  return {
    name: "live",
    reason: "open",
    openedMs: nowMs,
    lastByteMs: nowMs,
    hasData: false,
    isPulseConfirmed: pulse !== undefined,
    hasGreeted: false,
    handover: undefined,
    memory: {
      ...memory,
      wasLive: true,
      stalls: 0,
      unavailableSinceMs: undefined,
      pulse: pulse ?? memory.pulse,
    },
  };
}

/**
 * Attempts that the application or the server demands keep this distance from the attempt before, in
 * milliseconds.
 */
export const REQUEST_SPACING_MS = 1000;

/** What a retry is made of. */
export interface Retry {
  readonly memory: Memory;
  readonly reason: ConnectionReason;
  /** What the wait comes after. `answer`: the server has spoken, and its track applies. */
  readonly after: PathFailure | "answer";
  /** The server's own wish, milliseconds. Default 0. */
  readonly floorMs?: number | undefined;
}

/**
 * Attempts that fail are announced as often as by a browser, which tries every three seconds: faster
 * recovery must not exhaust the patience of applications that count errors. Milliseconds.
 */
const ANNOUNCE_EVERY_MS = 3000;

/** Counts a failure and waits, or gives up where the application has set a limit. */
export function retry(
  from: Connecting | Live | Stale | Polling,
  { memory, reason, after, floorMs = 0 }: Retry,
  context: ConnectionContext,
  before: readonly ConnectionEffect[] = [],
): ConnectionStep {
  const isOpen = from.name !== "connecting";
  if ("handover" in from && from.handover?.name === "under-way")
    return adopt(from.handover, reason, memory);
  const failures = memory.failures + 1;
  if (failures > context.limits.retryLimit) return fail("retry-limit", memory, context, before);
  const hasSpoken = after === "answer";
  const rebuffs = hasSpoken ? memory.rebuffs + 1 : memory.rebuffs;
  const { nowMs, random } = context;
  const delayMs = hasSpoken
    ? serverDelayMs(rebuffs, floorMs, random)
    : Math.max(floorMs, pathDelayMs(after, failures, random));
  // The loss of an open stream is always news; that it is still lost, now and then.
  const { announcedMs = Number.NEGATIVE_INFINITY } = memory;
  const isNews = isOpen || nowMs - announcedMs >= ANNOUNCE_EVERY_MS;
  const waiting: Waiting = {
    name: "waiting",
    reason,
    memory: { ...memory, failures, rebuffs, announcedMs: isNews ? nowMs : announcedMs },
    dueMs: nowMs + delayMs,
    attemptedMs: attemptedMs(from),
    track: hasSpoken ? "server" : "path",
  };
  return { state: waiting, effects: isNews ? [...before, "announce-error"] : before };
}

/** The stream is lost while its successor is on the way: that request is the next attempt. */
function adopt(
  { startedMs, isAsking }: Extract<Handover, { name: "under-way" }>,
  reason: ConnectionReason,
  memory: Memory,
): ConnectionStep {
  const state: Connecting = { name: "connecting", reason, memory, startedMs, isAsking };
  return { state, effects: ["take-over", "announce-error"] };
}

/** The connection is given up. */
export function fail(
  reason: ConnectionReason,
  memory: Memory,
  context: ConnectionContext,
  before: readonly ConnectionEffect[] = ["abort"],
): ConnectionStep {
  const failed: Failed = { name: "failed", reason, memory, attemptedMs: context.nowMs };
  return { state: failed, effects: [...before, "announce-error"] };
}

/** When the newest attempt of a state began, or was answered where it was. */
export function attemptedMs(state: Connecting | Live | Stale | Polling | Waiting | Failed): number {
  if (state.name === "connecting" || state.name === "polling") return state.startedMs;
  return state.name === "live" || state.name === "stale" ? state.openedMs : state.attemptedMs;
}

/** Whether an open connection is old enough to count. */
export function hasLasted(
  state: Live | Stale | Polling,
  { nowMs, limits }: ConnectionContext,
): boolean {
  return nowMs - state.openedMs >= limits.provenAfterMs;
}

/** A stream that was open for so long has shown that the path passes streams on. Milliseconds. */
const CLEAN_AFTER_MS = 60_000;

/** What a connection remembers when it breaks: data has come and it has lasted, or its past stays. */
export function settledMemory(state: Live | Stale | Polling, context: ConnectionContext): Memory {
  if (!state.hasData || !hasLasted(state, context)) return state.memory;
  const isClean = context.nowMs - state.openedMs >= CLEAN_AFTER_MS;
  return { ...forgetFailures(state.memory), probes: isClean ? 0 : state.memory.probes };
}

/** A clean slate, but for what is known of the server. */
export function forgetFailures(memory: Memory): Memory {
  return {
    ...memory,
    failures: 0,
    stalls: 0,
    rebuffs: 0,
    refusals: 0,
    hasRenewed: false,
    shortStreams: 0,
    unavailableSinceMs: undefined,
    hollows: 0,
  };
}
