// What a scenario is: a plan of faults and traffic, and what has to come of it. It names neither a clock nor
// a socket, so that the simulator and the real network can both play it.

import type { Fault, FlapOptions } from "../fault-proxy/index.js";
import type { DurationRange } from "./duration.js";

/** A number from 0 up to, but not including, 1. */
export type Random = () => number;

/** One plan and its expectations, as `parseScenario` reads them from text. */
export interface Scenario {
  /** Number and letter, such as `2a`. Unique among those that are played together. */
  readonly id: string;
  /** A line for people. */
  readonly title: string;
  /** How many readers there are, each with a connection of its own. */
  readonly readers: number;
  /** In the order in which they are played. */
  readonly steps: readonly ScenarioStep[];
  readonly expectations: readonly Expectation[];
}

/**
 * Where requests go astray: to a name that does not exist, or with TLS to a server without it. Connections
 * that are open go on.
 */
export type Detour = "unknown-name" | "tls-failure";

/**
 * What happens to the hub.
 *
 * - `kill`: it dies with all its connections, and without a word; what it has stored stays;
 * - `start`: it is there again, over what it had stored;
 * - `trim`: what was published up to now is removed from the stream, as retention would;
 * - `wipe`: the stream's store is emptied: it begins anew, in another epoch;
 * - `seal`: the stream is complete; nothing can be published any more.
 */
export type HubAction = "kill" | "start" | "trim" | "wipe" | "seal";

/** One thing that is done. */
export type ScenarioStep =
  /**
   * The readers connect, and are not waited for. Without such a step they connect before the first one, and
   * that one waits until they are live.
   */
  | { readonly kind: "open" }
  /** From now on an event is published every so often. */
  | { readonly kind: "publish-every"; readonly everyMs: number }
  /** From now on nothing is published. */
  | { readonly kind: "publish-nothing" }
  /** So many events are published at once, with that many bytes of text in each. */
  | { readonly kind: "publish-count"; readonly count: number; readonly bytes: number }
  /** Time passes; how much, is drawn anew in every run. */
  | { readonly kind: "wait"; readonly duration: DurationRange }
  /**
   * `struck`: until the fault that is set has struck as often as it is to. `live`: until every reader has
   * received all that has been published.
   */
  | { readonly kind: "wait-until"; readonly until: "struck" | "live" }
  /** The path is given this fault, in place of the one before. */
  | { readonly kind: "fault"; readonly fault: Fault }
  /** The path goes up and down; the step lasts as long as that does. */
  | { readonly kind: "flap"; readonly flap: FlapOptions }
  /** Requests go astray from now on; `undefined`: no longer. */
  | { readonly kind: "detour"; readonly detour: Detour | undefined }
  | { readonly kind: "hub"; readonly action: HubAction };

/** What has to be true at the end, of every reader. */
export type Expectation =
  /**
   * `detect`: from the strike until the reader's state says so. `begin`: from the strike until the first request
   * that follows it. `heal`: from the last change of the path until an event published after it was delivered.
   */
  | {
      readonly kind: "within";
      readonly what: "detect" | "begin" | "heal";
      readonly ms: number;
    }
  | { readonly kind: "nothing"; readonly what: "lost" | "repeated" | "out of order" }
  /** Nobody is told that events are missing. */
  | { readonly kind: "no-gap" }
  /** Every reader is told, truly, that events are missing. */
  | { readonly kind: "gap"; readonly reason: string | undefined }
  /** Bounds of the requests of one reader: in all, or in every stretch of time of that length. */
  | { readonly kind: "at-most"; readonly requests: number; readonly perMs: number | undefined }
  | { readonly kind: "at-least"; readonly requests: number }
  /** The state at the end. */
  | { readonly kind: "state"; readonly state: string; readonly reason: string | undefined }
  /** Some state since the strike had this reason. */
  | { readonly kind: "reason"; readonly reason: string };

/** What `expect every promise` stands for. */
export const PROMISES: readonly Expectation[] = [
  { kind: "within", what: "begin", ms: 2000 },
  { kind: "within", what: "heal", ms: 5000 },
  { kind: "nothing", what: "lost" },
  { kind: "nothing", what: "repeated" },
  { kind: "nothing", what: "out of order" },
  { kind: "no-gap" },
];
