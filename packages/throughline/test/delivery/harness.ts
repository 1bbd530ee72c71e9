// Single states, inputs and contexts of the delivery machine.

import type {
  DeliveryContext,
  DeliveryInput,
  DeliveryState,
  DeliveryStateName,
  DeliveryStep,
  Position,
} from "throughline/core";
import { beginDelivery, stepDelivery } from "throughline/core";

export type Replaying = Extract<DeliveryState, { name: "replaying" }>;
export type Awaited = Replaying["awaits"];

export function at(offset: number, epoch = "a"): Position {
  return { epoch, offset };
}

/** A context whose feed stands at 10 of epoch `a`, at 1000 ms. */
export function contextWith(
  options: { pointer?: Position; isSealed?: boolean; nowMs?: number } = {},
): DeliveryContext {
  const { pointer = at(10), isSealed = false, nowMs = 1000 } = options;
  return { nowMs, flushWithinMs: 500, feed: { pointer, isSealed } };
}

/** A replaying state; where the log has been asked, it was while the feed stood at 10. */
export function replaying(
  awaits: Awaited,
  position: Position = at(5),
  pointerThen = at(10),
): Replaying {
  return awaits === "page" || awaits === "confirmation"
    ? { name: "replaying", at: position, awaits, pointerThen }
    : { name: "replaying", at: position, awaits };
}

export const LIVE: DeliveryState = stepDelivery(
  beginDelivery(at(10)),
  { kind: "accepted" },
  contextWith(),
).state;

export const DRAINING: DeliveryState = {
  name: "draining",
  at: { epoch: "a", offset: 10 },
  reason: "requested",
  deadlineMs: 1500,
};

export const CLOSED: DeliveryState = { name: "closed", reason: "cut" };

/** Inputs that need no more than their kind, and the others with something plausible. */
export function inputOf(kind: DeliveryInput["kind"]): DeliveryInput {
  switch (kind) {
    case "page":
      return { kind, upTo: 7, isEmpty: false };
    case "gap":
      return { kind, resumeAfter: at(8) };
    default:
      return { kind };
  }
}

/** A state in which the input can come, if there is one. */
export function stateFor(name: DeliveryStateName, kind: DeliveryInput["kind"]): DeliveryState {
  switch (name) {
    case "replaying":
      return replaying(AWAITED_FOR[kind] ?? "page");
    case "live":
      return LIVE;
    case "draining":
      return DRAINING;
    case "closed":
      return CLOSED;
  }
}

const AWAITED_FOR: Partial<Record<DeliveryInput["kind"], Awaited>> = {
  accepted: "verdict",
  full: "verdict",
  writable: "room",
  advanced: "feed",
};

export function step(
  state: DeliveryState,
  input: DeliveryInput | Exclude<DeliveryInput["kind"], "page" | "gap">,
  context: DeliveryContext = contextWith(),
): DeliveryStep {
  return stepDelivery(state, typeof input === "string" ? { kind: input } : input, context);
}
