// The strategist's backend with the first generation of the feed, at the same address.

import type { GatewayRoute } from "../route.js";
import { completeRoute } from "../route-defaults.js";
import type { GatewayPreset } from "./preset.js";
import { STRATEGIST_CHECK, STRATEGIST_IDENTITY } from "./strategist-access.js";
import {
  ANSWER_MS,
  COMMON_ROUTES,
  GREETING,
  HEARTBEAT,
  HEARTBEAT_TYPE,
  MAX_RETRY_MS,
  SLEEPER_RELEASE_MS,
} from "./strategist-common.js";

/** A poll at once and then every 30 s sends what came into being after the one before. */
const FEED: GatewayRoute = completeRoute({
  name: "feed",
  path: "/api/v1/strategist/feed",
  // Wards are compared regardless of case, and an unknown priority is `all`; neither can be known
  // here, and costs a connection more at worst. `since` is the gateway's own way to resume: what a
  // reader missed is in the log.
  query: { ward: "All", priority: "all" },
  // As in the other generation.
  identity: "own",
  // The backend itself shows nothing that is older than the connection.
  fresh: { at: "latest" },
  heartbeatType: HEARTBEAT_TYPE,
  // Its `timestamp` makes each a different one.
  greetings: [GREETING],
  passing: [
    HEARTBEAT,
    // A poll that failed. Somebody who comes later has nothing of it.
    { type: "error" },
    // The end of the response, and a failure: not one by design, after which the next response would
    // follow at once, but one like any other, after which asking again has to wait.
    { type: "fatal_error" },
  ],
  kinds: [
    {
      name: "alert",
      match: { type: "alert" },
      key: "data.id",
      time: "data.created_at",
      atMost: 10,
    },
    {
      name: "post",
      match: { type: "intelligence" },
      each: "data.items",
      key: "id",
      time: "created_at",
      count: "data.new_posts_count",
      atMost: 5,
    },
  ],
  upstream: {
    // Rows appear a moment after the time that they bear, and the two clocks are not one. What comes
    // again is dropped, but counts towards the 10 that a poll shows: more would cut off others.
    resume: { by: "since", parameter: "since", overlapMs: 5_000, greetingTime: "timestamp" },
    // The pause between two polls, and time for a slow one.
    silenceMs: 45_000,
    answerMs: ANSWER_MS,
    // Closing sooner would not free the thread sooner.
    lingerMs: 30_000,
    releaseMs: SLEEPER_RELEASE_MS,
    maxRetryMs: MAX_RETRY_MS,
  },
});

/** For a backend with the first generation of the feed. */
export const STRATEGIST_FIRST_GENERATION: GatewayPreset = {
  identity: STRATEGIST_IDENTITY,
  check: STRATEGIST_CHECK,
  routes: [FEED, ...COMMON_ROUTES],
};
