// How often anybody may subscribe and publish, and what is said to those who come more often.

import type { HubEnvironment } from "../environment.js";
import type { PlainAnswer } from "../exchange.js";
import type { HubPeers, LimitUse } from "../peers.js";
import { addressKey } from "./ip-address.js";
import type { LimitSettings } from "./limit-options.js";
import type { Visitor } from "./places.js";
import type { Refusals } from "./refusals.js";
import { TokenBuckets } from "./token-buckets.js";

/**
 * The rates of one hub. What is asked for by an identity counts for it, anything else for its address;
 * all whose address is not known share one bucket.
 */
export class Throttle {
  readonly #subscribing: TokenBuckets;
  readonly #publishing: TokenBuckets;
  readonly #refusals: Refusals;
  readonly #peers: Pick<HubPeers, "count"> | undefined;
  #throttledTotal = 0;

  constructor(
    settings: Pick<LimitSettings, "subscribeRate" | "publishRate"> & {
      readonly peers?: Pick<HubPeers, "count"> | undefined;
    },
    environment: HubEnvironment,
    refusals: Refusals,
  ) {
    const nowMs = () => environment.nowMs();
    this.#subscribing = new TokenBuckets(settings.subscribeRate, nowMs);
    this.#publishing = new TokenBuckets(settings.publishRate, nowMs);
    this.#refusals = refusals;
    this.#peers = settings.peers;
  }

  /** Requests that came too often, since the start. */
  get throttledTotal(): number {
    return this.#throttledTotal;
  }

  /** A refusal for a subscription that comes too often; `undefined` for one that may be served. */
  subscription(visitor: Visitor): PlainAnswer | undefined {
    const key = keyOf(visitor);
    const waitMs = this.#subscribing.take(key);
    if (waitMs === 0) this.#peers?.count({ what: "subscriptions", key, count: 1 });
    return this.#answer(waitMs, false);
  }

  /**
   * The same for a publishing request, before its body is read. It counts as one event until
   * {@link published} says how many there are.
   */
  publication(visitor: Visitor): PlainAnswer | undefined {
    const key = keyOf(visitor);
    const waitMs = this.#publishing.take(key);
    if (waitMs === 0) this.#peers?.count({ what: "publications", key, count: 1 });
    return this.#answer(waitMs, true);
  }

  /** So many events were in a request. A batch is let in whole; what it overdraws is waited for. */
  published(visitor: Visitor, events: number): void {
    const count = events - 1;
    if (count <= 0) return;
    const key = keyOf(visitor);
    this.#publishing.charge(key, count);
    this.#peers?.count({ what: "publications", key, count });
  }

  /** Charges for what another hub has let in. */
  countElsewhere({ what, key, count }: LimitUse): void {
    const buckets = what === "subscriptions" ? this.#subscribing : this.#publishing;
    buckets.charge(key, count);
  }

  #answer(waitMs: number, isBodyUnread: boolean): PlainAnswer | undefined {
    if (waitMs === 0) return undefined;
    this.#throttledTotal += 1;
    return this.#refusals.tooOften(waitMs, { isBodyUnread });
  }
}

function keyOf({ identity, address }: Visitor): string {
  if (identity !== undefined) return `identity ${identity}`;
  return address === undefined ? "unknown" : addressKey(address);
}
