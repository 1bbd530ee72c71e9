// What a file may say of a gateway beside its settings. docs/gateway-routes.md explains each field.

import * as v from "valibot";
import { fields, option, record, wanted, whole, word } from "./file-schema.js";

const DAY_MS = 86_400_000;

const NAME = word(/^[a-z0-9-]{1,32}$/, "1 to 32 of a-z, 0-9 and -");
const PATH = word(/^\/[^?#\s]*$/, "a path such as /events/:room");
const PARAMETER = word(/^[^\0-\x20]+$/, "the name of a query parameter");

const JSON_PATH_FORM = /^[^.\s]+(?:\.[^.\s]+)*$/;
const JSON_PATH_WORDS = "names of members, joined by dots, such as data.id";
const JSON_PATH = word(JSON_PATH_FORM, JSON_PATH_WORDS);

const scalar = v.union([v.string(), v.pipe(v.number(), v.finite()), v.boolean(), v.null()]);
const VALUE_WORDS = "a text, a number, true, false, null, a list of them, or {present: true}";
const valueRule = v.union(
  [
    scalar,
    v.pipe(v.array(scalar), v.nonEmpty(wanted("a list that is not empty"))),
    v.strictObject({ present: v.boolean() }),
  ],
  wanted(VALUE_WORDS),
);
const match = record(valueRule, {
  pattern: JSON_PATH_FORM,
  names: JSON_PATH_WORDS,
  expected: "paths with values, such as {type: alert}",
});

const list = <const Item extends v.GenericSchema>(item: Item, expected: string) =>
  v.array(item, wanted(`a list of ${expected}`));

const kind = fields(
  {
    name: NAME,
    match,
    key: JSON_PATH,
    each: v.optional(JSON_PATH),
    count: v.optional(JSON_PATH),
    time: v.optional(JSON_PATH),
    atMost: v.optional(whole(1, 1_000_000)),
  },
  "a kind of item, such as {name: alert, match: {type: alert}, key: id}",
);

const end = fields(
  { match, means: v.picklist(["reopen", "end", "rest"], wanted("reopen, end or rest")) },
  "an event that ends a response, such as {match: {type: done}, means: end}",
);

const STATUSES = [400, 401, 403, 404, 410, 429, 503] as const;
const refusal = fields(
  { match, status: v.picklist(STATUSES, wanted(`one of ${STATUSES.join(", ")}`)) },
  "an event that refuses, such as {match: {type: error}, status: 400}",
);

const RESUME_WORDS = "{by: X}, where X is since, last-event-id, repetition or none";
const resume = v.variant(
  "by",
  [
    option(
      {
        by: v.literal("since"),
        parameter: PARAMETER,
        overlapMs: whole(0, DAY_MS),
        greetingTime: v.optional(JSON_PATH),
      },
      RESUME_WORDS,
    ),
    option({ by: v.literal("last-event-id") }, RESUME_WORDS),
    option({ by: v.literal("repetition") }, RESUME_WORDS),
    option({ by: v.literal("none") }, RESUME_WORDS),
  ],
  wanted(RESUME_WORDS),
);

const SILENCE_WORDS = `an integer from 100 to ${DAY_MS}, or never`;
const silenceMs = v.union(
  [
    v.pipe(v.number(), v.safeInteger(), v.minValue(100), v.maxValue(DAY_MS)),
    v.pipe(
      v.literal("never"),
      v.transform(() => Number.POSITIVE_INFINITY),
    ),
  ],
  wanted(SILENCE_WORDS),
);

const upstream = fields(
  {
    resume: v.optional(resume),
    silenceMs: v.optional(silenceMs),
    answerMs: v.optional(whole(100, DAY_MS)),
    lingerMs: v.optional(whole(0, DAY_MS)),
    releaseMs: v.optional(whole(0, DAY_MS)),
    maxRetryMs: v.optional(whole(0, DAY_MS)),
  },
  "fields such as silenceMs",
);

const parameters = record(v.nullable(v.string(wanted("a text or null"))), {
  pattern: /^[^\0-\x20]+$/,
  names: "names of query parameters",
  expected: "parameters with what each is where it is missing",
});
const QUERY_WORDS = "all, or parameters with what each is where it is missing";
const query = v.lazy((input) =>
  isStructure(input) ? parameters : v.literal("all", wanted(QUERY_WORDS)),
);

const fresh = v.union(
  [
    v.strictObject({ at: v.picklist(["latest", "earliest"]) }),
    v.strictObject({ newest: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) }),
  ],
  wanted("{at: latest}, {at: earliest}, or {newest: 10}"),
);

const route = fields(
  {
    name: NAME,
    /** Needed where nothing is extended. */
    path: v.optional(PATH),
    /** A route of the preset, of which this one is a variant. */
    extends: v.optional(NAME),
    query: v.optional(query),
    identity: v.optional(v.picklist(["own", "shared"], wanted("own or shared"))),
    isChecked: v.optional(v.boolean(wanted("true or false"))),
    fresh: v.optional(fresh),
    heartbeatType: v.optional(word(/^[^\r\n\0]{1,256}$/, "1 to 256 characters in one line")),
    greetings: v.optional(list(match, "matches")),
    passing: v.optional(list(match, "matches")),
    kinds: v.optional(list(kind, "kinds")),
    ends: v.optional(list(end, "events")),
    refusals: v.optional(list(refusal, "events")),
    life: v.optional(v.picklist(["lasting", "run"], wanted("lasting or run"))),
    upstream: v.optional(upstream),
  },
  "a route, such as {name: events, path: /events}",
);

const identity = fields(
  {
    cookies: v.optional(list(word(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "a cookie's name"), "names")),
    headers: v.optional(list(word(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "a header's name"), "names")),
  },
  "{cookies: [...], headers: [...]}",
);

const CHECK_WORDS = "none, or a request such as {path: /me}";
const request = fields(
  {
    path: word(/^\/[^#\s]*$/, "a path such as /me"),
    expect: v.optional(match),
    withinMs: v.optional(whole(1, DAY_MS)),
    everyMs: v.optional(whole(0, DAY_MS)),
    graceMs: v.optional(whole(0, DAY_MS)),
  },
  CHECK_WORDS,
);
const check = v.lazy((input) =>
  isStructure(input) ? request : v.literal("none", wanted(CHECK_WORDS)),
);

/** What stands in the file beside settings. */
export const gatewaySections = v.strictObject({
  identity: v.optional(identity),
  check: v.optional(check),
  routes: v.optional(list(route, "routes")),
});

export type GatewaySections = v.InferOutput<typeof gatewaySections>;

/** A route as a file has it. */
export type FileRoute = v.InferOutput<typeof route>;

/** Of a word and a map, a complaint should be about the one that was meant. */
function isStructure(input: unknown): boolean {
  return typeof input === "object" && input !== null;
}
