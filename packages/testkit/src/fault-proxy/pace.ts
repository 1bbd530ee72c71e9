// When bytes that wait inside the proxy may go on: the part of a fault that is a matter of time and
// amount. Time is an argument, so that every rule can be tested without waiting.

import type { Direction, LastingFault } from "./fault.js";
import { isFrozen } from "./fault.js";

/** What waits at the head of a lane, and how much stands behind it. */
export interface Waiting {
  /** Bytes at the head that are of one sort; 0 stands for the end of the connection. */
  readonly bytes: number;
  readonly part: "head" | "framing" | "payload";
  /** When they came. */
  readonly arrivedAtMs: number;
  /** All bytes that wait, these included. */
  readonly queuedBytes: number;
  /** How many of them belong to messages that have come to their end. */
  readonly completeBytes: number;
}

/** How much of what waits may go now: so many bytes, or none before so many ms have passed, or none. */
export type Permit =
  | { readonly kind: "go"; readonly bytes: number }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "hold" };

/** The rule of one lane under one fault. */
export interface Pace {
  /** Bytes that may wait before the proxy stops reading. */
  readonly capacityBytes: number;
  /** Asked before every write. A `go` counts as used. */
  permit(waiting: Waiting, nowMs: number): Permit;
}

/** Bytes that wait inside the proxy unless a fault needs more: enough for one read of a socket. */
const CAPACITY_BYTES = 64 * 1024;
/** On a long line more is under way: 4 MiB are a gigabit per second at 32 ms. */
const DELAY_CAPACITY_BYTES = 4 * 1024 * 1024;
/** A proxy that buffers until close needs a limit too. */
const BUFFER_CAPACITY_BYTES = 64 * 1024 * 1024;
/** A thin line is fed in steps of this length, or of one byte where that takes longer. */
const SLOW_STEP_MS = 20;

const HOLD: Permit = { kind: "hold" };

/** The pace that a fault sets in one direction. */
export function createPace(fault: LastingFault, direction: Direction): Pace {
  if (isFrozen(fault, direction)) return { capacityBytes: CAPACITY_BYTES, permit: () => HOLD };
  switch (fault.kind) {
    case "slow": {
      const direct = fault.direction ?? "down";
      const isMeant = direct === "both" || direct === direction;
      return isMeant ? createSlowPace(fault.bytesPerSecond) : createFreePace();
    }
    case "delay":
      return createDelayPace(fault.ms);
    case "late-head":
      return direction === "down" ? createHeadPace(fault.ms) : createFreePace();
    case "buffer":
      return direction === "down" ? createBufferPace(fault.bytes) : createFreePace();
    default:
      return createFreePace();
  }
}

function createFreePace(): Pace {
  return { capacityBytes: CAPACITY_BYTES, permit: ({ bytes }) => ({ kind: "go", bytes }) };
}

function createSlowPace(bytesPerSecond: number): Pace {
  const stepBytes = Math.max(1, Math.round((bytesPerSecond * SLOW_STEP_MS) / 1000));
  let nextAtMs = Number.NEGATIVE_INFINITY;
  return {
    capacityBytes: CAPACITY_BYTES,
    permit({ bytes }, nowMs) {
      if (bytes > 0 && nowMs < nextAtMs) return { kind: "wait", ms: nextAtMs - nowMs };
      const granted = Math.min(bytes, stepBytes);
      // A timer that fired late is made up for by one step at most; idle time is not saved up.
      const fromMs = Math.max(nextAtMs, nowMs - SLOW_STEP_MS);
      nextAtMs = fromMs + (granted * 1000) / bytesPerSecond;
      return { kind: "go", bytes: granted };
    },
  };
}

function createDelayPace(delayMs: number): Pace {
  return {
    capacityBytes: DELAY_CAPACITY_BYTES,
    permit({ bytes, arrivedAtMs }, nowMs) {
      const restMs = arrivedAtMs + delayMs - nowMs;
      return restMs > 0 ? { kind: "wait", ms: restMs } : { kind: "go", bytes };
    },
  };
}

/** Only the head waits: it stands before everything else of its response. */
function createHeadPace(delayMs: number): Pace {
  return {
    capacityBytes: DELAY_CAPACITY_BYTES,
    permit({ bytes, part, arrivedAtMs }, nowMs) {
      const restMs = part === "head" ? arrivedAtMs + delayMs - nowMs : 0;
      return restMs > 0 ? { kind: "wait", ms: restMs } : { kind: "go", bytes };
    },
  };
}

function createBufferPace(portion: number | "until-close"): Pace {
  const portionBytes = portion === "until-close" ? BUFFER_CAPACITY_BYTES : portion;
  let releasedBytes = 0;
  return {
    capacityBytes: Math.max(CAPACITY_BYTES, portionBytes),
    permit({ bytes, part, queuedBytes, completeBytes }) {
      if (bytes === 0 || part === "head") {
        releasedBytes = Math.max(0, releasedBytes - bytes);
        return { kind: "go", bytes };
      }
      if (releasedBytes === 0) {
        releasedBytes = queuedBytes >= portionBytes ? portionBytes : completeBytes;
      }
      if (releasedBytes === 0) return HOLD;
      const granted = Math.min(bytes, releasedBytes);
      releasedBytes -= granted;
      return { kind: "go", bytes: granted };
    },
  };
}
