// GET and HEAD /streams/<name>: a new delivery. PROTOCOL.md §4.

import {
  CURSOR_PARAMETER,
  EVENT_STREAM,
  encodeCursor,
  encodePulseHeader,
  type Hello,
  isTopicPattern,
  LAST_EVENT_ID_HEADER,
  LONGEST_TOPIC,
  PROTOCOL_VERSION,
  PULSE_HEADER,
  TELL_PARAMETER,
  TELL_TOPICS,
  TOLD_HEADER,
  TOPICS_PARAMETER,
} from "throughline/core";
import type { StreamName } from "../log/stream-name.js";
import type { HubCore } from "./core.js";
import { type DeliveryStart, findStart, isAtPointer, resumeAnswer } from "./delivery-start.js";
import { DeliveryWitness } from "./delivery-witness.js";
import { enter } from "./entry.js";
import {
  type HubAnswer,
  type HubRequest,
  type NamedRequest,
  type PlainAnswer,
  visitorOf,
} from "./exchange.js";
import type { Feed } from "./feed.js";
import { encodeFrame } from "./frame.js";
import type { Place } from "./limits/places.js";
import { PollSink, parseWait } from "./poll.js";
import { type Problem, problemAnswer, SHUTTING_DOWN } from "./problem.js";
import type { RequestContext } from "./request-context.js";
import { LEASE_PARAMETER, type ServedStream } from "./served.js";
import type { Session } from "./session.js";
import type { Sink } from "./sink.js";
import { greetingText, type Remark } from "./stream-text.js";
import { Subscriber } from "./subscriber.js";
import { createTopicFilter, type TopicFilter } from "./topic-filter.js";

/** Clients reconnect after 500 to 1200 ms: spread, so that a crowd does not come back as one. */
const RETRY_LEAST_MS = 500;
const RETRY_SPREAD_MS = 700;

/** What a subscription is for. */
export interface Wanted {
  readonly stream: StreamName;
  readonly query: URLSearchParams;
  /** How it is served, where the application has chosen the stream and not the address. */
  readonly served: ServedStream | undefined;
}

/** Answers a subscription. */
export async function subscribe(
  core: HubCore,
  request: NamedRequest,
  { stream, query, served }: Wanted,
): Promise<HubAnswer> {
  const visitor = visitorOf(request);
  const throttled = core.throttle.subscription(visitor);
  if (throttled !== undefined) return throttled;
  // At an address of the application's the parameter may mean something else.
  const topics = parseTopics(served ? NO_QUERY : query, core.settings.maxTopics);
  if (topics.kind === "invalid") return problemAnswer(topics.problem);
  const wait = parseWait(query);
  if (wait.kind === "invalid") return problemAnswer(wait.problem);
  const admitted = core.connections.admit(visitor);
  if (typeof admitted === "string") return core.refusals.full(admitted);
  let place = admitted;
  let feed: Feed | undefined;
  let session: Session | undefined;
  try {
    const wish = { action: "subscribe", stream, topics: topics.patterns } as const;
    const entry = await enter(core.sessions, request, wish);
    if (entry.kind === "refused") {
      giveBack(core, { place });
      return problemAnswer(entry.problem);
    }
    session = entry.session;
    const identified = identify(core, request, place, session?.identity);
    if ("kind" in identified) {
      giveBack(core, { place, session });
      return identified;
    }
    place = identified;
    feed = await core.feeds.hold(stream);
    const shown = shownCursor(request, query);
    const start = await findStart(core.settings.log, feed, shown ?? served?.fresh);
    const refusal = core.isClosing ? SHUTTING_DOWN : session?.refusal();
    if (refusal !== undefined) {
      giveBack(core, { place, feed, session });
      return problemAnswer(refusal);
    }
    const patterns = session === undefined ? topics.patterns : session.wanted;
    const tellsTopics = topics.patterns !== undefined && query.get(TELL_PARAMETER) === TELL_TOPICS;
    const filter = patterns && createTopicFilter(patterns, { tellsTopics });
    const { context } = request;
    const remarks = () => served?.remarks?.({ isFresh: shown === undefined }) ?? [];
    const isServed = served !== undefined;
    const waitMs = wait.ms;
    const found = {
      stream,
      place,
      feed,
      start,
      filter,
      session,
      context,
      isServed,
      remarks,
      waitMs,
    };
    return answer(core, request, found);
  } catch (error) {
    giveBack(core, { place, feed, session });
    throw error;
  }
}

/**
 * Counts a request for the identity that has been found: its rate, and its place. Before, it counts for
 * its address, so that nobody can have the hook asked more often than that.
 */
function identify(
  core: HubCore,
  request: HubRequest,
  place: Place,
  identity: string | undefined,
): Place | PlainAnswer {
  if (identity === undefined) return place;
  const throttled = core.throttle.subscription(visitorOf(request, identity));
  if (throttled !== undefined) return throttled;
  const identified = core.connections.identify(place, identity);
  return typeof identified === "string" ? core.refusals.full(identified) : identified;
}

interface Subscription {
  readonly stream: StreamName;
  readonly place: Place;
  readonly feed: Feed;
  readonly start: DeliveryStart;
  readonly filter: TopicFilter | undefined;
  readonly context: RequestContext;
  readonly session: Session | undefined;
  readonly isServed: boolean;
  readonly remarks: () => readonly Remark[];
  /** Where a short response is wanted: how long its reader would wait for it. */
  readonly waitMs: number | undefined;
}

function answer(core: HubCore, request: HubRequest, subscription: Subscription): HubAnswer {
  const { feed, start } = subscription;
  const headers = streamHeaders(core, subscription);
  const isOver = feed.isSealed && start.gap === undefined && isAtPointer(start.at, feed);
  if (isOver || request.method === "HEAD") {
    giveBack(core, subscription);
    const status = isOver ? 204 : 200;
    return { kind: "plain", status, headers: isOver ? NO_STORE : headers, body: "" };
  }
  return {
    kind: "stream",
    headers,
    goesOn: subscription.waitMs === undefined,
    open: (sink) => open(core, subscription, sink),
    abandon: () => giveBack(core, subscription),
  };
}

/** Everything from here to the first step of the delivery happens in one turn. */
function open(core: HubCore, subscription: Subscription, sink: Sink): void {
  const { stream, place, feed, start, filter, session, context: request } = subscription;
  if (session?.refusal() !== undefined) {
    // Revoked in the turn of the answer, of which the head has been sent: there is nothing to it.
    giveBack(core, subscription);
    sink.end();
    return;
  }
  const { environment, settings, connections, observer } = core;
  const connection = environment.newConnectionId();
  const { at, gap } = start;
  const { waitMs } = subscription;
  const poll =
    waitMs === undefined
      ? undefined
      : new PollSink(sink, environment, { waitMs, hasNews: gap !== undefined });
  const audience = feed.holdAudience(filter);
  const facts = { connection, stream, request };
  const witness = observer && new DeliveryWitness(observer, facts, environment);
  const subscriber = new Subscriber(connections, {
    connection,
    feed,
    admission: place,
    audience,
    sink: poll ?? sink,
    at,
    session,
    witness,
    onLive: poll && (() => poll.onLive()),
  });
  poll?.serve(subscriber);
  session?.attach(subscriber);
  const hello: Hello = {
    protocol: PROTOCOL_VERSION,
    connection,
    pulse: settings.pulse,
    head: encodeCursor(feed.pointer),
    resume: resumeAnswer(start, feed),
    lease: poll
      ? undefined
      : { url: leaseUrl(core.hubId, subscription, connection), everyMs: settings.leaseMs },
  };
  const retryMs = Math.round(RETRY_LEAST_MS + environment.random() * RETRY_SPREAD_MS);
  const { heartbeatType } = feed;
  const remarks = subscription.remarks();
  connections.add(subscriber);
  witness?.onOpened(hello.resume, gap);
  const greeting = { retryMs, hello, gap, at, heartbeatType, remarks };
  subscriber.begin(encodeFrame(greetingText(greeting)));
}

/**
 * The address of a lease, relative to the stream's: it holds whatever prefix a proxy or a framework
 * adds or takes away. One step up for each segment of the name leads to what holds `/streams`. A
 * stream that is served elsewhere has its leases at its own address, which leads here for certain.
 */
function leaseUrl(hubId: string, { stream, isServed }: Subscription, connection: string): string {
  if (isServed) return `?${LEASE_PARAMETER}=${hubId}/${connection}`;
  return `${"../".repeat(stream.split("/").length)}leases/${hubId}/${connection}`;
}

function streamHeaders(
  { settings }: HubCore,
  { filter }: Subscription,
): Readonly<Record<string, string>> {
  return {
    "content-type": EVENT_STREAM,
    // The last of them keeps proxies and middleware from compressing, which would hold bytes back.
    "cache-control": "no-store, no-cache, no-transform",
    "x-accel-buffering": "no",
    [PULSE_HEADER]: encodePulseHeader(settings.pulse),
    ...(filter?.tellsTopics ? { [TOLD_HEADER]: TELL_TOPICS } : {}),
    "access-control-expose-headers": `${PULSE_HEADER}, ${TOLD_HEADER}`,
  };
}

const NO_QUERY = new URLSearchParams();

const NO_STORE = { "cache-control": "no-store" };

/** The header wins: it is what a reconnecting reader knows now, the query what it knew once. */
function shownCursor(request: HubRequest, query: URLSearchParams): string | undefined {
  const shown = request.header(LAST_EVENT_ID_HEADER) || query.get(CURSOR_PARAMETER);
  return shown === null || shown === "" ? undefined : shown;
}

type TopicsResult =
  | { readonly kind: "patterns"; readonly patterns: readonly string[] | undefined }
  | { readonly kind: "invalid"; readonly problem: Problem };

function parseTopics(query: URLSearchParams, maxTopics: number): TopicsResult {
  const values = query.getAll(TOPICS_PARAMETER);
  if (values.length === 0) return { kind: "patterns", patterns: undefined };
  const patterns = values.join(",").split(",");
  if (patterns.length > maxTopics) {
    return invalidTopics(`at most ${maxTopics} patterns`, `${patterns.length} patterns`);
  }
  const wrong = patterns.findIndex((pattern) => !isTopicPattern(pattern));
  if (wrong >= 0) {
    const expected =
      `patterns of 1 to ${LONGEST_TOPIC} characters, separated by commas, in which a segment ` +
      'between slashes may be "*" and the last may be "**"';
    return invalidTopics(expected, `something else as pattern ${wrong + 1}`);
  }
  return { kind: "patterns", patterns };
}

function invalidTopics(expected: string, got: string): TopicsResult {
  const detail = `The "${TOPICS_PARAMETER}" parameter cannot be read.`;
  return {
    kind: "invalid",
    problem: { status: 400, code: "invalid-topics", detail, expected, got },
  };
}

/** What a subscription holds beside its place until there is a subscriber. */
interface Holdings {
  readonly place: Place;
  readonly feed?: Feed | undefined;
  readonly session?: Session | undefined;
}

function giveBack({ connections, feeds }: HubCore, { place, feed, session }: Holdings): void {
  if (feed !== undefined) feeds.release(feed);
  session?.close();
  connections.dismiss(place);
}
