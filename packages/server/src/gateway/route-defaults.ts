// What a route is where nobody says otherwise, each with its reason. An endpoint that nobody knows
// anything about needs a name and a path, and is then served safely, if not as well as it could be.

import { RESERVED } from "throughline/core";
import type { CheckRules, IdentityRules } from "./options.js";
import type { GatewayRoute, UpstreamRules } from "./route.js";

/** Fields that may be missing, or be there and say nothing. */
type Sparse<T> = { readonly [Name in keyof T]?: T[Name] | undefined };

/** A route of which only what differs from the defaults is said. */
export interface RouteInput
  extends Pick<GatewayRoute, "name" | "path">,
    Sparse<Omit<GatewayRoute, "name" | "path" | "upstream">> {
  readonly upstream?: Sparse<UpstreamRules> | undefined;
}

/** What a route does not say of its backend. */
const UPSTREAM_DEFAULTS: UpstreamRules = {
  // Whoever promises more than the backend can do loses events without a word.
  resume: { by: "none" },
  // A guessed limit would cut a backend that has nothing to say again and again, for ever.
  silenceMs: Number.POSITIVE_INFINITY,
  // Streams answer at once. A worker that has not within this time has most likely hung.
  answerMs: 5_000,
  // Native clients wait 3 to 5 s before they come back, and a page takes some to load: what
  // reconnects should find its stream running, without the gap that most backends cannot avoid.
  lingerMs: 30_000,
  // What sends a heartbeat at all mostly sends one within this time.
  releaseMs: 5_000,
  // The longest that a client of ours would wait by itself.
  maxRetryMs: 30_000,
};

/** What a route does not say of itself. */
export const ROUTE_DEFAULTS: Omit<GatewayRoute, "name" | "path"> = {
  // Two streams that could have been one are a waste; one that should have been two is a leak.
  query: undefined,
  // The same: strangers must not read each other's streams because nobody thought of them.
  identity: "own",
  isChecked: true,
  // What an EventSource does that connects to any backend.
  fresh: { at: "latest" },
  // A name that no client listens for by accident.
  heartbeatType: RESERVED.heartbeat,
  // Unless somebody knows better every event is history, comes once, and is passed on.
  greetings: [],
  passing: [],
  kinds: [],
  ends: [],
  refusals: [],
  life: "lasting",
  upstream: UPSTREAM_DEFAULTS,
};

/**
 * Who is who, where a configuration does not say: `Authorization` only. A cookie has to be named,
 * because most cookies are no credentials, and each of them would make another person.
 */
export const IDENTITY_DEFAULTS: IdentityRules = { cookies: [], headers: ["authorization"] };

/** What a check does not say beside its path. */
export const CHECK_DEFAULTS: Omit<CheckRules, "path" | "expect"> = {
  // Less than the 1.7 s after which the client takes a request for lost.
  withinMs: 1_200,
  // Whoever has logged out reads for a minute more at most; one cheap request per person and minute.
  everyMs: 60_000,
  // A deploy or a restart of the backend, with room to spare.
  graceMs: 300_000,
};

/** A whole route. Fields of `upstream` have defaults one by one. */
export function completeRoute(input: RouteInput): GatewayRoute {
  const { name, path, upstream = {}, ...fields } = input;
  const route = over(ROUTE_DEFAULTS, fields);
  return { ...route, name, path, upstream: over(UPSTREAM_DEFAULTS, upstream) };
}

/** A whole check. */
export function completeCheck(
  input: Pick<CheckRules, "path" | "expect"> & Sparse<CheckRules>,
): CheckRules {
  const { path, expect } = input;
  return { ...over(CHECK_DEFAULTS, input), path, expect };
}

/** What is given over the defaults. A field that is there and `undefined` hides none. */
function over<T extends object>(defaults: T, given: Sparse<T>): T {
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(said) };
}
