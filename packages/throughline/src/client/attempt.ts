// One request: from the moment it is wanted to the last byte of its body. It decides nothing; what it
// sees it tells, in order, until it is abandoned.

import { callSafely } from "./call-safely.js";
import type { FetchInit, FetchLike, FetchResponse } from "./types.js";

/** What is told of a request: the response, its bytes, then one of the two ends. */
export interface AttemptListener {
  /** The application is being asked for its part, later than the call that began the attempt. */
  onAsking(): void;
  /** It has answered, and the request leaves. */
  onSent(): void;
  /** It had no answer. Nothing follows. */
  onUnprepared(): void;
  onResponse(response: FetchResponse): void;
  onBytes(chunk: Uint8Array): void;
  /** The body ended in good order. */
  onEnded(): void;
  /** The request failed or the body broke off. */
  onBroken(): void;
  /** Awaited before each read: the way to slow the server down. `undefined` to go on at once. */
  readyToRead(): Promise<void> | undefined;
}

/** What to ask for, and how. */
export interface PreparedRequest extends Omit<FetchInit, "signal"> {
  readonly url: string;
}

/** What to ask for. */
export interface AttemptRequest {
  /** The request, or how to have the application say what it is. */
  readonly request: PreparedRequest | (() => Promise<PreparedRequest>);
}

/** A request under way. */
export interface Attempt {
  /** Abandons it: the connection is closed, and the listener hears nothing more. */
  abort(): void;
}

/** Sends a request and reads its body. */
export function startAttempt(
  fetch: FetchLike,
  { request }: AttemptRequest,
  listener: AttemptListener,
): Attempt {
  const controller = new AbortController();
  void run(fetch, request, controller.signal, listener);
  return { abort: () => controller.abort() };
}

async function run(
  fetch: FetchLike,
  request: AttemptRequest["request"],
  signal: AbortSignal,
  listener: AttemptListener,
): Promise<void> {
  let prepared: PreparedRequest;
  if (typeof request !== "function") prepared = request;
  else {
    // The driver is still busy with what made it start this attempt.
    await undefined;
    if (signal.aborted) return;
    listener.onAsking();
    try {
      prepared = await request();
    } catch (error) {
      callSafely(() => {
        throw error;
      });
      if (!signal.aborted) listener.onUnprepared();
      return;
    }
    if (signal.aborted) return;
    listener.onSent();
  }
  // Only the network's failures are caught: what a listener throws is a bug, and has to be seen. After
  // an abort every pending call rejects, and nobody wants to hear of it.
  const breakOff = () => {
    if (!signal.aborted) listener.onBroken();
  };
  let response: FetchResponse;
  try {
    const { url, ...init } = prepared;
    response = await fetch(url, { ...init, signal });
  } catch {
    breakOff();
    return;
  }
  if (signal.aborted) return;
  listener.onResponse(response);
  const reader = response.body?.getReader();
  while (reader !== undefined && !signal.aborted) {
    await listener.readyToRead();
    let chunk: Uint8Array | undefined;
    try {
      chunk = (await reader.read()).value;
    } catch {
      breakOff();
      return;
    }
    if (signal.aborted) return;
    if (chunk === undefined) break;
    listener.onBytes(chunk);
  }
  if (!signal.aborted) listener.onEnded();
}
