// When a step hurts, and how times are counted from it: the same in the simulator and on real sockets.

import type { Fault } from "../fault-proxy/index.js";
import type { ReaderState } from "./judge.js";
import type { ScenarioStep } from "./scenario.js";

/**
 * How a step reaches connections that are open.
 *
 * - `none`: not at all, or only what comes later: new connections, the next request, a byte to come;
 * - `at-once`: it is seen, or can be, from that moment on;
 * - `silent`: nothing tells the reader: times count from the last byte that it was sent.
 */
export type Impact = "none" | "at-once" | "silent";

/** What a step does to connections that are open. */
export function impactOf(step: ScenarioStep): Impact {
  switch (step.kind) {
    case "fault":
      return impactOfFault(step.fault);
    case "flap":
      return "at-once";
    case "hub":
      return step.action === "kill" ? "at-once" : "none";
    default:
      return "none";
  }
}

function impactOfFault(fault: Fault): Impact {
  switch (fault.kind) {
    case "end-cleanly":
    case "fin":
    case "reset":
    case "slow":
    case "delay":
      return "at-once";
    case "freeze":
      return fault.direction === "up" ? "none" : "silent";
    case "buffer":
      return "silent";
    default:
      return "none";
  }
}

/** When a step was done, and when the readers were last sent a byte before it. */
export interface StepTimes {
  readonly atMs: number;
  /** `undefined` where they were never sent one. */
  readonly lastByteMs?: number | undefined;
}

/** What has been done to a path, as far as times count from it. All times on one clock. */
export class PathHistory {
  #struckMs: number | undefined;
  #disturbedMs: number | undefined;
  #usableMs = 0;

  /**
   * When the path was first hurt: by a step that reaches open connections, else when a fault that waited for its
   * moment had it, else by whatever was done to the path at all.
   */
  get struckMs(): number {
    return this.#struckMs ?? this.#disturbedMs ?? this.#usableMs;
  }

  /** The last change of the path, whichever it was: to a path that can be used, if a scenario ends well. */
  get usableMs(): number {
    return this.#usableMs;
  }

  /** A step begins; for those that do nothing to the path nothing happens. */
  changed(step: ScenarioStep, { atMs, lastByteMs = atMs }: StepTimes): void {
    if (!changesPath(step)) return;
    this.usableFrom(atMs);
    const impact = impactOf(step);
    if (impact !== "none") this.#struckMs ??= impact === "silent" ? lastByteMs : atMs;
    else if (!mendsPath(step)) this.#disturbedMs ??= atMs;
  }

  /** A fault that waits for its moment, such as a cut, has struck. */
  struck(atMs: number): void {
    this.#struckMs ??= atMs;
  }

  /** The path changed by itself, because a fault was used up, or a step that takes time has come to its end. */
  usableFrom(atMs: number): void {
    this.#usableMs = Math.max(this.#usableMs, atMs);
  }
}

function changesPath({ kind }: ScenarioStep): boolean {
  return kind === "fault" || kind === "flap" || kind === "detour" || kind === "hub";
}

function mendsPath(step: ScenarioStep): boolean {
  if (step.kind === "fault") return step.fault.kind === "pass";
  if (step.kind === "detour") return step.detour === undefined;
  return step.kind === "hub" && step.action === "start";
}

/** What is known of one reader's way through a run; all times on one clock. */
export interface ReaderTimes {
  /** When the path was first hurt; what comes before the reader's first request counts from that. */
  readonly struckMs: number;
  /** The last change of the path. */
  readonly usableMs: number;
  readonly requestsMs: readonly number[];
  readonly states: readonly ReaderState[];
  /** When it was given an event that was published after `usableMs`, and all before it. */
  readonly healedMs: number | undefined;
}

/** The three times of a recovery. */
export function measureRecovery({ requestsMs, states, healedMs, ...path }: ReaderTimes): {
  readonly struckMs: number;
  readonly detectMs: number | undefined;
  readonly beginMs: number | undefined;
  readonly healMs: number | undefined;
} {
  const [firstMs = path.struckMs, ...laterMs] = requestsMs;
  const struckMs = Math.max(path.struckMs, firstMs);
  const liveMs = states.find(({ state }) => state === "live")?.atMs ?? Number.POSITIVE_INFINITY;
  // A reader that was never live is connecting because it began, not because something has gone wrong.
  const hasNoticed = ({ state, atMs }: ReaderState) =>
    atMs >= struckMs && state !== "live" && (state !== "connecting" || atMs > liveMs);
  return {
    struckMs,
    detectMs: since(struckMs, states.find(hasNoticed)?.atMs),
    beginMs: since(
      struckMs,
      laterMs.find((atMs) => atMs >= struckMs),
    ),
    healMs: since(Math.max(path.usableMs, firstMs), healedMs),
  };
}

function since(startMs: number, atMs: number | undefined): number | undefined {
  return atMs === undefined ? undefined : atMs - startMs;
}
