// The heartbeat from the client to the server: "I am here, and I have read up to here".

import type { Hello } from "../core/index.js";
import type { Environment, TimerId } from "./environment.js";

/** A request that has not been answered for so long is forgotten; the next one follows anyway. */
const ANSWER_WITHIN_MS = 10_000;

/** What a lease needs to know of its connection. */
export interface LeaseHolder {
  readonly credentials: "include" | "same-origin";
  /** The cursor to tell. */
  cursor(): string;
  /** The server does not know this connection any more. */
  onLost(): void;
}

/** A lease that renews itself. */
export interface Lease {
  /** Renews it now: after waking, or when the network is back. */
  renew(): void;
  end(): void;
}

/**
 * Renews a lease at the interval that the server's greeting names.
 *
 * Only a definite "not known" (404) has consequences. A request that fails says nothing about the
 * stream, whose own bytes are watched.
 *
 * @param responseUrl what the lease's URL is relative to
 */
export function holdLease(
  lease: NonNullable<Hello["lease"]>,
  responseUrl: string,
  holder: LeaseHolder,
  environment: Environment,
): Lease {
  const url = new URL(lease.url, responseUrl).href;
  let hasEnded = false;
  let timer: TimerId = environment.setTimer(renewAndGoOn, lease.everyMs);

  function renewAndGoOn(): void {
    timer = environment.setTimer(renewAndGoOn, lease.everyMs);
    void renew();
  }

  async function renew(): Promise<void> {
    const controller = new AbortController();
    const giveUp = environment.setTimer(() => controller.abort(), ANSWER_WITHIN_MS);
    try {
      const response = await environment.fetch(url, {
        method: "POST",
        // A plain string goes as text/plain, which needs no preflight.
        headers: {},
        body: holder.cursor(),
        credentials: holder.credentials,
        cache: "no-store",
        signal: controller.signal,
      });
      if (response.status === 404 && !hasEnded) holder.onLost();
      await response.body?.cancel();
    } catch {
      // The path may be down, or the answer late: the watchdog on the stream's bytes is the judge.
    } finally {
      environment.clearTimer(giveUp);
    }
  }

  return {
    renew: () => void renew(),
    end: () => {
      hasEnded = true;
      environment.clearTimer(timer);
    },
  };
}
