// Routes for tests: a plain one, with what a test wants otherwise.

import type { GatewayRoute, UpstreamRules } from "../../src/gateway/route.js";

const UPSTREAM: UpstreamRules = {
  resume: { by: "none" },
  silenceMs: Number.POSITIVE_INFINITY,
  answerMs: 1700,
  lingerMs: 30_000,
  releaseMs: 5000,
  maxRetryMs: 30_000,
};

/** A route whose events mean nothing in particular. */
export function route(
  changes: Partial<Omit<GatewayRoute, "upstream">> & { upstream?: Partial<UpstreamRules> } = {},
): GatewayRoute {
  const { upstream, ...rest } = changes;
  return {
    name: "feed",
    path: "/feed",
    identity: "own",
    isChecked: false,
    fresh: { at: "latest" },
    heartbeatType: "heartbeat",
    greetings: [],
    passing: [],
    kinds: [],
    ends: [],
    refusals: [],
    life: "lasting",
    ...rest,
    upstream: { ...UPSTREAM, ...upstream },
  };
}

/** Rows that the backend repeats: its newest five in each round. */
export const ROUNDS = route({
  greetings: [{ type: "connection" }],
  passing: [{ type: ["heartbeat", "error"] }],
  kinds: [{ name: "alert", match: { type: "alert" }, key: "data.id", atMost: 5 }],
  ends: [
    { match: { type: "complete" }, means: "reopen" },
    { match: { type: "closed" }, means: "end" },
  ],
  upstream: { resume: { by: "repetition" } },
});

/** Rows that are newer than the poll before, at most three; and posts, several in one event. */
export const POLLS = route({
  greetings: [{ type: "connection" }],
  passing: [{ type: "heartbeat" }],
  kinds: [
    {
      name: "alert",
      match: { type: "alert" },
      key: "data.id",
      time: "data.created_at",
      atMost: 3,
    },
    {
      name: "post",
      match: { type: "posts" },
      each: "data.items",
      key: "id",
      count: "data.count",
      time: "created_at",
      atMost: 2,
    },
  ],
  upstream: {
    resume: { by: "since", parameter: "since", overlapMs: 1000, greetingTime: "timestamp" },
  },
});
