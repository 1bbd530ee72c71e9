// The options of the drop-in, checked once, where they come in.

import type { ConnectionLimits, PulseTiming } from "../core/index.js";
import { DEFAULT_LIMITS, DEFAULT_MAX_EVENT_LENGTH, StreamError } from "../core/index.js";
import type {
  BodyOption,
  Continuity,
  EventSourceOptions,
  FetchInit,
  GapNotice,
  HeadersOption,
  RequestUrlOption,
  ResumeBy,
  Transport,
} from "./types.js";

/** Options with every default filled in. */
export interface ResolvedOptions {
  readonly credentials: FetchInit["credentials"];
  readonly requestUrl: RequestUrlOption | undefined;
  readonly method: string | undefined;
  readonly body: BodyOption | undefined;
  readonly signal: AbortSignal | undefined;
  readonly quiet: boolean;
  readonly transport: Transport;
  readonly lastEventId: string;
  readonly continuity: Continuity | undefined;
  readonly resumeBy: ResumeBy;
  readonly headers: HeadersOption;
  readonly limits: ConnectionLimits;
  readonly assumedPulse: PulseTiming | undefined;
  readonly learnsCadence: boolean;
  readonly maxEventLength: number;
  readonly onGap: ((gap: GapNotice) => void) | undefined;
}

/**
 * Fills in defaults.
 *
 * @throws StreamError `invalid-option` that names the option, what was expected and what came
 */
export function resolveOptions(options: EventSourceOptions): ResolvedOptions {
  const { transport = "throughline", resumeBy = "auto", lastEventId = "", onGap } = options;
  if (typeof transport !== "function") oneOf("transport", transport, ["throughline", "native"]);
  oneOf("resumeBy", resumeBy, ["auto", "header", "query"]);
  const limits = { ...DEFAULT_LIMITS };
  for (const name of Object.keys(limits) as (keyof ConnectionLimits)[]) {
    limits[name] = numeric(name, options[name] ?? limits[name], name.endsWith("Ms"));
  }
  const { continuity, idleTimeoutMs, maxEventLength, headers = {} } = options;
  const { requestUrl, method, body, signal, quiet = false } = options;
  const { credentials = options.withCredentials ? "include" : "same-origin" } = options;
  oneOf("credentials", credentials, ["include", "same-origin", "omit"]);
  // Such a request fails before it leaves, each time, and would look like a broken network.
  if (body !== undefined && /^(GET|HEAD)$/i.test(method ?? "")) {
    throw invalid("method", "one that may have a body", method);
  }
  return {
    credentials,
    requestUrl,
    method,
    body,
    signal,
    quiet,
    transport,
    lastEventId,
    continuity,
    resumeBy,
    headers,
    limits,
    assumedPulse: assumePulse(numeric("idleTimeoutMs", idleTimeoutMs ?? Infinity, true)),
    // Whoever says a number, also Infinity, means it.
    learnsCadence: idleTimeoutMs === undefined,
    maxEventLength: numeric("maxEventLength", maxEventLength ?? DEFAULT_MAX_EVENT_LENGTH, true),
    onGap,
  };
}

/** A server that announces no pulse is taken to have one that just keeps the given deadline. */
function assumePulse(idleTimeoutMs: number): PulseTiming | undefined {
  if (idleTimeoutMs === Infinity) return undefined;
  return { intervalMs: idleTimeoutMs / 2, deadlineMs: idleTimeoutMs };
}

function numeric(name: string, value: number, isPositive: boolean): number {
  const isRight = typeof value === "number" && (isPositive ? value > 0 : value >= 0);
  if (!isRight) throw invalid(name, isPositive ? "a number above 0" : "a number from 0", value);
  return value;
}

function oneOf(name: string, value: unknown, allowed: readonly string[]): void {
  if (!allowed.some((word) => word === value)) throw invalid(name, allowed.join(" or "), value);
}

function invalid(name: string, expected: string, value: unknown): StreamError {
  return new StreamError(`${name}: expected ${expected}, got ${String(value)}.`, {
    code: "invalid-option",
    fault: "local",
  });
}
