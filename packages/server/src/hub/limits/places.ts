// The places of a hub: how many connections there may be, in total and of one origin.

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

/** Counts who holds places. Taking and giving back cost the same however many there are. */
export class Places {
  readonly #limits: PlaceLimits;
  readonly #perAddress = new Map<string, number>();
  readonly #perIdentity = new Map<string, number>();
  #taken = 0;

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
  }

  get taken(): number {
    return this.#taken;
  }

  /** A place for a visitor, or which limit leaves none. */
  take({ address, identity }: Visitor): Place | FullOf {
    const { maxConnections, maxConnectionsPerAddress, maxConnectionsPerIdentity } = this.#limits;
    if (this.#taken >= maxConnections) return "connections";
    const key = this.#countedAs(address);
    if (isAt(this.#perIdentity, identity, maxConnectionsPerIdentity)) return "identity";
    if (isAt(this.#perAddress, key, maxConnectionsPerAddress)) return "address";
    this.#taken += 1;
    add(this.#perAddress, key, 1);
    add(this.#perIdentity, identity, 1);
    return { addressKey: key, identity };
  }

  /**
   * The same place, for an identity that was found only after it was taken; or that the identity's
   * limit leaves none. It is then still held, and to be given back.
   */
  identify(place: Place, identity: string | undefined): Place | "identity" {
    if (isAt(this.#perIdentity, identity, this.#limits.maxConnectionsPerIdentity))
      return "identity";
    add(this.#perIdentity, identity, 1);
    return { ...place, identity };
  }

  /** Gives a place back. Once. */
  giveBack({ addressKey, identity }: Place): void {
    this.#taken -= 1;
    add(this.#perAddress, addressKey, -1);
    add(this.#perIdentity, identity, -1);
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

function isAt(counts: ReadonlyMap<string, number>, key: string | undefined, most: number): boolean {
  return key !== undefined && (counts.get(key) ?? 0) >= most;
}

/** Nobody who holds nothing is remembered. */
function add(counts: Map<string, number>, key: string | undefined, change: 1 | -1): void {
  if (key === undefined) return;
  const count = (counts.get(key) ?? 0) + change;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
