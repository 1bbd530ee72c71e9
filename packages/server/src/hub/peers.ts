// Several hubs behind one address, such as those in the processes of one server: what they tell each other,
// so that readers and operators meet one hub. How it is carried is up to whoever runs them.

import type { LeaseAnswer } from "throughline/core";

/** The other hubs behind the address of this one. */
export interface HubPeers {
  /**
   * Renews a lease that another hub has given, with `Hub.renewLease` there; a renewal may reach any of
   * them. Must not reject.
   *
   * @param hubId that other hub, as its `Hub.id` says
   */
  renewLease(hubId: string, renewal: LeaseRenewal): Promise<PeerAnswer>;
  /**
   * Told of what counts towards the limits of all, for `Hub.countElsewhere` of all others. Called very
   * often, and so should gather what comes in one turn. Must not throw.
   */
  count(use: LimitUse): void;
}

/** A lease to be renewed. */
export interface LeaseRenewal {
  readonly connection: string;
  /** How long the last disruption was in milliseconds, where the reader says so. */
  readonly recoveredMs?: number | undefined;
}

/** What comes of a renewal elsewhere. */
export type PeerAnswer =
  | { readonly kind: "renewed"; readonly answer: LeaseAnswer }
  /** The hub does not serve that connection, or not any more. */
  | { readonly kind: "unknown-connection" }
  /** There is no hub of that name, or it does not answer. */
  | { readonly kind: "unknown-hub" };

/** Something that counts towards a limit. */
export interface LimitUse {
  /** Places are held until they are given back, with a negative count; the others are rates. */
  readonly what: "places" | "subscriptions" | "publications";
  /** Whose, as this package spells it; for places also `"all"`. */
  readonly key: string;
  readonly count: number;
}
