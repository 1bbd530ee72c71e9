// The strategist's streams that are the same in both generations of its backend: all but the feed.

import type { GatewayRoute, PayloadMatch } from "../route.js";
import { completeRoute } from "../route-defaults.js";

/** What every stream of the application says first. Its time and id differ with every connection. */
export const GREETING: PayloadMatch = { type: "connection" };

export const HEARTBEAT: PayloadMatch = { type: "heartbeat" };

/**
 * The name under which the application's clients listen for heartbeats. The backend sends its own
 * without a name, so that supervision has never worked; with the gateway's it does.
 */
export const HEARTBEAT_TYPE = "heartbeat";

/** The greeting comes at once; a worker that has not sent it hangs, and another one may be free. */
export const ANSWER_MS = 5_000;

/** A generator that sleeps 30 s notices on its second write that nobody reads: 59 s were measured. */
export const SLEEPER_RELEASE_MS = 65_000;

/** Nobody's `retry:` may take so much of the 5 s in which a reader is back. */
export const MAX_RETRY_MS = 1_000;

/** An analysis takes up to a minute: one whose reader dropped is still there when they come back. */
const RUN_LINGER_MS = 60_000;

/** The analysis of one ward: one run of the models, which costs money. */
const ANALYSIS: GatewayRoute = completeRoute({
  name: "analysis",
  path: "/api/v1/multimodel/strategist/stream/:ward",
  query: {
    depth: "standard",
    context: "neutral",
    include_progress: "true",
    include_confidence: "true",
  },
  identity: "own",
  life: "run",
  // Who joins wants all of it: progress bars begin with the first stage.
  fresh: { at: "earliest" },
  heartbeatType: HEARTBEAT_TYPE,
  greetings: [GREETING],
  // They go on for ever after the result, which is when the backend has been left.
  passing: [HEARTBEAT],
  ends: [
    // The backend stays open after its result, and so do the clients.
    { match: { type: "analysis-complete" }, means: "rest" },
    { match: { type: "analysis-error" }, means: "rest" },
    // Asking again would begin a new analysis, and most likely fail again, at the price of another:
    // the person who sees the error decides.
    { match: { type: "stream-error" }, means: "rest" },
  ],
  upstream: {
    // Nothing can be resumed: the backend would begin another analysis.
    resume: { by: "none" },
    // There is no heartbeat while the models work.
    silenceMs: 120_000,
    answerMs: ANSWER_MS,
    lingerMs: RUN_LINGER_MS,
    // Left in the middle of the heartbeats after the result.
    releaseMs: SLEEPER_RELEASE_MS,
    maxRetryMs: MAX_RETRY_MS,
  },
});

/**
 * An answer of the chat. As deployed it is a 500, and a request without `sessionId` a 400; neither is a
 * stream, and so both are passed on as they are.
 */
const CONVERSATION: GatewayRoute = completeRoute({
  name: "conversation",
  path: "/api/v1/strategist/conversation/stream",
  // Whatever is said to a model may make a difference to its answer.
  query: undefined,
  // What somebody talks about is theirs.
  identity: "own",
  life: "run",
  fresh: { at: "earliest" },
  heartbeatType: HEARTBEAT_TYPE,
  ends: [
    { match: { type: "analysis_complete" }, means: "end" },
    { match: { type: "error" }, means: "end" },
  ],
  upstream: {
    resume: { by: "none" },
    // As for an analysis; pieces are a tenth of a second apart once they come.
    silenceMs: 120_000,
    // The first thing that it says may be what the model has found.
    answerMs: 30_000,
    lingerMs: RUN_LINGER_MS,
    // It writes ten times a second, and ends by itself.
    releaseMs: 3_000,
    maxRetryMs: MAX_RETRY_MS,
  },
});

/**
 * The agents' analysis. Its events have a `status` and no `type`. As deployed its second event is no
 * JSON, which fits nothing: it is history like any other text, and reaches the reader as it came.
 */
const AGENTS: GatewayRoute = completeRoute({
  name: "agents",
  path: "/api/v1/agents/stream/analysis/:ward_name",
  query: { depth: "standard" },
  identity: "shared",
  // It asks for no login: neither does the gateway, which changes nothing about who may read what.
  isChecked: false,
  life: "run",
  fresh: { at: "earliest" },
  heartbeatType: HEARTBEAT_TYPE,
  // Its first event tells of the run, not of the connection, and is therefore no greeting.
  ends: [
    { match: { status: "completed" }, means: "end" },
    { match: { status: "error" }, means: "end" },
  ],
  upstream: {
    resume: { by: "none" },
    silenceMs: 120_000,
    answerMs: ANSWER_MS,
    lingerMs: RUN_LINGER_MS,
    // It ends by itself after the last event.
    releaseMs: 3_000,
    maxRetryMs: MAX_RETRY_MS,
  },
});

/**
 * What the application serves in place of the feed when it has started without its main module: in
 * practice always the same three items, and then the end of the response.
 */
const COMPATIBILITY_FEED: GatewayRoute = completeRoute({
  name: "compatibility-feed",
  path: "/api/v1/strategist-compat/feed",
  query: { ward: null, priority: "all" },
  identity: "own",
  // More than it ever has; clients show at once what there is.
  fresh: { newest: 10 },
  heartbeatType: HEARTBEAT_TYPE,
  greetings: [GREETING],
  passing: [HEARTBEAT],
  // Ids are `fallback_1` to `fallback_3`, so that what comes again is dropped.
  kinds: [
    { name: "item", match: { type: "intelligence" }, key: "data.id", time: "data.timestamp" },
  ],
  // Today's clients take its end for a disruption, come back after seconds, and show the same items
  // again, for ever. This way they see them once on a connection that stays, and news if any come.
  ends: [{ match: { type: "close" }, means: "reopen" }],
  upstream: {
    resume: { by: "repetition" },
    silenceMs: 10_000,
    answerMs: ANSWER_MS,
    lingerMs: 10_000,
    // It ends by itself.
    releaseMs: 3_000,
    maxRetryMs: MAX_RETRY_MS,
  },
});

export const COMMON_ROUTES: readonly GatewayRoute[] = [
  ANALYSIS,
  CONVERSATION,
  COMPATIBILITY_FEED,
  AGENTS,
];
