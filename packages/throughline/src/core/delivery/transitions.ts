// The transitions of the delivery machine. Each is one verb; table.ts says where it applies, and
// SPEC.md what may come of it.

import { assert } from "../assert.js";
import type { Position } from "../position.js";
import type {
  Asking,
  Closed,
  DeliveryContext,
  DeliveryEffect,
  DeliveryInput,
  DeliveryInputKind,
  DeliveryState,
  Draining,
  FinishReason,
  Live,
  Replaying,
  Waiting,
} from "./state.js";

/** The result of a step: where the delivery is now, and what the shell has to do, in order. */
export interface DeliveryStep {
  readonly state: DeliveryState;
  readonly effects: readonly DeliveryEffect[];
}

export type InputOf<K extends DeliveryInputKind> = Extract<DeliveryInput, { readonly kind: K }>;

/** One object for all live subscribers: being live means having nothing of one's own. */
const LIVE: Live = { name: "live" };

/**
 * Delivers a page. One that brings nothing although the pointer says that there is something is a
 * broken log: asking again could go on for ever.
 */
export function deliver(
  state: Replaying,
  input: InputOf<"page">,
  context: DeliveryContext,
): DeliveryStep {
  assertAsked(state);
  const at: Position = { epoch: state.at.epoch, offset: input.upTo };
  if (at.offset > state.at.offset) return input.isEmpty ? proceed(at, context) : awaitVerdict(at);
  return state.awaits === "confirmation"
    ? awaitFeed(state, context)
    : end("log-failed", state.at, context);
}

/** Announces a gap, and goes on after it. A gap that leads nowhere is a broken log, as above. */
export function announceGap(
  state: Replaying,
  input: InputOf<"gap">,
  context: DeliveryContext,
): DeliveryStep {
  assertAsked(state);
  const { resumeAfter } = input;
  return isSame(resumeAfter, state.at)
    ? end("log-failed", state.at, context)
    : awaitVerdict(resumeAfter);
}

/** The sink takes more: decides what comes next. */
export function goOn(
  state: Replaying,
  _input: DeliveryInput,
  context: DeliveryContext,
): DeliveryStep {
  assert(state.awaits === "verdict", `a verdict came while the delivery awaits ${state.awaits}`);
  return proceed(state.at, context);
}

/** The sink is full. What is awaited besides a verdict (a page, the feed) is awaited still. */
export function holdBack(state: Replaying): DeliveryStep {
  return stay(state.awaits === "verdict" ? wait(state.at, "room") : state);
}

/** The sink has room again. */
export function takeUp(
  state: Replaying,
  _input: DeliveryInput,
  context: DeliveryContext,
): DeliveryStep {
  return state.awaits === "room" ? proceed(state.at, context) : stay(state);
}

/** The feed has moved: is it where this reader stands? */
export function catchFeed(
  state: Replaying,
  _input: DeliveryInput,
  context: DeliveryContext,
): DeliveryStep {
  return state.awaits === "feed" ? proceed(state.at, context) : stay(state);
}

/** A live subscriber's sink is full: it goes back to replaying, from where the pointer stands. */
export function fallBack(
  _state: Live,
  _input: DeliveryInput,
  context: DeliveryContext,
): DeliveryStep {
  return { state: wait(context.feed.pointer, "room"), effects: ["leave"] };
}

/** The feed has moved under a live subscriber, who got the events already; is there a last word? */
export function conclude(
  state: Live,
  _input: DeliveryInput,
  context: DeliveryContext,
): DeliveryStep {
  const { pointer, isSealed } = context.feed;
  return isSealed ? leaveFirst(complete(pointer, context)) : stay(state);
}

/** Ends a replay because the hub wants it. */
export function finishReplay(
  state: Replaying,
  _input: DeliveryInput,
  context: DeliveryContext,
): DeliveryStep {
  return end("requested", state.at, context);
}

/** Ends a live delivery because the hub wants it. */
export function finishLive(
  _state: Live,
  _input: DeliveryInput,
  context: DeliveryContext,
): DeliveryStep {
  return leaveFirst(end("requested", context.feed.pointer, context));
}

/** The log could not be read. */
export function giveUp(
  state: Replaying,
  _input: DeliveryInput,
  context: DeliveryContext,
): DeliveryStep {
  assertAsked(state);
  return end("log-failed", state.at, context);
}

/** Breaks off at once. */
export function cut(): DeliveryStep {
  return close("cut", ["destroy", "release"]);
}

/** Breaks a live delivery off at once. */
export function cutLive(): DeliveryStep {
  return leaveFirst(cut());
}

/** The reader is gone. */
export function forget(): DeliveryStep {
  return close("reader-left", ["release"]);
}

/** The reader of a live delivery is gone. */
export function forgetLive(): DeliveryStep {
  return leaveFirst(forget());
}

/** The last byte has been handed over. */
export function settle(state: Draining): DeliveryStep {
  return close(state.reason, ["release"]);
}

/** Cuts a reader that does not take the last bytes in time. It has its cursor, and loses nothing. */
export function expire(
  state: Draining,
  _input: DeliveryInput,
  context: DeliveryContext,
): DeliveryStep {
  if (context.nowMs < state.deadlineMs) return stay(state);
  return close("flush-timeout", ["destroy", "release"]);
}

// ---- shared steps -------------------------------------------------------------------------------

/**
 * Decides what a subscriber at `at`, whose sink has room, does next. This is the only way into the
 * live set, and the comparison is made in the very step that joins: between the two no event can
 * come, so that none is lost and none is doubled.
 */
function proceed(at: Position, context: DeliveryContext): DeliveryStep {
  const { pointer, isSealed } = context.feed;
  if (isSame(at, pointer)) {
    return isSealed ? complete(at, context) : { state: LIVE, effects: ["join"] };
  }
  const awaits = isBehind(at, pointer) ? "page" : "confirmation";
  const state: Asking = { name: "replaying", at, awaits, pointerThen: pointer };
  return { state, effects: ["request-page"] };
}

/**
 * The log knows a position that the feed has not reached: the feed will come there. Unless it has
 * moved since the log was asked, for then it may have come there, or gone elsewhere with the log.
 */
function awaitFeed({ at, pointerThen }: Asking, context: DeliveryContext): DeliveryStep {
  const { pointer, isSealed } = context.feed;
  if (!isSame(pointer, pointerThen)) return proceed(at, context);
  if (isSealed) return end("begun-anew", at, context);
  return { state: wait(at, "feed"), effects: ["watch-feed"] };
}

function awaitVerdict(at: Position): DeliveryStep {
  return { state: wait(at, "verdict"), effects: ["write"] };
}

function wait(at: Position, awaits: Waiting["awaits"]): Waiting {
  return { name: "replaying", at, awaits };
}

function complete(at: Position, context: DeliveryContext): DeliveryStep {
  const { state } = end("complete", at, context);
  return { state, effects: ["write-end", "end"] };
}

function end(reason: FinishReason, at: Position, context: DeliveryContext): DeliveryStep {
  const deadlineMs = context.nowMs + context.flushWithinMs;
  const state: Draining = { name: "draining", at, reason, deadlineMs };
  return { state, effects: ["end"] };
}

function close(reason: Closed["reason"], effects: readonly DeliveryEffect[]): DeliveryStep {
  return { state: { name: "closed", reason }, effects };
}

function leaveFirst({ state, effects }: DeliveryStep): DeliveryStep {
  return { state, effects: ["leave", ...effects] };
}

function stay(state: DeliveryState): DeliveryStep {
  return { state, effects: [] };
}

function isSame(a: Position, b: Position): boolean {
  return a.epoch === b.epoch && a.offset === b.offset;
}

function isBehind(at: Position, pointer: Position): boolean {
  return at.epoch === pointer.epoch && at.offset < pointer.offset;
}

/** An answer of the log needs a question; there is one at a time. */
function assertAsked(state: Replaying): asserts state is Asking {
  const { awaits } = state;
  const isAsked = awaits === "page" || awaits === "confirmation";
  assert(isAsked, `the log answered while the delivery awaits ${awaits}`);
}
