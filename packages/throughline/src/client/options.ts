// The options of the drop-in, checked once, where they come in.

import type { ConnectionLimits, PulseTiming } from "../core/index.js";
import { DEFAULT_LIMITS, DEFAULT_MAX_EVENT_LENGTH, StreamError } from "../core/index.js";
import type { EventSourceOptions, GapNotice, ResumeBy, Transport } from "./types.js";

/** Options with every default filled in. */
export interface ResolvedOptions {
  readonly withCredentials: boolean;
  readonly transport: Transport;
  readonly lastEventId: string;
  readonly resumeBy: ResumeBy;
  readonly limits: ConnectionLimits;
  readonly assumedPulse: PulseTiming | undefined;
  readonly maxEventLength: number;
  readonly onGap: ((gap: GapNotice) => void) | undefined;
}

/**
 * Fills in defaults.
 *
 * @throws StreamError `invalid-option` that names the option, what was expected and what came
 */
export function resolveOptions(options: EventSourceOptions): ResolvedOptions {
  const { transport = "throughline", resumeBy = "auto", idleTimeoutMs, lastEventId = "" } = options;
  if (typeof transport !== "function") oneOf("transport", transport, ["throughline", "native"]);
  oneOf("resumeBy", resumeBy, ["auto", "header", "query"]);
  const limits = {
    connectTimeoutMs: positive("connectTimeoutMs", options, DEFAULT_LIMITS.connectTimeoutMs),
    maxConnectTimeoutMs: positive(
      "maxConnectTimeoutMs",
      options,
      DEFAULT_LIMITS.maxConnectTimeoutMs,
    ),
    retryLimit: atLeastZero("retryLimit", options, DEFAULT_LIMITS.retryLimit),
    refusalLimit: atLeastZero("refusalLimit", options, DEFAULT_LIMITS.refusalLimit),
  };
  return {
    withCredentials: options.withCredentials ?? false,
    transport,
    lastEventId,
    resumeBy,
    limits,
    assumedPulse: assumePulse(
      positive("idleTimeoutMs", { idleTimeoutMs }, Number.POSITIVE_INFINITY),
    ),
    maxEventLength: positive("maxEventLength", options, DEFAULT_MAX_EVENT_LENGTH),
    onGap: options.onGap,
  };
}

/** A server that announces no pulse is taken to have one that just keeps the given deadline. */
function assumePulse(idleTimeoutMs: number): PulseTiming | undefined {
  if (idleTimeoutMs === Number.POSITIVE_INFINITY) return undefined;
  return { intervalMs: idleTimeoutMs / 2, deadlineMs: idleTimeoutMs };
}

type NumericOption = {
  [K in keyof EventSourceOptions]-?: EventSourceOptions[K] extends number | undefined ? K : never;
}[keyof EventSourceOptions];

function positive(name: NumericOption, options: EventSourceOptions, fallback: number): number {
  const value = options[name] ?? fallback;
  if (!(typeof value === "number" && value > 0)) throw invalid(name, "a number above 0", value);
  return value;
}

function atLeastZero(name: NumericOption, options: EventSourceOptions, fallback: number): number {
  const value = options[name] ?? fallback;
  if (!(typeof value === "number" && value >= 0)) throw invalid(name, "a number from 0", value);
  return value;
}

function oneOf(name: string, value: unknown, allowed: readonly string[]): void {
  if (!allowed.some((word) => word === value)) throw invalid(name, allowed.join(" or "), value);
}

function invalid(name: string, expected: string, value: unknown): StreamError {
  return new StreamError(`Option ${name}: expected ${expected}, got ${String(value)}.`, {
    code: "invalid-option",
    fault: "local",
  });
}
