// Runs the connection machine against the world: feeds it what happens, carries out its effects.
// It decides nothing; what a state is left for, and when, stands in core/connection.

import type {
  ConnectionEffect,
  ConnectionInput,
  ConnectionLimits,
  ConnectionState,
  Gap,
  IncidentLog,
  ParsedEvent,
  PulseTiming,
} from "../core/index.js";
import {
  connectionDeadlineMs,
  EVENT_STREAM,
  INITIAL_STATE,
  NO_INCIDENTS,
  PULSE_HEADER,
  parsePulseHeader,
  parseRetryAfter,
  recordIncident,
  stepConnection,
} from "../core/index.js";
import type { Attempt } from "./attempt.js";
import { startAttempt } from "./attempt.js";
import type { ChannelFacts } from "./channel.js";
import type { Environment, PageSignal } from "./environment.js";
import { isFetchable } from "./environment.js";
import type { Lease } from "./lease.js";
import { holdLease, leaseUrl } from "./lease.js";
import { chooseResumeBy, resumeRequest } from "./resume-request.js";
import { type Greeting, StreamReader } from "./stream-reader.js";
import { Timer } from "./timer.js";
import type { ConnectionStatistics, FetchResponse, ResumeBy } from "./types.js";

/** What a driver is told once and for all. */
export interface DriverOptions {
  /** Absolute. */
  readonly url: string;
  readonly credentials: "include" | "same-origin";
  readonly lastEventId: string;
  readonly resumeBy: ResumeBy;
  readonly limits: ConnectionLimits;
  /** The pulse to assume of a server that announces none; `undefined` to assume none. */
  readonly assumedPulse: PulseTiming | undefined;
  readonly maxEventLength: number;
}

/** Who the driver works for. Its methods are called when the driver's own state is settled. */
export interface DriverOwner {
  onOpen(): void;
  /** Something went wrong; the state says whether for good. */
  onError(): void;
  /** An event for the application, once and in order. `origin` is that of the final URL. */
  onEvent(event: ParsedEvent, origin: string): void;
  onGap(gap: Gap): void;
  /** State, reason or incidents have changed. */
  onChange(): void;
  /** Asked before each request; `false` when somebody else will make it. */
  mayConnect(): boolean;
  /** Awaited before each read; `undefined` to go on at once. */
  readyToRead(): Promise<void> | undefined;
}

/** After its owner held a stream back, what has long arrived gets this much time to be read. */
const CATCH_UP_MS = 500;

/** Runs one connection, as long as its reader lives. */
export class Driver {
  state: ConnectionState = INITIAL_STATE;
  incidents: IncidentLog = NO_INCIDENTS;
  /** The newest `retry:` of the server in milliseconds; `undefined` before the first. */
  retryMs: number | undefined;

  readonly #options: DriverOptions;
  readonly #environment: Environment;
  readonly #owner: DriverOwner;
  readonly #reader: StreamReader;
  readonly #timer: Timer;
  readonly #isCrossOrigin: boolean;
  readonly #counts = { requests: 0, bytes: 0 };
  #attempt: Attempt | undefined;
  #lease: Lease | undefined;
  #stopWatchingPage: (() => void) | undefined;
  /** Whether the server knows the cursor parameter: it greeted, or its reader brought a cursor. */
  #isOurs: boolean;
  /** Whether it has answered a request that had the `Last-Event-ID` header. */
  #takesHeader = false;
  /** Requests in a row without any answer. */
  #unanswered = 0;
  #responseUrl = "";
  /** Whether the owner holds the stream back: its silence is then of our own making. */
  #isHeld = false;

  constructor(options: DriverOptions, environment: Environment, owner: DriverOwner) {
    this.#options = options;
    this.#environment = environment;
    this.#owner = owner;
    this.#timer = new Timer(environment, () => this.feed({ kind: "tick" }));
    this.#isOurs = options.lastEventId !== "";
    const { origin } = environment;
    this.#isCrossOrigin = origin !== undefined && origin !== new URL(options.url).origin;
    const listener = {
      onEvent: (event: ParsedEvent) => owner.onEvent(event, new URL(this.#responseUrl).origin),
      onGap: (gap: Gap) => owner.onGap(gap),
      onHello: (hello: Greeting) => this.#onHello(hello),
      onRetry: (retryMs: number) => {
        this.retryMs = retryMs;
        this.feed({ kind: "retry", retryMs });
      },
      onDrain: (withinMs: number) => this.feed({ kind: "drain", withinMs }),
      onEnd: () => this.feed({ kind: "complete" }),
    };
    this.#reader = new StreamReader(listener, options.lastEventId, options.maxEventLength);
  }

  /** What a reconnect will show. */
  get lastEventId(): string {
    return this.#reader.bookmark.lastEventId;
  }

  /** Begins, or goes on after {@link park}. */
  start(): void {
    this.#watchPage();
    this.feed({ kind: this.state.name === "paused" ? "resume" : "open" });
  }

  /** Leaves the connection to somebody else, until {@link start}. */
  park(): void {
    this.#stopWatching();
    this.feed({ kind: "suspend" });
  }

  /** Goes on from another place: where somebody else has read to. */
  moveTo(lastEventId: string): void {
    this.#reader.moveTo(lastEventId);
  }

  reconnect(): void {
    this.#watchPage();
    this.feed({ kind: "reconnect" });
  }

  close(): void {
    this.feed({ kind: "close" });
  }

  /** What the `connection` channel shows of it. */
  get facts(): Omit<ChannelFacts, "gap" | "transport"> {
    const { state, incidents, statistics } = this;
    return {
      state: state.name,
      reason: state.reason,
      attempts: attemptsOf(state),
      dueMs: dueOf(state),
      incidents,
      statistics,
    };
  }

  get statistics(): ConnectionStatistics {
    return { ...this.#reader.counts, ...this.#counts, incidents: this.incidents.count };
  }

  /** One input through the machine, and all that follows from it. */
  feed(input: ConnectionInput): void {
    const before = this.state;
    const nowMs = this.#environment.nowMs();
    const { random } = this.#environment;
    const { limits } = this.#options;
    const { state, effects } = stepConnection(before, input, { nowMs, random, limits });
    this.state = state;
    const clocks = { nowMs, epochMs: this.#environment.epochMs() };
    const incidents = recordIncident(this.incidents, before, state, clocks);
    const hasChanged = incidents !== this.incidents || !isShownAlike(before, state);
    this.incidents = incidents;
    if (state.name === "closed" || state.name === "failed") this.#stopWatching();
    for (const effect of effects) this.#carryOut(effect);
    this.#setTimer();
    if (hasChanged) this.#owner.onChange();
    // Announcements come last: the application may call back, and must find everything settled.
    for (const effect of effects) this.#announce(effect);
  }

  #carryOut(effect: ConnectionEffect): void {
    if (effect === "abort") this.#hangUp();
    if (effect === "connect" && this.#owner.mayConnect()) this.#connect();
  }

  #announce(effect: ConnectionEffect): void {
    if (effect === "announce-open") this.#owner.onOpen();
    if (effect === "announce-error") this.#owner.onError();
  }

  #connect(): void {
    const { resumeBy, credentials, url } = this.#options;
    const { lastEventId } = this;
    this.#counts.requests += 1;
    if (!isFetchable(url, this.#environment.origin)) {
      // Like every answer, this one comes later: nobody can have listened yet.
      queueMicrotask(() => this.state.name === "connecting" && this.feed({ kind: "futile" }));
      return;
    }
    const by = chooseResumeBy({
      resumeBy,
      isCrossOrigin: this.#isCrossOrigin,
      isOurs: this.#isOurs,
      takesHeader: this.#takesHeader,
      unanswered: this.#unanswered,
    });
    this.#unanswered += 1;
    this.#reader.begin(by === "query" && lastEventId !== "" && !this.#isOurs);
    const request = resumeRequest(url, lastEventId, by);
    const headers = { accept: EVENT_STREAM, ...request.headers };
    this.#attempt = startAttempt(
      this.#environment.fetch,
      request.url,
      { method: "GET", headers, credentials, cache: "no-store" },
      {
        onResponse: (response) => {
          this.#takesHeader ||= by === "header" && lastEventId !== "";
          this.#onResponse(response);
        },
        onBytes: (chunk) => this.#onBytes(chunk),
        onEnded: () => this.#onOver({ kind: "ended" }),
        onBroken: () => this.#onOver({ kind: "broken" }),
        readyToRead: () => this.#waitForOwner(),
      },
    );
  }

  #hangUp(): void {
    this.#attempt?.abort();
    this.#attempt = undefined;
    this.#lease?.end();
    this.#lease = undefined;
    this.#isHeld = false;
    this.#reader.leave();
  }

  #onResponse(response: FetchResponse): void {
    const { headers, status } = response;
    const { epochMs } = this.#environment;
    this.#responseUrl = response.url === "" ? this.#options.url : response.url;
    this.#unanswered = 0;
    this.feed({
      kind: "response",
      status,
      contentType: headers.get("content-type") ?? "",
      retryAfterMs: parseRetryAfter(headers.get("retry-after"), epochMs(), Date.parse),
      pulse: parsePulseHeader(headers.get(PULSE_HEADER)) ?? this.#options.assumedPulse,
    });
  }

  #onBytes(chunk: Uint8Array): void {
    this.#counts.bytes += chunk.byteLength;
    this.feed({ kind: "bytes" });
    // A listener to the state may have left the response.
    if (this.state.name !== "live") return;
    if (this.#reader.read(chunk) === "overflow") this.feed({ kind: "overflow" });
  }

  #onOver(input: ConnectionInput): void {
    this.#hangUp();
    this.feed(input);
  }

  #onHello({ pulse, lease }: Greeting): void {
    this.#isOurs = true;
    if (pulse !== undefined) this.feed({ kind: "hello", pulse });
    this.#lease?.end();
    if (lease === undefined) return;
    const url = leaseUrl(lease.url, this.#responseUrl);
    if (url === undefined) return;
    const holder = {
      credentials: this.#options.credentials,
      cursor: () => this.lastEventId,
      onLost: () => this.feed({ kind: "lease-lost" }),
    };
    this.#lease = holdLease(url, lease.everyMs, holder, this.#environment);
  }

  #onPage(signal: PageSignal): void {
    if (signal === "nudge") this.#lease?.renew();
    this.feed({ kind: signal });
  }

  #watchPage(): void {
    this.#stopWatchingPage ??= this.#environment.watchPage((signal) => this.#onPage(signal));
  }

  #stopWatching(): void {
    this.#stopWatchingPage?.();
    this.#stopWatchingPage = undefined;
  }

  #waitForOwner(): Promise<void> | undefined {
    const ready = this.#owner.readyToRead();
    return ready === undefined ? undefined : this.#hold(ready);
  }

  async #hold(ready: Promise<void>): Promise<void> {
    const attempt = this.#attempt;
    this.#isHeld = true;
    this.#setTimer();
    await ready;
    if (this.#attempt !== attempt) return;
    this.#isHeld = false;
    this.#setTimer(this.#environment.nowMs() + CATCH_UP_MS);
  }

  #setTimer(notBeforeMs = 0): void {
    const deadlineMs = connectionDeadlineMs(this.state, this.#options.limits);
    if (deadlineMs === undefined || this.#isHeld) this.#timer.clear();
    else this.#timer.setNoLaterThan(Math.max(deadlineMs, notBeforeMs));
  }
}

/** Whether two states look the same in the `connection` channel. */
function isShownAlike(a: ConnectionState, b: ConnectionState): boolean {
  return (
    a.name === b.name &&
    a.reason === b.reason &&
    attemptsOf(a) === attemptsOf(b) &&
    dueOf(a) === dueOf(b)
  );
}

function attemptsOf(state: ConnectionState): number {
  return state.name === "closed" ? 0 : state.memory.failures;
}

function dueOf(state: ConnectionState): number | undefined {
  return state.name === "waiting" ? state.dueMs : undefined;
}
