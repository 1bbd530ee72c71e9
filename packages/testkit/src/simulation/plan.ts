// A schedule as data: who is there, and what happens when. It is drawn from a seed (draw-plan.ts), can be
// made smaller (minimise.ts), and says everything that a run depends on beside the seed.

import type { HubPlan } from "./actors/hub-host.js";
import type { PublisherPlan } from "./actors/publisher.js";
import type { ReaderPlan } from "./actors/reader.js";
import type { StoreOptions } from "./disk/store.js";
import type { Buffering, ProxyAnswer } from "./network/conditions.js";
import type { Cut } from "./network/relay.js";

/** Everything that can go wrong, in classes that are switched on and off as a whole. */
export const FAULT_CLASSES = [
  "jitter",
  "splits",
  "stalls",
  "partitions",
  "one-way",
  "resets",
  "cuts",
  "half-open",
  "clean-ends",
  "buffering",
  "slow-links",
  "hidden-leaving",
  "refusals",
  "unanswered",
  "heads-only",
  "http-errors",
  "retry-after",
  "crashes",
  "power-cuts",
  "deploys",
  "hub-stalls",
  "full-disk",
  "slow-disk",
  "trims",
  "replaced-log",
  "sleeps",
  "throttled",
  "wall-clock",
  "page-signals",
  "reconnects",
  "filters",
  "bursts",
  "repeats",
  "seals",
] as const;

export type FaultClass = (typeof FAULT_CLASSES)[number];

/** What an operation does. `reader` and `path` are indices; paths are those of the readers, then the publishers. */
export type Action =
  | {
      readonly kind: "publish";
      readonly publisher: number;
      readonly keys: readonly string[];
      readonly topic: string | undefined;
      readonly bytes: number;
    }
  | {
      readonly kind: "freeze";
      readonly path: number;
      readonly direction: "both" | "up" | "down";
      readonly forMs: number;
    }
  | { readonly kind: "reset" | "forget"; readonly path: number }
  | { readonly kind: "cut"; readonly path: number; readonly cut: Cut; readonly forMs: number }
  | {
      readonly kind: "door";
      readonly path: number;
      readonly door: "refuses" | "swallows" | "heads-only" | ProxyAnswer;
      readonly forMs: number;
    }
  | {
      readonly kind: "buffer";
      readonly path: number;
      readonly buffering: Buffering;
      readonly forMs: number;
    }
  | {
      readonly kind: "slow";
      readonly path: number;
      readonly bytesPerMs: number;
      readonly forMs: number;
    }
  | { readonly kind: "hide-leaving"; readonly path: number; readonly forMs: number }
  | { readonly kind: "crash"; readonly how: "process" | "power"; readonly forMs: number }
  | { readonly kind: "deploy"; readonly withinMs: number }
  | { readonly kind: "stall-hub"; readonly forMs: number }
  | { readonly kind: "break-disk"; readonly failure: "full" | "torn"; readonly forMs: number }
  | {
      readonly kind: "slow-disk";
      readonly writeMs: number;
      readonly readMs: number;
      readonly forMs: number;
    }
  | { readonly kind: "trim" | "replace"; readonly keptEvents: number }
  | { readonly kind: "sleep"; readonly reader: number; readonly forMs: number }
  | {
      readonly kind: "throttle";
      readonly reader: number;
      readonly everyMs: number;
      readonly forMs: number;
    }
  | { readonly kind: "skew"; readonly reader: number; readonly ms: number }
  | { readonly kind: "nudge" | "reconnect"; readonly reader: number }
  | { readonly kind: "put-aside"; readonly reader: number; readonly forMs: number };

/** Something that happens at a moment. */
export type Operation = Action & {
  readonly atMs: number;
  /** The class that it belongs to; `undefined` for what is no fault. */
  readonly of: FaultClass | undefined;
};

/** A whole schedule. */
export interface Plan {
  readonly seed: number;
  readonly classes: readonly FaultClass[];
  readonly readers: readonly ReaderPlan[];
  readonly publishers: readonly PublisherPlan[];
  readonly hub: HubPlan;
  readonly store: StoreOptions;
  readonly latencyMs: number;
  readonly jitterMs: number;
  readonly splits: number;
  /** By when the last operation has begun and ended. */
  readonly lengthMs: number;
  /** Whether the stream is declared complete in the end. */
  readonly isSealed: boolean;
  readonly operations: readonly Operation[];
}
