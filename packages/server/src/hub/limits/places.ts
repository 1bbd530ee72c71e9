// The places of a hub: how many connections there may be, in total and of one origin.

import type { HubPeers } from "../peers.js";
import { addressKey, isLocalAddress } from "./ip-address.js";
import type { ProxyTrust } from "./remote-address.js";

/** Who asks for a place. */
export interface Visitor {
  /** As `parseAddress` gives it; `undefined` where it is not known. */
  readonly address: string | undefined;
  /** Whom authorization has found to be asking; `undefined` where there is none. */
  readonly identity: string | undefined;
}

/** Which of the limits leaves no room. */
export type FullOf = "connections" | "address" | "identity";

/** A place, held until it is given back; what it counts for. */
export interface Place {
  readonly addressKey: string | undefined;
  readonly identity: string | undefined;
}

export interface PlaceLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly maxConnectionsPerIdentity: number;
  readonly proxyTrust: ProxyTrust;
}

/** A place that counts for nobody in particular, as all do behind a proxy on the same machine. */
const NOBODYS: Place = { addressKey: undefined, identity: undefined };

/** What all places of all hubs count as. Addresses and identities have a word before them. */
const ALL = "all";

/**
 * Counts who holds places, here and in other hubs behind the same address. Taking and giving back cost
 * the same however many there are.
 */
export class Places {
  readonly #limits: PlaceLimits;
  readonly #peers: Pick<HubPeers, "count"> | undefined;
  /** Of this hub and the others: how many are held, by what they count as. */
  readonly #held = new Map<string, number>();
  #taken = 0;

  constructor(limits: PlaceLimits, peers?: Pick<HubPeers, "count">) {
    this.#limits = limits;
    this.#peers = peers;
  }

  /** How many are held in this hub. */
  get taken(): number {
    return this.#taken;
  }

  /** A place for a visitor, or which limit leaves none. */
  take({ address, identity }: Visitor): Place | FullOf {
    const { maxConnections, maxConnectionsPerAddress, maxConnectionsPerIdentity } = this.#limits;
    if (this.#isFull(ALL, maxConnections)) return "connections";
    const key = this.#countedAs(address);
    if (this.#isFull(ofIdentity(identity), maxConnectionsPerIdentity)) return "identity";
    if (this.#isFull(ofAddress(key), maxConnectionsPerAddress)) return "address";
    this.#taken += 1;
    this.#count(ALL, 1);
    this.#count(ofAddress(key), 1);
    this.#count(ofIdentity(identity), 1);
    return key === undefined && identity === undefined ? NOBODYS : { addressKey: key, identity };
  }

  /**
   * The same place, for an identity that was found only after it was taken; or that the identity's
   * limit leaves none. It is then still held, and to be given back.
   */
  identify(place: Place, identity: string | undefined): Place | "identity" {
    const key = ofIdentity(identity);
    if (this.#isFull(key, this.#limits.maxConnectionsPerIdentity)) return "identity";
    this.#count(key, 1);
    return { ...place, identity };
  }

  /** Gives a place back. Once. */
  giveBack({ addressKey, identity }: Place): void {
    this.#taken -= 1;
    this.#count(ALL, -1);
    this.#count(ofAddress(addressKey), -1);
    this.#count(ofIdentity(identity), -1);
  }

  /** So many places have been taken in another hub, or given back there if it is less than 0. */
  countElsewhere(key: string, change: number): void {
    this.#add(key, change);
  }

  #add(key: string, change: number): void {
    const held = (this.#held.get(key) ?? 0) + change;
    // Nobody who holds nothing is remembered.
    if (held === 0) this.#held.delete(key);
    else this.#held.set(key, held);
  }

  #count(key: string | undefined, change: 1 | -1): void {
    if (key === undefined) return;
    this.#add(key, change);
    this.#peers?.count({ what: "places", key, count: change });
  }

  #isFull(key: string | undefined, most: number): boolean {
    return key !== undefined && (this.#held.get(key) ?? 0) >= most;
  }

  /**
   * What an address counts as; `undefined`: not at all. A local address is most likely that of a
   * proxy that nobody has told the hub about, through which everybody comes. Once there are trusted
   * proxies it is a reader of the house, and counts like any other.
   */
  #countedAs(address: string | undefined): string | undefined {
    if (address === undefined) return undefined;
    if (!this.#limits.proxyTrust.isSet && isLocalAddress(address)) return undefined;
    return addressKey(address);
  }
}

function ofAddress(key: string | undefined): string | undefined {
  return key === undefined ? undefined : `address ${key}`;
}

function ofIdentity(identity: string | undefined): string | undefined {
  return identity === undefined ? undefined : `identity ${identity}`;
}
