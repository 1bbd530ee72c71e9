// Errors of a log on their way to another process. Programs there tell them apart as they do here.

import { StreamError, type StreamErrorCode } from "throughline/core";
import type { ProducerStamp } from "../event-log.js";
import { ProducerOrderError } from "../producer.js";

/** What is known of an error on the other side. Causes stay where they are. */
export interface WireError {
  readonly message: string;
  /** Missing: it was no `StreamError`, and so a bug. */
  readonly code?: StreamErrorCode | undefined;
  readonly fault?: StreamError["fault"] | undefined;
  readonly retryable?: boolean | undefined;
  /** What a producer should have sent. */
  readonly expectedSequence?: number | undefined;
}

export function encodeError(error: unknown): WireError {
  if (!(error instanceof StreamError)) {
    return { message: error instanceof Error ? error.message : String(error) };
  }
  const { message, code, fault, retryable } = error;
  const isOrder = error instanceof ProducerOrderError;
  const expectedSequence = isOrder ? error.expectedSequence : undefined;
  return { message, code, fault, retryable, expectedSequence };
}

/** @param producer the stamp of the batch that was refused, if it had one */
export function decodeError(wire: WireError, producer?: ProducerStamp): Error {
  const { message, code, fault = "local", retryable, expectedSequence } = wire;
  if (code === undefined) return new Error(message);
  if (producer !== undefined && expectedSequence !== undefined)
    return new ProducerOrderError(producer, expectedSequence);
  return new StreamError(message, { code, fault, retryable });
}
