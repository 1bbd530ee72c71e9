// Who is counted: one spelling for each address, and proxies believed no further than they are trusted.

import { BlockList } from "node:net";
import { describe, expect, it } from "vitest";
import { addressKey, isLocalAddress, parseAddress } from "../../../src/hub/limits/ip-address.js";
import { remoteAddress, resolveProxyTrust } from "../../../src/hub/limits/remote-address.js";

describe("an address", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:c000:0201", "192.0.2.1"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["::", "::"],
    ["::ffff:0:1", "0.0.0.1"],
  ])("written as %s is %s", (text, address) => {
    expect(parseAddress(text)).toBe(address);
  });

  it.each(["", "unknown", "1.2.3", "1.2.3.4:80", "[::1]", "::ffff:300.1.1.1", "g::1"])(
    "is not read from %j",
    (text) => {
      expect(parseAddress(text)).toBeUndefined();
    },
  );

  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
  ])("%s is counted as %s", (address, key) => {
    expect(addressKey(address)).toBe(key);
  });

  it("of version 6 is counted with all others of its network, and apart from the next", () => {
    const key = (text: string) => addressKey(parseAddress(text) ?? "");
    expect(key("2001:db8:0:1::5")).toBe(key("2001:0db8:0000:0001:ffff::1"));
    expect(key("2001:db8:0:1::5")).not.toBe(key("2001:db8:0:2::5"));
  });

  it.each(["127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "100.64.0.1", "::1", "fd00::1"])(
    "such as %s is nobody's on the open internet",
    (address) => {
      expect(isLocalAddress(address)).toBe(true);
    },
  );

  it.each(["8.8.8.8", "172.32.0.1", "100.128.0.1", "2001:db8::1"])("such as %s is", (address) => {
    expect(isLocalAddress(address)).toBe(false);
  });
});

describe("a local address", () => {
  it("is one of the networks that belong to nobody, wherever these begin and end", () => {
    const local = new BlockList();
    local.addSubnet("127.0.0.0", 8, "ipv4");
    local.addSubnet("10.0.0.0", 8, "ipv4");
    local.addSubnet("172.16.0.0", 12, "ipv4");
    local.addSubnet("192.168.0.0", 16, "ipv4");
    local.addSubnet("169.254.0.0", 16, "ipv4");
    local.addSubnet("100.64.0.0", 10, "ipv4");
    local.addAddress("::1", "ipv6");
    local.addSubnet("fc00::", 7, "ipv6");
    local.addSubnet("fe80::", 10, "ipv6");
    const wrong: string[] = [];
    const compare = (address: string, family: "ipv4" | "ipv6") => {
      const isLocal = isLocalAddress(parseAddress(address) ?? "");
      if (isLocal !== local.check(address, family)) wrong.push(address);
    };
    for (let first = 0; first < 0x10000; first += 1) {
      compare(`${first >> 8}.${first & 255}.10.127`, "ipv4");
      compare(`${first.toString(16)}:fe80::1`, "ipv6");
    }
    for (const address of ["::1", "::2", "::", "::1:1", "1::1", "fe80::1", "fc00::"]) {
      compare(address, "ipv6");
    }
    expect(wrong).toEqual([]);
  });
});

describe("the address of a reader", () => {
  const through = (
    peer: string | undefined,
    forwarded: string,
    proxies: readonly string[],
    header: "x-forwarded-for" | "forwarded" = "x-forwarded-for",
  ) =>
    remoteAddress(resolveProxyTrust(proxies, header), peer, (name) =>
      name === header ? forwarded : undefined,
    );

  it("is the peer's where no proxy is trusted, whatever a header says", () => {
    expect(through("192.0.2.1", "203.0.113.9", [])).toBe("192.0.2.1");
  });

  it("is the peer's where the peer is not a proxy that is trusted", () => {
    expect(through("192.0.2.1", "203.0.113.9", ["192.0.2.2"])).toBe("192.0.2.1");
  });

  it("is what the nearest untrusted hop is, not what that hop claims", () => {
    const forged = "203.0.113.66, 198.51.100.7, 10.0.0.2";
    expect(through("10.0.0.1", forged, ["10.0.0.0/8"])).toBe("198.51.100.7");
  });

  it("is the left-most where everybody is trusted", () => {
    expect(through("10.0.0.1", "10.0.0.3, 10.0.0.2", ["10.0.0.0/8"])).toBe("10.0.0.3");
  });

  it("is the proxy's where the header is missing, or has no address in that place", () => {
    expect(through("10.0.0.1", "", ["10.0.0.1"])).toBe("10.0.0.1");
    expect(through("10.0.0.1", "203.0.113.9, unknown", ["10.0.0.1"])).toBe("10.0.0.1");
  });

  it("is not known where the peer is not: there is nobody to believe", () => {
    expect(through(undefined, "203.0.113.9", ["0.0.0.0/0", "::/0"])).toBeUndefined();
  });

  it("knows a trusted proxy in each spelling, and networks of version 6", () => {
    expect(through("::ffff:10.0.0.1", "203.0.113.9", ["10.0.0.1"])).toBe("203.0.113.9");
    expect(through("fd00::7", "::ffff:203.0.113.9", ["fd00::/8"])).toBe("203.0.113.9");
  });

  it.each([
    ["203.0.113.9:4711", "203.0.113.9"],
    ["[2001:db8::1]:4711", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["2001:db8::1", "2001:db8::1"],
  ])("is read from %s without the port", (entry, address) => {
    expect(through("10.0.0.1", entry, ["10.0.0.1"])).toBe(address);
  });

  it.each([
    ["for=203.0.113.9", "203.0.113.9"],
    ['For="[2001:db8::1]:4711";proto=https', "2001:db8::1"],
    ["proto=http;by=10.0.0.1; for=203.0.113.9", "203.0.113.9"],
    ["for=192.0.2.66, for=203.0.113.9;host=a", "203.0.113.9"],
    ["for=_hidden", "10.0.0.1"],
    ["proto=https", "10.0.0.1"],
  ])("is read from Forwarded: %s", (value, address) => {
    expect(through("10.0.0.1", value, ["10.0.0.1"], "forwarded")).toBe(address);
  });

  it("is read from the header that was chosen alone: readers can send the other", () => {
    const trust = resolveProxyTrust(["10.0.0.1"], "forwarded");
    const header = (name: string) => (name === "x-forwarded-for" ? "203.0.113.66" : undefined);
    expect(remoteAddress(trust, "10.0.0.1", header)).toBe("10.0.0.1");
  });
});
