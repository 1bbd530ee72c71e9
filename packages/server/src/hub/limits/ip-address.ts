// IP addresses as texts: one spelling for each, and what counts as one place in the network.

import { isIP } from "node:net";

/**
 * One spelling for each address: IPv4 in dots, also where it came as IPv6 (`::ffff:192.0.2.1`), and
 * IPv6 as RFC 5952 writes it, without a zone.
 *
 * @returns `undefined` for what is no address
 */
export function parseAddress(text: string): string | undefined {
  const zone = text.indexOf("%");
  const address = zone < 0 ? text : text.slice(0, zone);
  switch (isIP(address)) {
    case 4:
      return address;
    case 6:
      return fromMapped(compress(address));
    default:
      return undefined;
  }
}

/**
 * The part of an address that is counted: an IPv4 address itself, and of an IPv6 address the first
 * 64 bits, because whoever has one has the 2^64 others of its network as well.
 *
 * @param address as {@link parseAddress} gives it
 */
export function addressKey(address: string): string {
  return address.includes(":") ? `${groupsOf(address).slice(0, 4).join(":")}::/64` : address;
}

/**
 * Whether an address belongs to a network that is not the open internet: loopback, link-local,
 * private (RFC 1918, RFC 4193) and the shared space behind a carrier's NAT (RFC 6598).
 *
 * @param address as {@link parseAddress} gives it: in its one spelling its beginning says it, and a
 * `BlockList`, which makes objects each time it is asked, is not needed
 */
export function isLocalAddress(address: string): boolean {
  return familyOf(address) === "ipv4" ? LOCAL_IPV4.test(address) : LOCAL_IPV6.test(address);
}

/** @param address as {@link parseAddress} gives it */
export function familyOf(address: string): "ipv4" | "ipv6" {
  return address.includes(":") ? "ipv6" : "ipv4";
}

/** 127/8, 10/8, 192.168/16, 169.254/16, 172.16/12 and 100.64/10. */
const LOCAL_IPV4 =
  /^(?:127|10|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./;

/** ::1, fc00::/7 and fe80::/10. */
const LOCAL_IPV6 = /^(?:::1$|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)/;

/** The URL standard serialises IPv6 hosts in the one form of RFC 5952, in lower case. */
function compress(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

function fromMapped(address: string): string {
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  const bits = Number.parseInt(high, 16) * 65_536 + Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => Math.floor(bits / 2 ** shift) % 256).join(".");
}

/** The eight groups of a compressed address. */
function groupsOf(address: string): string[] {
  const [head = "", tail] = address.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array<string>(8 - before.length - after.length).fill("0");
  return [...before, ...zeros, ...after];
}
