// Lines for whoever is on call: JSON, one for each connection that ends and each request that is
// refused. No payload, no header, no query, no cursor.

import { type DestinationStream, type Logger, pino } from "pino";
import { StreamError } from "throughline/core";
import { nodeEnvironment } from "../hub/environment.js";
import type { HubErrorListener, HubNotice, HubObserver } from "../hub/index.js";
import type { LossListener } from "../log/index.js";
import type { HealthNotice, HealthObserver } from "./health-notice.js";
import { LineLimit } from "./line-limit.js";

/** What may be the least severe line that is written. */
export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Which lines, and where to. */
export interface OperatorLogOptions {
  /** Default `"info"`: connections that ended, refusals, gaps, health, failures. */
  readonly level?: LogLevel | undefined;
  /** Takes whole lines. Default: standard output. */
  readonly destination?: DestinationStream | undefined;
  /** What stands in every line, such as which process wrote it. Default: nothing. */
  readonly fields?: Readonly<Record<string, string | number>> | undefined;
}

/** Lines about one hub. */
export interface OperatorLog {
  /** Pass it to `createHub`. */
  readonly observer: HubObserver;
  /** Pass it to `createHub` as `onError`. */
  readonly onError: HubErrorListener;
  /** Pass it to `createHealth`. */
  readonly healthObserver: HealthObserver;
  /** Pass it to `createEmbeddedLog` where it acknowledges events before they are on disk. */
  readonly onLost: LossListener;
  /** For lines of the program's own; fields named after secrets are blanked. */
  readonly logger: Logger;
}

/**
 * Fields that are blanked wherever somebody passes them to the logger. Nothing here does: this is for
 * the line that is added in a hurry.
 */
const SECRET_FIELDS = ["authorization", "cookie", "set-cookie", "token", "secret", "password"];

/** Most streams that a line names: enough to see which they are. */
const MOST_NAMED = 10;

/** Creates a log. Refusals and failures of one kind are at most ten lines in ten seconds. */
export function createOperatorLog(options: OperatorLogOptions = {}): OperatorLog {
  const { level = "info", destination = pino.destination({ fd: 1, sync: true }) } = options;
  const { fields } = options;
  const logger = pino(
    {
      level,
      base: fields === undefined ? null : { ...fields },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: SECRET_FIELDS.flatMap((field) => [`["${field}"]`, `*["${field}"]`]),
        censor: "[hidden]",
      },
    },
    destination,
  );
  const limit = new LineLimit(nodeEnvironment.nowMs);
  return {
    logger,
    observer: (notice) => logNotice(logger, limit, notice),
    healthObserver: (notice) => logHealth(logger, notice),
    onError: (error, context) => {
      const suppressed = limit.take(`failure ${context.operation}`);
      if (suppressed === undefined) return;
      const fields = { ...context, error: describe(error), ...sayIf(suppressed) };
      logger.error({ event: "failure", ...fields }, `${context.operation} failed`);
    },
    onLost: (error, lost) => {
      // One line for each: a log that has lost something acknowledges nothing early until it stores.
      const events = lost.reduce((sum, each) => sum + each.events, 0);
      const streams = lost.slice(0, MOST_NAMED).map(({ stream }) => stream);
      const fields = { events, streams, error: describe(error) };
      logger.error({ event: "events-lost", ...fields }, "acknowledged events could not be stored");
    },
  };
}

function logNotice(logger: Logger, limit: LineLimit, notice: HubNotice): void {
  switch (notice.kind) {
    case "connection-opened": {
      if (!logger.isLevelEnabled("debug")) return;
      const { kind: event, request, ...fields } = notice;
      logger.debug({ event, ...fields, ...request }, "connection opened");
      break;
    }
    case "connection-closed": {
      const { kind: event, request, durationMs, ...fields } = notice;
      const line = { event, ...fields, durationMs: Math.round(durationMs), ...request };
      logger.info(line, "connection closed");
      break;
    }
    case "request-refused": {
      const { kind: event, request, ...fields } = notice;
      const suppressed = limit.take(`refusal ${notice.code}`);
      if (suppressed === undefined) return;
      logger.warn({ event, ...fields, ...request, ...sayIf(suppressed) }, "request refused");
      break;
    }
    case "gap-told": {
      const { kind: event, ...fields } = notice;
      const suppressed = limit.take(`gap ${notice.reason}`);
      if (suppressed === undefined) return;
      logger.warn({ event, ...fields, ...sayIf(suppressed) }, "readers were told of a gap");
      break;
    }
    case "tails-reopened": {
      const { kind: event, ...fields } = notice;
      logger.warn({ event, ...fields }, "tails have been opened anew");
      break;
    }
    case "reader-fell-back":
    case "replay-finished":
    case "reader-recovered": {
      if (!logger.isLevelEnabled("debug")) return;
      const { kind: event, ...fields } = notice;
      logger.debug({ event, ...fields }, event.replaceAll("-", " "));
      break;
    }
    case "events-delivered":
    case "events-published":
      // One line for each would be a second log of the streams; metrics count them.
      break;
  }
}

function logHealth(logger: Logger, notice: HealthNotice): void {
  if (notice.kind !== "health-changed") return;
  const { kind: event, part, health } = notice;
  if (health.ok) logger.info({ event, part, ok: true }, `${part} is well`);
  else logger.error({ event, part, ok: false, reason: health.reason }, `${part} is not well`);
}

function sayIf(suppressed: number): { readonly suppressed?: number } {
  return suppressed > 0 ? { suppressed } : {};
}

/**
 * What a line says of an error. The message of a {@link StreamError} has neither secrets nor payloads;
 * nobody promises that of the errors of a store, so of those it has the kind and the place.
 */
function describe(error: unknown): Readonly<Record<string, unknown>> {
  if (error instanceof StreamError) {
    const { code, message } = error;
    return { name: error.name, code, message };
  }
  if (!(error instanceof Error)) return { name: typeof error };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const at = error.stack?.split("\n").find((line) => /^\s+at /.test(line));
  return { name: error.name, code, at: at?.trim() };
}
