// Sends a batch until it is known what became of it, or the call ends.

import { parseRetryAfter, StreamError } from "../core/index.js";
import { type AttemptOutcome, readAnswer } from "./answer.js";
import { type Call, unlessAborted } from "./call.js";
import type { Environment } from "./environment.js";
import type { ResolvedPublisherOptions } from "./options.js";
import { retryDelayMs } from "./retry.js";
import type { Published } from "./types.js";

/** A batch, ready to be sent any number of times. */
export interface Batch {
  readonly url: string;
  readonly body: string;
  readonly eventCount: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a batch came to. */
export type BatchOutcome =
  | { readonly kind: "published"; readonly published: Published }
  | {
      readonly kind: "failed";
      readonly error: unknown;
      /** Whether it may be in the stream all the same, or come to be there yet. */
      readonly mayBeStored: boolean;
    };

/** What sending needs, beside the batch. */
export interface SendContext {
  readonly environment: Environment;
  readonly options: ResolvedPublisherOptions;
}

/**
 * The loop of attempts. Bounded by the deadline of the call, and by waits that grow between them.
 * Never rejects.
 */
export async function send(batch: Batch, call: Call, context: SendContext): Promise<BatchOutcome> {
  const { environment } = context;
  let mayBeStored = false;
  for (let failures = 1; !call.signal.aborted; failures += 1) {
    const outcome = await attempt(batch, call, context);
    if (outcome.kind === "published") return outcome;
    mayBeStored ||= outcome.mayBeStored;
    if (outcome.kind === "refused") return { kind: "failed", error: outcome.error, mayBeStored };
    call.lastFailure = outcome.error;
    const delayMs = retryDelayMs(failures, outcome.floorMs, environment.random);
    // What could not begin in time is not waited for.
    if (environment.nowMs() + delayMs >= call.endMs) call.expire();
    await pause(delayMs, call, environment);
  }
  return { kind: "failed", error: call.signal.reason, mayBeStored };
}

async function attempt(
  { url, body, eventCount, headers }: Batch,
  call: Call,
  { environment, options }: SendContext,
): Promise<AttemptOutcome> {
  const controller = new AbortController();
  const giveUp = () => controller.abort(call.signal.reason);
  call.signal.addEventListener("abort", giveUp);
  const clearTimer = environment.setTimer(
    () => controller.abort(tooSlow(options.attemptTimeoutMs)),
    options.attemptTimeoutMs,
  );
  let isSent = false;
  try {
    const { signal } = controller;
    const own = await unlessAborted(headersOf(options), signal);
    const request = {
      method: "POST",
      headers: { ...own, ...headers, "content-type": "application/json" },
      body,
      signal,
    } as const;
    isSent = true;
    const response = await unlessAborted(options.fetch(url, request), signal);
    const { status } = response;
    const retryAfter = response.headers.get("retry-after");
    const floorMs = parseRetryAfter(retryAfter, environment.epochMs(), Date.parse) ?? 0;
    const text = await unlessAborted(response.text(), signal);
    return readAnswer({ status, text }, eventCount, floorMs);
  } catch (error) {
    return { kind: "failed", error, mayBeStored: isSent, floorMs: 0 };
  } finally {
    clearTimer();
    call.signal.removeEventListener("abort", giveUp);
  }
}

async function headersOf({ headers }: ResolvedPublisherOptions) {
  return typeof headers === "function" ? await headers() : headers;
}

/** Waits so long, or until the call ends. */
async function pause(delayMs: number, call: Call, environment: Environment): Promise<void> {
  let clearTimer = () => {};
  const over = new Promise<void>((resolve) => {
    clearTimer = environment.setTimer(resolve, delayMs);
  });
  try {
    await unlessAborted(over, call.signal);
  } catch {
    // The call has ended, which the loop sees next.
  } finally {
    clearTimer();
  }
}

function tooSlow(timeoutMs: number): StreamError {
  return new StreamError(`The hub did not answer within ${timeoutMs} ms.`, {
    code: "timeout",
    fault: "remote",
    retryable: true,
  });
}
