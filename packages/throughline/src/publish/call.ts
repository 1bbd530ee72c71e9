// One call of `publish`: its deadline and its signal, as one.

import { StreamError } from "../core/index.js";
import type { Environment } from "./environment.js";

/**
 * Ends when the deadline passes or the caller's signal fires, whichever comes first; `signal.reason` is
 * then the error that the call is rejected with. Must be disposed of.
 */
export class Call {
  readonly endMs: number;
  /** What went wrong last: the cause, should time run out. */
  lastFailure: unknown;
  readonly #controller = new AbortController();
  readonly #dispose: () => void;

  constructor(
    environment: Environment,
    {
      deadlineMs,
      signal,
    }: { readonly deadlineMs: number; readonly signal?: AbortSignal | undefined },
  ) {
    this.endMs = environment.nowMs() + deadlineMs;
    const clearTimer = environment.setTimer(() => this.expire(), deadlineMs);
    const onAbort = () => this.#controller.abort(aborted(signal?.reason));
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener("abort", onAbort);
    this.#dispose = () => {
      clearTimer();
      signal?.removeEventListener("abort", onAbort);
    };
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends the call for lack of time, also before it is quite over where no attempt fits in any more. */
  expire(): void {
    const cause = this.lastFailure;
    const underneath = cause === undefined ? {} : { cause };
    const message =
      "The events could not be published in time; whether they were stored is not known. " +
      "To publish them again with the same ids is safe.";
    const options = { code: "timeout", fault: "remote", retryable: true, ...underneath } as const;
    this.#controller.abort(new StreamError(message, options));
  }

  dispose(): void {
    this.#dispose();
  }
}

/** Settles as `promise` does, or rejects with the signal's reason as soon as that fires. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  // Whoever loses the race may still fail, and nobody would listen.
  promise.catch(() => undefined);
  signal.throwIfAborted();
  let stop = () => {};
  const abortion = new Promise<never>((_, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    stop = () => signal.removeEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([promise, abortion]);
  } finally {
    stop();
  }
}

function aborted(cause: unknown): StreamError {
  return new StreamError("Publishing was aborted; what was sent by then may have been stored.", {
    code: "aborted",
    fault: "local",
    cause,
  });
}
