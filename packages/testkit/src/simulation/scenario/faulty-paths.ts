// Sets the faults of scenarios on simulated paths: what the fault proxy does to sockets, done to virtual time.

import type { Fault } from "../../fault-proxy/index.js";
import type { Conditions, Door, ProxyAnswer } from "../network/conditions.js";
import { fairConditions } from "../network/conditions.js";
import type { Path } from "../network/path.js";
import type { Cut } from "../network/relay.js";

/** Kinds of faults that have to do with bytes that are not simulated. */
const UNKNOWN: ReadonlySet<Fault["kind"]> = new Set(["gzip", "rewrite-head", "idle-timeout"]);

/** Whether a fault can be played here. */
export function canSimulate(fault: Fault): boolean {
  return !UNKNOWN.has(fault.kind);
}

/** As much as a proxy may collect that waits for the end. */
const UNTIL_CLOSE_BYTES = 64 * 1024 * 1024;

/** The path of every reader of a scenario, which all meet the same. */
export class FaultyPaths {
  /** The kind of the fault that is set. */
  kind: Fault["kind"] = "pass";
  /** When the fault that is set last changed by itself. */
  spentMs = 0;
  readonly #paths: readonly Path[];
  readonly #nowMs: () => number;
  readonly #latencyMs: number;
  #isDetoured = false;
  #door: Conditions["door"] = "open";
  #frozen: Extract<Fault, { kind: "freeze" }> | undefined;
  #strikesLeft = Number.POSITIVE_INFINITY;

  constructor(paths: readonly Path[], latencyMs: number, nowMs: () => number) {
    this.#paths = paths;
    this.#latencyMs = latencyMs;
    this.#nowMs = nowMs;
  }

  set(fault: Fault): void {
    this.#lift();
    this.kind = fault.kind;
    this.#strikesLeft = timesOf(fault);
    if (fault.kind === "freeze") this.#frozen = fault;
    this.#door = this.#doorOf(fault);
    this.#settle(fault);
    if (fault.kind === "reset") this.#end((path) => path.reset());
    if (fault.kind === "fin") this.#end((path) => path.breakOff("reset"));
    if (fault.kind === "end-cleanly") this.#end((path) => path.breakOff("end"));
    if (fault.kind === "cut") for (const path of this.#paths) path.arm(cutOf(fault));
  }

  /** Requests go astray, or no longer: a resolver or a handshake fails as a closed port does. */
  divert(isDetoured: boolean): void {
    this.#isDetoured = isDetoured;
    this.#change({ door: this.#keeper() });
  }

  /** A cut has come on one of the paths. */
  onCut(): void {
    if (this.kind === "cut") this.#strike();
  }

  #lift(): void {
    for (const path of this.#paths) {
      path.disarm();
      // Without `thaw` they stay dead, as after a NAT has forgotten them.
      if (this.#frozen !== undefined && this.#frozen.thaw !== true) path.forget();
    }
    this.#frozen = undefined;
  }

  /** Endings happen once, and leave nothing behind. */
  #end(ending: (path: Path) => void): void {
    for (const path of this.#paths) ending(path);
    this.kind = "pass";
  }

  #strike(): void {
    this.#strikesLeft -= 1;
    if (this.#strikesLeft > 0) return;
    this.set({ kind: "pass" });
    this.spentMs = this.#nowMs();
  }

  #settle(fault: Fault): void {
    this.#change({ ...fairConditions(this.#latencyMs), ...conditionsOf(fault, this.#latencyMs) });
  }

  #change(conditions: Partial<Conditions>): void {
    for (const path of this.#paths) path.change({ ...conditions, door: this.#keeper() });
  }

  #keeper(): Conditions["door"] {
    return this.#isDetoured ? "refuses" : this.#door;
  }

  #doorOf(fault: Fault): Conditions["door"] {
    switch (fault.kind) {
      case "refuse":
      case "reset-new":
        return "refuses";
      case "accept-stall":
        return "swallows";
      case "headers-only":
        return "heads-only";
      case "http-error":
      case "open-then-close":
      case "garbage": {
        let skip = fault.skip ?? 0;
        return (target): Door => {
          if (!isMeant(target, fault.path)) return "open";
          skip -= 1;
          if (skip >= 0) return "open";
          this.#strike();
          return answerOf(fault);
        };
      }
      default:
        return "open";
    }
  }
}

type Answering = Extract<Fault, { kind: "http-error" | "open-then-close" | "garbage" }>;

function isMeant(target: string, path: string | undefined): boolean {
  const [shown = ""] = target.split("?");
  if (path === undefined) return true;
  return path.endsWith("*") ? shown.startsWith(path.slice(0, -1)) : shown === path;
}

function answerOf(fault: Answering): Door {
  const headers = { "content-type": "text/event-stream" };
  if (fault.kind === "open-then-close") return { status: 200, headers };
  if (fault.kind === "http-error") return errorOf(fault);
  const { instead, bytes = 4096 } = fault;
  if (instead === "response") return "refuses";
  const body =
    instead === "line" ? `data: ${"x".repeat(bytes)}` : "\u0001?\uFFFD".repeat(bytes / 4);
  return { status: 200, headers, body };
}

function errorOf(fault: Extract<Fault, { kind: "http-error" }>): ProxyAnswer {
  const { status, retryAfter, retryAfterAs, headers = {}, body } = fault;
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  const asDate = () => new Date(Date.now() + Number(retryAfter) * 1000).toUTCString();
  const retry =
    retryAfter === undefined
      ? {}
      : { "retry-after": retryAfterAs === "date" ? asDate() : `${retryAfter}` };
  return { status, headers: { ...retry, ...Object.fromEntries(lower) }, body };
}

function timesOf(fault: Fault): number {
  if (fault.kind === "cut") return fault.times ?? 1;
  const times = "times" in fault ? fault.times : undefined;
  return times ?? Number.POSITIVE_INFINITY;
}

function cutOf({ after, plusBytes = 0, skip = 0 }: Extract<Fault, { kind: "cut" }>): Cut {
  const pattern = typeof after === "string" ? Buffer.from(after) : after;
  return { afterBytes: plusBytes, behind: { pattern, skip }, how: "reset" };
}

function conditionsOf(fault: Fault, latencyMs: number): Partial<Conditions> {
  switch (fault.kind) {
    case "freeze":
      return {
        isUpFrozen: fault.direction !== "down",
        isDownFrozen: fault.direction !== "up",
      };
    case "slow":
      return { bytesPerMs: fault.bytesPerSecond / 1000 };
    case "delay":
      return { latencyMs: latencyMs + fault.ms };
    case "buffer": {
      const bytes = fault.bytes === "until-close" ? UNTIL_CLOSE_BYTES : fault.bytes;
      return { buffering: { bytes, holdsHead: false } };
    }
    case "half-open":
      return fault.lost === "client" ? { hidesLeaving: true } : { hidesLoss: true };
    case "late-head":
      return { headDelayMs: fault.ms };
    default:
      return {};
  }
}
