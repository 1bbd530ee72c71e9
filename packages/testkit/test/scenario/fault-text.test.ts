import { describe, expect, it } from "vitest";
import type { Fault } from "../../src/fault-proxy/index.js";
import { formatFault, parseFault } from "../../src/scenario/index.js";

/** Every kind, with every field that it has. */
const faults: Readonly<Record<Fault["kind"], readonly Fault[]>> = {
  pass: [{ kind: "pass" }],
  "end-cleanly": [{ kind: "end-cleanly" }],
  fin: [{ kind: "fin" }],
  reset: [{ kind: "reset" }],
  refuse: [{ kind: "refuse" }],
  "reset-new": [{ kind: "reset-new" }],
  "accept-stall": [{ kind: "accept-stall" }],
  "headers-only": [{ kind: "headers-only" }],
  freeze: [{ kind: "freeze", direction: "up", thaw: false }],
  "http-error": [
    { kind: "http-error", status: 503, retryAfter: 2, retryAfterAs: "date", times: 3 },
    {
      kind: "http-error",
      status: 302,
      headers: { Location: "/login?next=a, b", "X-A": "" },
      retryAfter: "soon",
      body: 'first "line"\n# second, line\n',
    },
  ],
  "open-then-close": [{ kind: "open-then-close", path: "/streams/*", skip: 2, times: 1 }],
  garbage: [{ kind: "garbage", instead: "body", bytes: 4096, times: 2 }],
  slow: [{ kind: "slow", bytesPerSecond: 100, direction: "both" }],
  delay: [{ kind: "delay", ms: 0.5 }],
  cut: [
    { kind: "cut", after: "id: ", plusBytes: 3, skip: 1, end: "fin", times: 2 },
    { kind: "cut", after: Uint8Array.of(0xe2, 0), end: "reset" },
    { kind: "cut", after: "hex:e2", end: "reset" },
  ],
  buffer: [
    { kind: "buffer", bytes: "until-close" },
    { kind: "buffer", bytes: 4096 },
  ],
  "half-open": [{ kind: "half-open", lost: "client" }],
  "late-head": [{ kind: "late-head", ms: 2000 }],
  "idle-timeout": [{ kind: "idle-timeout", ms: 5000, end: "reset" }],
  "rewrite-head": [
    {
      kind: "rewrite-head",
      status: 203,
      headers: { "Content-Type": "text/event-stream; charset=latin1" },
      remove: ["Date", "Cache-Control"],
    },
  ],
  gzip: [{ kind: "gzip" }],
};

describe("a fault", () => {
  it.each(Object.values(faults).flat())(
    "is the same after it was written and read: %j",
    (fault) => {
      expect(parseFault(formatFault(fault))).toEqual(fault);
    },
  );

  it("may have its amounts with units", () => {
    expect(parseFault("buffer bytes=100KB")).toEqual({ kind: "buffer", bytes: 102_400 });
    expect(parseFault("delay ms=1.5s")).toEqual({ kind: "delay", ms: 1500 });
  });

  it("is refused with what was expected where it is none", () => {
    expect(() => parseFault("cut after=x end=never")).toThrow(
      'expected "end=" with "fin" or "reset", found "end=never".',
    );
    expect(() => parseFault("reset now")).toThrow('expected the end of the line, found "now".');
  });
});
