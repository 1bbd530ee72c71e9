// The limits of a hub that hold for those who use it, with their defaults and the reasons.
// docs/limits.md has all limits as a table; a test holds it against this file.

import { integerOption, invalidOption } from "../option-checks.js";
import { type ForwardedHeader, type ProxyTrust, resolveProxyTrust } from "./remote-address.js";
import type { Rate } from "./token-buckets.js";

/** Limits on what others may ask of a hub. All have defaults. */
export interface LimitOptions {
  /**
   * The proxies that are believed when they say for whom they ask: addresses, and networks such as
   * `"10.0.0.0/8"`. Default none, because anybody can write a header.
   */
  readonly trustedProxies?: readonly string[] | undefined;
  /**
   * The header in which trusted proxies say it. Default `"x-forwarded-for"`, which nginx, Caddy,
   * HAProxy and load balancers write. Only this one is read: a proxy that writes one of the two
   * usually lets the reader's own version of the other pass.
   */
  readonly forwardedHeader?: ForwardedHeader | undefined;
  /**
   * Most connections of one address (IPv6: of one /64 network); more are answered 429. Default half of
   * `maxConnections`: offices, carriers and public proxies put thousands of honest readers behind one
   * address, and nobody else is locked out by one that takes all it may. Where readers have addresses
   * of their own, 100 is plenty. Loopback and private addresses are not counted while
   * `trustedProxies` is not set: they are most likely a proxy that was not mentioned.
   */
  readonly maxConnectionsPerAddress?: number | undefined;
  /**
   * Most connections of one identity; more are answered 429. Default 100: ten tabs of ten streams.
   * An identity that many people share needs more.
   */
  readonly maxConnectionsPerIdentity?: number | undefined;
  /**
   * How often an address may ask for a stream, and how often an identity, once it is known who asks;
   * more is answered 429. Default
   * 1000 a second, which is a fifth of what one core answers, and at once 10 000, or `maxConnections`
   * if that is more: after a restart everybody comes back within a second, perhaps twice, and
   * perhaps through one proxy.
   */
  readonly subscribeRate?: Rate | undefined;
  /**
   * How many events an identity, or else an address, may publish over HTTP; a request without events
   * counts as one, and more is answered 429. Default 10 000 a second and 50 000 at once: no quota,
   * but it stops a publisher that has run wild before it has filled the log.
   */
  readonly publishRate?: Rate | undefined;
  /**
   * Milliseconds for the body of a publishing request to come; then 408. Default 30 000: the largest body
   * at 2.2 Mbit/s.
   */
  readonly bodyTimeoutMs?: number | undefined;
  /**
   * Most bytes of all bodies that are in memory at a time, until what they say has been stored; more is
   * answered 503. Default 64 MiB, which is eight of the largest. At least `maxBodyBytes`.
   */
  readonly maxPendingBodyBytes?: number | undefined;
  /**
   * Most bytes in the names and values of a request's headers; more are answered 431. Default 16 KiB,
   * which is what Node's own parser takes: cookies of 8 KiB twice.
   */
  readonly maxHeaderBytes?: number | undefined;
  /** Most headers of a request; more are answered 431. Default 100: browsers send some 20. */
  readonly maxHeaders?: number | undefined;
  /**
   * Milliseconds after which a connection is ended in good order: `throughline.drain`, and the reader
   * comes back with its cursor. Each has its own time, up to a fifth more or less. Default 4 hours:
   * readers spread over new nodes within a morning, and whatever a very old connection might hide
   * has an end, at the price of a handful of reconnects a day. At least a minute; 0 for no end.
   */
  readonly maxConnectionAgeMs?: number | undefined;
  /**
   * Most bytes that may wait in the process for all readers together. Where it is more, no history is
   * handed out, whoever has anything waiting counts as slow, and the readers with the most waiting
   * are cut off until a tenth is free; they come back with their cursors. Default 256 MiB: four
   * thousand readers at their high-water mark, in a process of 1 GB. At least `highWaterBytes`.
   */
  readonly maxQueuedBytes?: number | undefined;
}

/** Limits with everything decided. */
export interface LimitSettings {
  readonly proxyTrust: ProxyTrust;
  readonly maxConnectionsPerAddress: number;
  readonly maxConnectionsPerIdentity: number;
  readonly subscribeRate: Rate;
  readonly publishRate: Rate;
  readonly bodyTimeoutMs: number;
  readonly maxPendingBodyBytes: number;
  readonly maxHeaderBytes: number;
  readonly maxHeaders: number;
  /** 0: none. */
  readonly maxConnectionAgeMs: number;
  readonly maxQueuedBytes: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;
/** Most bytes that wait for all readers of a hub, unless it is told otherwise. */
export const DEFAULT_MAX_QUEUED_BYTES = 256 * MIB;

const DEFAULT_SUBSCRIBE_BURST = 10_000;
const DEFAULT_PUBLISH_RATE: Rate = { perSecond: 10_000, burst: 50_000 };

/** Far below what a timer can hold. */
const LONGEST_WAIT_MS = 86_400_000;

/** What limits depend on. */
interface HubExtent {
  readonly maxConnections: number;
  readonly maxBodyBytes: number;
  readonly highWaterBytes: number;
}

/**
 * Applies the defaults and checks every limit.
 *
 * @throws StreamError `invalid-option`
 */
export function resolveLimits(
  options: LimitOptions,
  { maxConnections, maxBodyBytes, highWaterBytes }: HubExtent,
): LimitSettings {
  const half = Math.ceil(maxConnections / 2);
  const { maxConnectionsPerAddress = half, maxConnectionsPerIdentity = 100 } = options;
  const { bodyTimeoutMs = 30_000, maxHeaderBytes = 16 * KIB, maxHeaders = 100 } = options;
  const { maxConnectionAgeMs = 4 * 3_600_000 } = options;
  const { maxQueuedBytes = Math.max(DEFAULT_MAX_QUEUED_BYTES, highWaterBytes) } = options;
  const { maxPendingBodyBytes = Math.max(64 * MIB, maxBodyBytes) } = options;
  const subscribeRate = {
    perSecond: 1000,
    burst: Math.max(DEFAULT_SUBSCRIBE_BURST, maxConnections),
  };
  return {
    proxyTrust: resolveProxyTrust(options.trustedProxies, options.forwardedHeader),
    maxConnectionsPerAddress: integerOption(
      "maxConnectionsPerAddress",
      maxConnectionsPerAddress,
      1,
    ),
    maxConnectionsPerIdentity: integerOption(
      "maxConnectionsPerIdentity",
      maxConnectionsPerIdentity,
      1,
    ),
    subscribeRate: resolveRate("subscribeRate", options.subscribeRate ?? subscribeRate),
    publishRate: resolveRate("publishRate", options.publishRate ?? DEFAULT_PUBLISH_RATE),
    bodyTimeoutMs: integerOption("bodyTimeoutMs", bodyTimeoutMs, 1, LONGEST_WAIT_MS),
    maxPendingBodyBytes: integerOption("maxPendingBodyBytes", maxPendingBodyBytes, maxBodyBytes),
    maxHeaderBytes: integerOption("maxHeaderBytes", maxHeaderBytes, 1),
    maxHeaders: integerOption("maxHeaders", maxHeaders, 1),
    maxQueuedBytes: integerOption("maxQueuedBytes", maxQueuedBytes, highWaterBytes),
    maxConnectionAgeMs:
      maxConnectionAgeMs === 0
        ? 0
        : integerOption("maxConnectionAgeMs", maxConnectionAgeMs, 60_000),
  };
}

function resolveRate(name: string, { perSecond, burst }: Rate): Rate {
  if (!Number.isFinite(perSecond) || perSecond <= 0) {
    throw invalidOption(`${name}.perSecond`, "a number above 0", perSecond);
  }
  return { perSecond, burst: integerOption(`${name}.burst`, burst, 1) };
}
