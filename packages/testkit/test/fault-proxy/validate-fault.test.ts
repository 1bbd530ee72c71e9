import { describe, expect, test } from "vitest";
import type { Fault } from "../../src/fault-proxy/fault.js";
import { assertFault } from "../../src/fault-proxy/validate-fault.js";

const wrong: readonly Fault[] = [
  { kind: "http-error", status: 103 },
  { kind: "http-error", status: 600 },
  { kind: "http-error", status: 200.5 },
  { kind: "http-error", status: 503, times: 0 },
  { kind: "http-error", status: 503, retryAfter: -1 },
  { kind: "http-error", status: 503, retryAfter: "1\r\nSet-Cookie: a=b" },
  { kind: "http-error", status: 302, headers: { Location: "/\r\n\r\n" } },
  { kind: "http-error", status: 302, headers: { "X\n": "" } },
  { kind: "open-then-close", times: -1 },
  { kind: "garbage", instead: "body", bytes: 0 },
  { kind: "garbage", instead: "body", times: 0.5 },
  { kind: "slow", bytesPerSecond: 0 },
  { kind: "delay", ms: Number.NaN },
  { kind: "delay", ms: 2 ** 31 },
  { kind: "cut", after: "", end: "fin" },
  { kind: "cut", after: "x", plusBytes: -1, end: "fin" },
  { kind: "cut", after: "x", skip: 1.5, end: "fin" },
  { kind: "cut", after: "x", times: 0, end: "fin" },
  { kind: "buffer", bytes: 0 },
  { kind: "http-error", status: 503, path: "feed" },
  { kind: "open-then-close", skip: -1 },
  { kind: "late-head", ms: -1 },
  { kind: "idle-timeout", ms: 2 ** 31 },
  { kind: "rewrite-head", status: 100 },
  { kind: "rewrite-head", headers: { "Content-Length": "3" } },
  { kind: "rewrite-head", remove: ["Transfer-Encoding"] },
];

const right: readonly Fault[] = [
  { kind: "pass" },
  { kind: "http-error", status: 599, times: Number.POSITIVE_INFINITY, retryAfter: 0 },
  { kind: "http-error", status: 200, headers: { "Content-Type": "text/html" }, body: "\u00fc\n" },
  { kind: "garbage", instead: "response", bytes: 1, times: 1 },
  { kind: "slow", bytesPerSecond: 1 },
  { kind: "delay", ms: 0.5 },
  { kind: "cut", after: Uint8Array.of(0), plusBytes: 0, skip: 0, end: "reset" },
  { kind: "buffer", bytes: "until-close" },
];

describe("a fault", () => {
  test.each(wrong)("is refused when a value is out of range: %j", (fault) => {
    expect(() => assertFault(fault)).toThrow(
      expect.objectContaining({ name: "StreamError", code: "invalid-option", fault: "local" }),
    );
  });

  test.each(right)("is accepted at the edge of its range: %j", (fault) => {
    expect(() => assertFault(fault)).not.toThrow();
  });
});
