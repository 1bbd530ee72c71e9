// The strategist's backend with the enhanced feed, which is the one that is deployed.

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
} from "./strategist-common.js";

/** What one round of the backend shows at most: 3 from its cache, 5 alerts, 3 posts. */
const ROUND = 11;

/** Failures inside the stream have `data`; a refusal, which is the only event, has none. */
const REFUSAL = { type: "error", data: { present: false } } as const;

/**
 * A round every second or two sends the newest rows again, until ten items were sent; then the response
 * ends with `complete`.
 */
const FEED: GatewayRoute = completeRoute({
  name: "feed",
  path: "/api/v1/strategist/feed",
  // Nothing else makes a difference; `since` is accepted and not used, `depth` not even read. A
  // request without a ward has to be refused by the backend.
  query: { ward: null, priority: "all" },
  // Each connection costs a thread, and everybody who is logged in may read every ward; but that is
  // for whoever runs the backend to say, with `identity: shared`.
  identity: "own",
  // What a client is used to see at once.
  fresh: { newest: ROUND },
  heartbeatType: HEARTBEAT_TYPE,
  greetings: [GREETING],
  passing: [
    HEARTBEAT,
    // As deployed every round fails and says so. To somebody who comes later it says nothing. Nor is
    // a fatal one an end: the response is over, as after any failure, and asking again has to wait.
    { type: "error" },
    // What fills a round without data. Its id is the clock's, so it would be new every second.
    { type: "intelligence", "data.source": "system" },
  ],
  kinds: [
    {
      name: "alert",
      match: { type: "intelligence", "data.source": "database" },
      key: "data.id",
      time: "data.created_at",
      atMost: 5,
    },
    {
      name: "post",
      match: { type: "intelligence", "data.source": "posts" },
      key: "data.id",
      time: "data.created_at",
      atMost: 3,
    },
    // The first three of a list that somebody has put there: no newest rows, so nothing can be cut.
    { name: "cache", match: { type: "intelligence", "data.source": "cache" }, key: "data.id" },
  ],
  ends: [{ match: { type: "complete" }, means: "reopen" }],
  refusals: [
    { match: { ...REFUSAL, message: "Authentication required" }, status: 401 },
    // No ward, one that is too long, a priority that there is not.
    { match: REFUSAL, status: 400 },
  ],
  upstream: {
    resume: { by: "repetition" },
    // It says something every second, or two after a failure.
    silenceMs: 10_000,
    answerMs: ANSWER_MS,
    // A response lasts 20 s anyway, and what was missed comes again.
    lingerMs: 10_000,
    // It notices with the next thing it says, after a pause of up to 2 s and some queries.
    releaseMs: 4_000,
    // Each failing round asks for 5 s.
    maxRetryMs: MAX_RETRY_MS,
  },
});

/** For a backend with the enhanced feed. */
export const STRATEGIST_ENHANCED: GatewayPreset = {
  identity: STRATEGIST_IDENTITY,
  check: STRATEGIST_CHECK,
  routes: [FEED, ...COMMON_ROUTES],
};
