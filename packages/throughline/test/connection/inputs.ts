// Random inputs and contexts for the connection machine.

import fc from "fast-check";
import type { ConnectionInput } from "throughline/core";
import { DEFAULT_LIMITS, DEFAULT_PULSE } from "throughline/core";

const pulse = fc.constantFrom(DEFAULT_PULSE, undefined);

const head = {
  status: fc.constantFrom(200, 200, 200, 204, 301, 401, 403, 404, 410, 429, 500, 502, 503, 505),
  contentType: fc.constantFrom("text/event-stream", "text/event-stream", "text/html", ""),
  retryAfterMs: fc.constantFrom(undefined, undefined, 0, 5000),
  canRenew: fc.boolean(),
};

const response: fc.Arbitrary<ConnectionInput> = fc.record({
  kind: fc.constant("response" as const),
  ...head,
  pulse,
  isOurs: fc.boolean(),
});

const successorResponse: fc.Arbitrary<ConnectionInput> = fc.record({
  kind: fc.constant("successor-response" as const),
  ...head,
});

const bare = fc
  .constantFrom(
    "open",
    "asking",
    "sent",
    "unprepared",
    "successor-broken",
    "bytes",
    "bytes",
    "bytes",
    "ended",
    "broken",
    "futile",
    "lease-lost",
    "behind",
    "ended",
    "ended",
    "complete",
    "overflow",
    "tick",
    "tick",
    "tick",
    "tick",
    "nudge",
    "suspend",
    "resume",
    "reconnect",
    "close",
  )
  .map((kind): ConnectionInput => ({ kind }) as ConnectionInput);

/** Any input, with those that lead on more often than those that end it. */
export const anyInput: fc.Arbitrary<ConnectionInput> = fc.oneof(
  { weight: 4, arbitrary: response },
  { weight: 8, arbitrary: bare },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("comment" as const, "other" as const)
      .map((sign): ConnectionInput => ({ kind: "bytes", sign })),
  },
  { weight: 2, arbitrary: fc.constant<ConnectionInput>({ kind: "hello", pulse: DEFAULT_PULSE }) },
  {
    weight: 1,
    arbitrary: fc.nat(10_000).map((retryMs): ConnectionInput => ({ kind: "retry", retryMs })),
  },
  { weight: 1, arbitrary: successorResponse },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("asking" as const, "sent" as const),
      isSuccessor: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: pulse.map((each): ConnectionInput => ({ kind: "successor-bytes", pulse: each })),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("drain" as const),
      withinMs: fc.nat(3000),
      why: fc.constantFrom("drained" as const, "expiring" as const),
    }),
  },
);

/** Time that has passed since the input before, chance, and limits. */
export const anyContext = fc.record({
  elapsedMs: fc.constantFrom(0, 30, 200, 310, 450, 500, 1000, 1350, 1900, 4100, 6000, 150_000),
  random: fc.double({ min: 0, max: 0.999, noNaN: true }).map((value) => () => value),
  limits: fc.constantFrom(
    DEFAULT_LIMITS,
    DEFAULT_LIMITS,
    { ...DEFAULT_LIMITS, retryLimit: 0 },
    { ...DEFAULT_LIMITS, refusalLimit: 1 },
  ),
});
