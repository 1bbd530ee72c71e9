// One request: from the moment it leaves to the last byte of its body. It decides nothing; what it
// sees it tells, in order, until it is abandoned.

import type { FetchInit, FetchLike, FetchResponse } from "./types.js";

/** What is told of a request, in this order: the response, its bytes, then one of the two ends. */
export interface AttemptListener {
  onResponse(response: FetchResponse): void;
  onBytes(chunk: Uint8Array): void;
  /** The body ended in good order. */
  onEnded(): void;
  /** The request failed or the body broke off. */
  onBroken(cause: unknown): void;
  /** Awaited before each read: the way to slow the server down. `undefined` to go on at once. */
  readyToRead(): Promise<void> | undefined;
}

/** A request under way. */
export interface Attempt {
  /** Abandons it: the connection is closed, and the listener hears nothing more. */
  abort(): void;
}

/** Sends a request and reads its body. */
export function startAttempt(
  fetch: FetchLike,
  url: string,
  init: Omit<FetchInit, "signal">,
  listener: AttemptListener,
): Attempt {
  const controller = new AbortController();
  void run(fetch, url, { ...init, signal: controller.signal }, listener);
  return { abort: () => controller.abort() };
}

async function run(
  fetch: FetchLike,
  url: string,
  init: FetchInit,
  listener: AttemptListener,
): Promise<void> {
  const { signal } = init;
  // Only the network's failures are caught: what a listener throws is a bug, and has to be seen. After
  // an abort every pending call rejects, and nobody wants to hear of it.
  const breakOff = (cause: unknown) => {
    if (!signal.aborted) listener.onBroken(cause);
  };
  let response: FetchResponse;
  try {
    response = await fetch(url, init);
  } catch (cause) {
    breakOff(cause);
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
    } catch (cause) {
      breakOff(cause);
      return;
    }
    if (signal.aborted) return;
    if (chunk === undefined) break;
    listener.onBytes(chunk);
  }
  if (!signal.aborted) listener.onEnded();
}
