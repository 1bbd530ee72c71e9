// The options of a hub, their defaults with reasons, and the relations between them.

import { DEFAULT_PULSE, isPulseTiming, type PulseTiming, RESERVED } from "throughline/core";
import type { EventLog } from "../log/event-log.js";
import { type AccessOptions, type AccessSettings, resolveAccess } from "./access-options.js";
import { type CorsOptions, type CorsSettings, resolveCors } from "./cors.js";
import type { Extent } from "./frame-cache.js";
import { type LimitOptions, type LimitSettings, resolveLimits } from "./limits/limit-options.js";
import type { HubObserver } from "./observer.js";
import { integerOption, invalidOption } from "./option-checks.js";
import type { HubPeers } from "./peers.js";

/** How to set up a hub. Only the log is required. */
export interface HubOptions extends AccessOptions, LimitOptions {
  /** What stores the streams. It belongs to the caller, who closes it after the hub. */
  readonly log: EventLog;
  /**
   * The path before `/streams` and `/leases`, without a slash at the end. Default `""`. Frameworks
   * that strip the path a handler is mounted at (Express) need none.
   */
  readonly basePath?: string | undefined;
  /**
   * How often the hub writes to an idle connection, and after what silence its reader may give up;
   * both are announced to it. Default: 1000 and 1700 ms, which lets a reader begin to recover within
   * 2 s of the last byte. Interval at least 100 ms.
   */
  readonly pulse?: PulseTiming | undefined;
  /**
   * Milliseconds between two heartbeats, events that carry the cursor. Default 30 000, at least
   * 1000: often enough for what existing applications expect, cheap enough for everybody.
   */
  readonly heartbeatMs?: number | undefined;
  /**
   * The event type of a second heartbeat beside each, or a function from a stream's name to it, for
   * streams that replace others whose clients listen for one of their own. Default
   * `"throughline.heartbeat"`: there is no second one.
   */
  readonly heartbeatType?: string | ((stream: string) => string) | undefined;
  /**
   * Milliseconds within which a reader that has renewed its lease must renew it again; after three
   * times as many it is told to leave. Default 30 000, at least 1000.
   */
  readonly leaseMs?: number | undefined;
  /** Most connections at a time; more are answered 503. Default 10 000, some 150 MB of sockets. */
  readonly maxConnections?: number | undefined;
  /** Most bytes in a published event, by `eventBytes`. Default 1 MiB; data is not for files. */
  readonly maxEventBytes?: number | undefined;
  /** Most events in a published batch. Default 1000: a batch is written as one. */
  readonly maxBatchEvents?: number | undefined;
  /** Most bytes in the body of a publishing request. Default 8 MiB: they are held in memory. */
  readonly maxBodyBytes?: number | undefined;
  /** Most patterns in one subscription. Default 100. */
  readonly maxTopics?: number | undefined;
  /**
   * Most bytes that may wait in the process for one reader before it counts as slow and is served
   * from the log. Default 64 KiB, which is a second of 500 kbit/s; one page comes on top of it.
   */
  readonly highWaterBytes?: number | undefined;
  /**
   * Most of each stream that is kept encoded for readers who come back. Default 1024 events and
   * 1 MiB: the drops of a busy minute, without asking the log thousands of times.
   */
  readonly cache?: Extent | undefined;
  /**
   * Which pages of other origins may talk to the hub. Default: none; nothing is answered to
   * preflights, and no header is added.
   */
  readonly cors?: CorsOptions | undefined;
  /**
   * Other hubs behind the same address, over the same log, with which this one shares limits and
   * leases. Default: none.
   */
  readonly peers?: HubPeers | undefined;
  /** Told of every failure. Default: `console.error`, one line without payloads. */
  readonly onError?: HubErrorListener | undefined;
  /** Told of what happens, for metrics, logs and traces. Default: nobody, which costs nothing. */
  readonly observer?: HubObserver | undefined;
}

/** What a hub was doing when something failed. */
export interface HubErrorContext {
  readonly operation: "subscribe" | "publish" | "deliver" | "respond" | "reauthorize" | "observe";
  readonly stream?: string | undefined;
  readonly connection?: string | undefined;
}

/** Takes note of a failure. Must not throw. */
export type HubErrorListener = (error: unknown, context: HubErrorContext) => void;

/** Options with everything decided. */
export interface HubSettings extends LimitSettings {
  readonly log: EventLog;
  readonly basePath: string;
  readonly pulse: PulseTiming;
  readonly heartbeatMs: number;
  /** @throws StreamError `invalid-option` where the application's function makes no event type */
  readonly heartbeatType: (stream: string) => string;
  readonly leaseMs: number;
  readonly maxConnections: number;
  readonly maxEventBytes: number;
  readonly maxBatchEvents: number;
  readonly maxBodyBytes: number;
  readonly maxTopics: number;
  readonly highWaterBytes: number;
  readonly cache: Extent;
  /** `undefined`: nobody is asked who they are. */
  readonly access: AccessSettings | undefined;
  readonly cors: CorsSettings | undefined;
  readonly peers: HubPeers | undefined;
  readonly onError: HubErrorListener;
  readonly observer: HubObserver | undefined;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** Most bytes that wait for one reader, unless a hub is told otherwise. */
export const DEFAULT_HIGH_WATER_BYTES = 64 * KIB;

/**
 * Applies the defaults and checks every option.
 *
 * @throws StreamError `invalid-option`; the message names the option, what was expected and what came
 */
export function resolveHubOptions(options: HubOptions): HubSettings {
  if (typeof options?.log?.append !== "function") {
    throw invalidOption("log", "an EventLog, such as createMemoryLog()", typeof options?.log);
  }
  const maxConnections = integerOption("maxConnections", options.maxConnections ?? 10_000, 1);
  const maxBodyBytes = integerOption("maxBodyBytes", options.maxBodyBytes ?? 8 * MIB, 1);
  const highWaterBytes = integerOption(
    "highWaterBytes",
    options.highWaterBytes ?? DEFAULT_HIGH_WATER_BYTES,
    1,
  );
  return {
    ...resolveLimits(options, { maxConnections, maxBodyBytes, highWaterBytes }),
    log: options.log,
    basePath: resolveBasePath(options.basePath ?? ""),
    pulse: resolvePulse(options.pulse ?? DEFAULT_PULSE),
    heartbeatMs: integerOption("heartbeatMs", options.heartbeatMs ?? 30_000, 1000),
    heartbeatType: resolveHeartbeatType(options.heartbeatType ?? RESERVED.heartbeat),
    leaseMs: integerOption("leaseMs", options.leaseMs ?? 30_000, 1000),
    maxConnections,
    maxEventBytes: integerOption("maxEventBytes", options.maxEventBytes ?? MIB, 1),
    maxBatchEvents: integerOption("maxBatchEvents", options.maxBatchEvents ?? 1000, 1),
    maxBodyBytes,
    maxTopics: integerOption("maxTopics", options.maxTopics ?? 100, 1),
    highWaterBytes,
    cache: {
      events: integerOption("cache.events", options.cache?.events ?? 1024, 0),
      bytes: integerOption("cache.bytes", options.cache?.bytes ?? MIB, 0),
    },
    access: resolveAccess(options),
    cors: options.cors === undefined ? undefined : resolveCors(options.cors),
    peers: options.peers,
    onError: options.onError ?? logError,
    observer: options.observer,
  };
}

function resolveBasePath(path: string): string {
  if (path === "" || /^(?:\/[A-Za-z0-9._~-]+)+$/.test(path)) return path;
  throw invalidOption(
    "basePath",
    'empty, or a path like "/events" without a slash at the end',
    path,
  );
}

function resolvePulse(pulse: PulseTiming): PulseTiming {
  const intervalMs = integerOption("pulse.intervalMs", pulse.intervalMs, 100);
  const deadlineMs = integerOption("pulse.deadlineMs", pulse.deadlineMs, 100);
  if (isPulseTiming({ intervalMs, deadlineMs })) return { intervalMs, deadlineMs };
  throw invalidOption("pulse.deadlineMs", `more than pulse.intervalMs (${intervalMs})`, deadlineMs);
}

function resolveHeartbeatType(
  type: NonNullable<HubOptions["heartbeatType"]>,
): HubSettings["heartbeatType"] {
  if (typeof type === "function") return (stream) => checkType(type(stream));
  const fixed = checkType(type);
  return () => fixed;
}

function checkType(type: string): string {
  if (typeof type === "string" && /^[^\r\n\0]{1,256}$/.test(type)) return type;
  throw invalidOption("heartbeatType", "1 to 256 characters without CR, LF and NUL", type);
}

function logError(error: unknown, { operation, stream, connection }: HubErrorContext): void {
  const where = [stream && `stream ${stream}`, connection && `connection ${connection}`]
    .filter(Boolean)
    .join(", ");
  console.error(`throughline hub: ${operation} failed${where && ` (${where})`}:`, error);
}
