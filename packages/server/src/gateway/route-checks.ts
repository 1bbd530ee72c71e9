// What has to be true of a route beyond the types of its fields.

import { integerOption, invalidOption } from "../hub/option-checks.js";
import { isForGateway } from "./normal-query.js";
import type { GatewayRoute, ItemKind, UpstreamRules } from "./route.js";

/** The form of the names of routes and kinds. */
const NAME = /^[a-z0-9-]{1,32}$/;

/** Far below what a timer can hold. */
const LONGEST_MS = 86_400_000;

/** @throws StreamError `invalid-option`, which names the route and the field */
export function assertRoute(route: GatewayRoute): void {
  const { name, query, heartbeatType, kinds, fresh } = route;
  if (!NAME.test(name)) throw invalidOption("routes.name", "a name like my-feed", name);
  const field = (path: string) => `routes.${name}.${path}`;
  const reserved = Object.keys(query ?? {}).find(isForGateway);
  if (reserved !== undefined) {
    // The gateway takes them for itself, so the backend would never see what the reader meant.
    throw invalidOption(field("query"), "no parameter that readers say to the gateway", reserved);
  }
  if (!/^[^\r\n\0]{1,256}$/.test(heartbeatType)) {
    throw invalidOption(field("heartbeatType"), "1 to 256 characters in one line", heartbeatType);
  }
  if ("newest" in fresh) integerOption(field("fresh.newest"), fresh.newest, 1);
  const names = kinds.map((kind) => kind.name);
  for (const [index, kind] of kinds.entries()) {
    const at = field(`kinds[${index}]`);
    assertKind(at, kind);
    if (names.indexOf(kind.name) !== index) {
      throw invalidOption(`${at}.name`, "a name that no other kind of the route has", kind.name);
    }
  }
  assertUpstream(route.upstream, field);
  assertResume(route, field);
}

function assertKind(at: string, { name, each, count, atMost }: ItemKind): void {
  if (!NAME.test(name)) throw invalidOption(`${at}.name`, "a name like alert", name);
  if (count !== undefined && each === undefined) {
    throw invalidOption(`${at}.count`, "each beside it", count);
  }
  if (atMost !== undefined) integerOption(`${at}.atMost`, atMost, 1);
}

function assertUpstream(upstream: UpstreamRules, field: (path: string) => string): void {
  const { silenceMs, answerMs, lingerMs, releaseMs, maxRetryMs } = upstream;
  if (silenceMs !== Number.POSITIVE_INFINITY) {
    integerOption(field("upstream.silenceMs"), silenceMs, 100, LONGEST_MS);
  }
  integerOption(field("upstream.answerMs"), answerMs, 100, LONGEST_MS);
  for (const [name, value] of Object.entries({ lingerMs, releaseMs, maxRetryMs })) {
    integerOption(field(`upstream.${name}`), value, 0, LONGEST_MS);
  }
}

function assertResume(
  { query, kinds, upstream: { resume } }: GatewayRoute,
  field: (path: string) => string,
): void {
  if (resume.by === "repetition" && kinds.length === 0) {
    throw invalidOption(field("upstream.resume"), "kinds by which repetitions are known", "none");
  }
  if (resume.by !== "since") return;
  integerOption(field("upstream.resume.overlapMs"), resume.overlapMs, 0, LONGEST_MS);
  if (kinds.every(({ time }) => time === undefined)) {
    throw invalidOption(field("upstream.resume"), "a kind with time beside it", "none");
  }
  const { parameter } = resume;
  if (isForGateway(parameter) || (query !== undefined && Object.hasOwn(query, parameter))) {
    // Each reader asks from another moment, and the backend is asked once for all of them.
    const expected = "a parameter that is neither in query nor the gateway's";
    throw invalidOption(field("upstream.resume.parameter"), expected, parameter);
  }
}
