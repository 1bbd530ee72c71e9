// Whether the process is alive, and whether what is published now would be delivered.

import { type HubEnvironment, nodeEnvironment } from "../hub/environment.js";
import type { Hub } from "../hub/index.js";
import { integerOption } from "../hub/option-checks.js";
import type { EventLog } from "../log/event-log.js";
import { Canary } from "./canary.js";
import type { HealthObserver, HealthPart, PartHealth } from "./health-notice.js";
import { type Liveness, LOOP_ALIVE_MS, LoopProbe } from "./loop-probe.js";

/** What to watch, and how closely. */
export interface HealthOptions {
  /** The log that the hub serves from; its stream `throughline.canary` is used. */
  readonly log: EventLog;
  /** Whose tails are opened anew when the log's have gone deaf. */
  readonly hub: Pick<Hub, "reopenTails">;
  /**
   * Milliseconds between two canaries. Default 1000: with the deadline, deafness is noticed within
   * 3 s, which leaves 2 of the 5 s in which a disruption is healed. At least 100.
   */
  readonly canaryIntervalMs?: number | undefined;
  /**
   * Milliseconds that a canary may take through the log and its tail. Default 2000: far more than a
   * busy disk needs. At least 100. Tails are opened anew once for every canary that is not heard.
   */
  readonly canaryDeadlineMs?: number | undefined;
  /**
   * How late, in milliseconds, the event loop may have been the last time that it was measured for
   * the process to count as alive. Default 5000, the time in which readers have given up and gone.
   */
  readonly maxEventLoopDelayMs?: number | undefined;
  /** Told of every canary and of every change. */
  readonly observer?: HealthObserver | undefined;
  /** Told of failures that say nothing about health. Default: they are passed over. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** Whether new readers and events are welcome, and which part says that they are not. */
export interface Readiness {
  readonly ok: boolean;
  readonly parts: Readonly<Record<HealthPart, PartHealth>>;
}

/** The watch over one hub. */
export interface Health {
  live(): Liveness;
  ready(): Readiness;
  /** From now on it is not ready: the hub is about to be closed. */
  startDraining(): void;
  /** Ends the watch; nothing of it is left running. The last verdict stays. */
  stop(): void;
}

/**
 * Begins to watch a hub. It is ready as soon as the first canary has come through.
 *
 * @throws StreamError `invalid-option`
 */
export function createHealth(options: HealthOptions): Health {
  return watchHealth(options, nodeEnvironment);
}

/** {@link createHealth} on any clock. */
export function watchHealth(options: HealthOptions, environment: HubEnvironment): Health {
  const { log, hub, observer, onError = ignore } = options;
  const intervalMs = integerOption("canaryIntervalMs", options.canaryIntervalMs ?? 1000, 100);
  const deadlineMs = integerOption("canaryDeadlineMs", options.canaryDeadlineMs ?? 2000, 100);
  const maxDelayMs = integerOption(
    "maxEventLoopDelayMs",
    options.maxEventLoopDelayMs ?? LOOP_ALIVE_MS,
    1,
  );
  const parts: Record<HealthPart, PartHealth> = {
    append: { ok: false, reason: STARTING },
    tail: { ok: false, reason: STARTING },
    serving: { ok: true },
  };

  const hasFailed = { append: false, tail: false };

  function set(part: HealthPart, health: PartHealth): void {
    const before = parts[part];
    parts[part] = health;
    if (before.ok !== health.ok) observer?.({ kind: "health-changed", part, health });
  }

  const canary = new Canary({
    log,
    environment,
    intervalMs,
    deadlineMs,
    onError,
    onAppend: (health) => {
      const isOver = health.ok && hasFailed.append;
      set("append", health);
      // A failover may leave tails behind that the canary's is not one of.
      if (isOver) hub.reopenTails();
      hasFailed.append = !health.ok;
    },
    onTail: (health) => {
      set("tail", health);
      // Also when it is over: what was opened while the engine was deaf may be deaf for good.
      if (!health.ok || hasFailed.tail) hub.reopenTails();
      hasFailed.tail = !health.ok;
    },
    onHeard: (lagMs) => observer?.({ kind: "canary-heard", lagMs }),
  });

  const probe = new LoopProbe(environment);

  return {
    live: () => probe.live(maxDelayMs),
    ready: () => ({
      ok: parts.append.ok && parts.tail.ok && parts.serving.ok,
      parts: { ...parts },
    }),
    startDraining: () => set("serving", { ok: false, reason: "the hub is shutting down" }),
    stop: () => {
      canary.stop();
      probe.stop();
    },
  };
}

const STARTING = "no event has come through yet";

/** What says nothing about health, and nobody wants to know. */
function ignore(): void {}
