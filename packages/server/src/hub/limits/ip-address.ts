// IP addresses as texts: one spelling for each, and what counts as one place in the network.

import { BlockList, isIP } from "node:net";

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
 */
export function isLocalAddress(address: string): boolean {
  return LOCAL.check(address, familyOf(address));
}

/** @param address as {@link parseAddress} gives it */
export function familyOf(address: string): "ipv4" | "ipv6" {
  return address.includes(":") ? "ipv6" : "ipv4";
}

const LOCAL = new BlockList();
LOCAL.addSubnet("127.0.0.0", 8, "ipv4");
LOCAL.addSubnet("10.0.0.0", 8, "ipv4");
LOCAL.addSubnet("172.16.0.0", 12, "ipv4");
LOCAL.addSubnet("192.168.0.0", 16, "ipv4");
LOCAL.addSubnet("169.254.0.0", 16, "ipv4");
LOCAL.addSubnet("100.64.0.0", 10, "ipv4");
LOCAL.addAddress("::1", "ipv6");
LOCAL.addSubnet("fc00::", 7, "ipv6");
LOCAL.addSubnet("fe80::", 10, "ipv6");

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
