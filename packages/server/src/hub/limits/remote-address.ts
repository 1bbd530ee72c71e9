// Who a request comes from, where proxies stand between: the header in which they say so is believed as
// far as it was written by proxies that the operator trusts, and no further.

import { BlockList, isIP } from "node:net";
import { invalidOption } from "../option-checks.js";
import { familyOf, parseAddress } from "./ip-address.js";

/** The header in which proxies tell for whom they ask. */
export type ForwardedHeader = "x-forwarded-for" | "forwarded";

/** Which proxies are believed. */
export interface ProxyTrust {
  readonly header: ForwardedHeader;
  /** Whether any proxy is trusted at all. */
  readonly isSet: boolean;
  trusts(address: string): boolean;
}

/**
 * Reads the list of trusted proxies: addresses, and networks such as `10.0.0.0/8`.
 *
 * @throws StreamError `invalid-option`
 */
export function resolveProxyTrust(
  proxies: readonly string[] = [],
  header: ForwardedHeader = "x-forwarded-for",
): ProxyTrust {
  if (!Array.isArray(proxies)) throw invalidOption("trustedProxies", EXPECTED, typeof proxies);
  if (header !== "x-forwarded-for" && header !== "forwarded") {
    throw invalidOption("forwardedHeader", '"x-forwarded-for" or "forwarded"', header);
  }
  const list = new BlockList();
  for (const [index, proxy] of proxies.entries()) addProxy(list, proxy, index);
  const trusts = (address: string) => list.check(address, familyOf(address));
  return { header, isSet: proxies.length > 0, trusts };
}

const EXPECTED = 'addresses and networks such as "10.0.0.7" and "10.0.0.0/8"';

function addProxy(list: BlockList, proxy: unknown, index: number): void {
  const name = `trustedProxies[${index}]`;
  const [, network = "", bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(String(proxy)) ?? [];
  const family = isIP(network) === 6 ? "ipv6" : "ipv4";
  const most = family === "ipv6" ? 128 : 32;
  const prefix = bits === undefined ? most : Number(bits);
  if (isIP(network) === 0 || prefix > most) throw invalidOption(name, EXPECTED, proxy);
  list.addSubnet(network, prefix, family);
}

/**
 * The address of whoever asks: that of the peer, or, where the peer is a trusted proxy, the right-most
 * entry of its header that is not itself a trusted proxy. Entries further left could be anybody's
 * words, and an entry that is no address ends the search at the proxy that wrote it.
 *
 * @param peer the other end of the connection, as the platform gives it; `undefined` where it is
 * not known, and then nothing is believed
 */
export function remoteAddress(
  trust: ProxyTrust,
  peer: string | undefined,
  header: (name: string) => string | undefined,
): string | undefined {
  let address = peer === undefined ? undefined : parseAddress(peer);
  if (address === undefined || !trust.isSet || !trust.trusts(address)) return address;
  const entries = forwardedFor(trust.header, header(trust.header) ?? "");
  for (const entry of entries.reverse()) {
    const before = parseAddress(entry);
    if (before === undefined) return address;
    address = before;
    if (!trust.trusts(address)) return address;
  }
  return address;
}

/** The entries of the header, from the reader's own to that of the nearest proxy, without ports. */
function forwardedFor(name: ForwardedHeader, value: string): string[] {
  if (value === "") return [];
  const entries = value.split(",");
  const nodes = name === "forwarded" ? entries.map(forwardedNode) : entries;
  return nodes.map((node) => withoutPort(node.trim()));
}

/** The `for` parameter of one element (RFC 7239 §4); empty where there is none. */
function forwardedNode(element: string): string {
  const [, quoted, plain] = /(?:^|;)\s*for\s*=\s*(?:"([^"]*)"|([^;"\s]+))/i.exec(element) ?? [];
  return quoted ?? plain ?? "";
}

/** `192.0.2.1:80` and `[2001:db8::1]:80` name a port, `2001:db8::1` does not. */
function withoutPort(node: string): string {
  const [, bracketed, dotted] = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d+)?$/.exec(node) ?? [];
  return bracketed ?? dotted ?? node;
}
