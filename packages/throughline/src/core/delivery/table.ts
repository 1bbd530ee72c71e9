// The whole machine: states × inputs. A missing cell does not compile.

import type {
  DeliveryContext,
  DeliveryInputKind,
  DeliveryState,
  DeliveryStateName,
} from "./state.js";
import type { DeliveryStep, InputOf } from "./transitions.js";
import {
  announceGap,
  catchFeed,
  conclude,
  cut,
  cutLive,
  deliver,
  expire,
  fallBack,
  finishLive,
  finishReplay,
  forget,
  forgetLive,
  giveUp,
  goOn,
  holdBack,
  settle,
  takeUp,
} from "./transitions.js";

type StateOf<S extends DeliveryStateName> = Extract<DeliveryState, { readonly name: S }>;

/** A transition; or nothing happens; or the shell has a bug. */
export type Cell<S extends DeliveryStateName, K extends DeliveryInputKind> =
  | ((state: StateOf<S>, input: InputOf<K>, context: DeliveryContext) => DeliveryStep)
  | "ignored"
  | "illegal";

export type DeliveryTable = {
  readonly [S in DeliveryStateName]: { readonly [K in DeliveryInputKind]: Cell<S, K> };
};

/** The table of SPEC.md. */
export const DELIVERY_TABLE: DeliveryTable = {
  replaying: {
    page: deliver,
    gap: announceGap,
    failed: giveUp,
    accepted: goOn,
    full: holdBack,
    writable: takeUp,
    advanced: catchFeed,
    finish: finishReplay,
    cut,
    flushed: "illegal",
    lost: forget,
    tick: "ignored",
  },
  live: {
    page: "illegal",
    gap: "illegal",
    failed: "illegal",
    // Being ignored here is what allows the fan-out not to report it at all.
    accepted: "ignored",
    full: fallBack,
    writable: "ignored",
    advanced: conclude,
    finish: finishLive,
    cut: cutLive,
    flushed: "illegal",
    lost: forgetLive,
    tick: "ignored",
  },
  draining: {
    page: "ignored",
    gap: "ignored",
    failed: "ignored",
    accepted: "ignored",
    full: "ignored",
    writable: "ignored",
    advanced: "ignored",
    finish: "ignored",
    cut,
    flushed: settle,
    lost: forget,
    tick: expire,
  },
  closed: {
    page: "ignored",
    gap: "ignored",
    failed: "ignored",
    accepted: "ignored",
    full: "ignored",
    writable: "ignored",
    advanced: "ignored",
    finish: "ignored",
    cut: "ignored",
    flushed: "ignored",
    lost: "ignored",
    tick: "ignored",
  },
};
