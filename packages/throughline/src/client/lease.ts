// The heartbeat from the client to the server: "I am here, and I have read up to here".

import { isBehind, RECOVERED_PARAMETER } from "../core/index.js";
import type { Environment, TimerId } from "./environment.js";
import { withParameter } from "./resume-request.js";
import type { FetchInit } from "./types.js";

/** A request that has not been answered for so long is forgotten; the next one follows anyway. */
const ANSWER_WITHIN_MS = 10_000;

/** What the server has written by the time of its answer has to come within so much longer. */
const IN_FLIGHT_MS = 1000;

/** Renewals out of turn keep this distance: some browsers report each estimate of the network as news. */
const RENEWAL_SPACING_MS = 1000;

/** What a lease needs to know of its connection. */
export interface LeaseHolder {
  readonly credentials: FetchInit["credentials"];
  /** The cursor to tell. */
  cursor(): string;
  /**
   * Milliseconds that the newest disruption lasted, if it healed since this was asked last: for the
   * server's statistics.
   */
  takeRecoveryMs(): number | undefined;
  /** The server does not know this connection any more. */
  onLost(): void;
  /** The server has written what has not come, and nothing else has come since either. */
  onBehind(): void;
}

/** A lease that renews itself. */
export interface Lease {
  /** Renews it now, unless that was done a moment ago: the page is visible, the network is back. */
  renew(): void;
  end(): void;
}

/**
 * Where to renew a lease; `undefined` for an address that cannot be parsed or leads to another
 * origin, where a cursor and cookies have no business.
 */
export function leaseUrl(url: string, responseUrl: string): string | undefined {
  try {
    const { href, origin } = new URL(url, responseUrl);
    return origin === new URL(responseUrl).origin ? href : undefined;
  } catch {
    // Not an address: the connection does without a lease.
    return undefined;
  }
}

/**
 * Renews a lease at the interval that the server's greeting names.
 *
 * Only a definite "not known" (404) has consequences, and an answer by which the server has written what
 * does not come. A request that fails says nothing about the stream, whose own bytes are watched.
 *
 * @param url absolute
 */
export function holdLease(
  url: string,
  everyMs: number,
  holder: LeaseHolder,
  environment: Environment,
): Lease {
  let hasEnded = false;
  let renewedMs = Number.NEGATIVE_INFINITY;
  let timer: TimerId = environment.setTimer(renewAndGoOn, everyMs);

  function renewAndGoOn(): void {
    timer = environment.setTimer(renewAndGoOn, everyMs);
    void renew();
  }

  async function renew(): Promise<void> {
    renewedMs = environment.nowMs();
    const controller = new AbortController();
    const giveUp = environment.setTimer(() => controller.abort(), ANSWER_WITHIN_MS);
    let isUnknown = false;
    try {
      const response = await environment.fetch(withRecovery(url, holder.takeRecoveryMs()), {
        method: "POST",
        // A plain string goes as text/plain, which needs no preflight.
        headers: {},
        body: holder.cursor(),
        credentials: holder.credentials,
        cache: "no-store",
        signal: controller.signal,
      });
      isUnknown = response.status === 404;
      const answer: unknown = await new Response(response.body).json();
      const { sent } = answer as { sent?: unknown };
      const cursor = holder.cursor();
      environment.setTimer(() => {
        const isStuck = !hasEnded && holder.cursor() === cursor && isBehind(cursor, sent);
        if (isStuck) holder.onBehind();
      }, IN_FLIGHT_MS);
    } catch {
      // The path may be down, or the answer late or unreadable: the watchdog on the stream's bytes is the
      // judge.
    } finally {
      environment.clearTimer(giveUp);
    }
    if (isUnknown && !hasEnded) holder.onLost();
  }

  return {
    renew: () => {
      if (environment.nowMs() - renewedMs >= RENEWAL_SPACING_MS) void renew();
    },
    end: () => {
      hasEnded = true;
      environment.clearTimer(timer);
    },
  };
}

function withRecovery(url: string, recoveryMs: number | undefined): string {
  if (recoveryMs === undefined) return url;
  return withParameter(url, RECOVERED_PARAMETER, String(Math.round(recoveryMs)));
}
