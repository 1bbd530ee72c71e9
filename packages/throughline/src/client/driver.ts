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
  ResponseHead,
  Source,
} from "../core/index.js";
import {
  connectionDeadlineMs,
  INITIAL_STATE,
  NO_INCIDENTS,
  PULSE_HEADER,
  parsePulseHeader,
  parseRetryAfter,
  recordIncident,
  requestWaitMs,
  stepConnection,
} from "../core/index.js";
import type { Attempt } from "./attempt.js";
import { startAttempt } from "./attempt.js";
import type { ChannelFacts } from "./channel.js";
import type { Environment, PageSignal } from "./environment.js";
import { isFetchable } from "./environment.js";
import type { Lease } from "./lease.js";
import { holdLease, leaseUrl } from "./lease.js";
import { type MadeRequest, RequestMaker, type RequestOptions } from "./request-maker.js";
import { type Greeting, StreamReader } from "./stream-reader.js";
import { Timer } from "./timer.js";
import type { ConnectionStatistics, FetchResponse } from "./types.js";

/** What a driver is told once and for all. */
export interface DriverOptions extends RequestOptions {
  readonly limits: ConnectionLimits;
  /** The pulse to assume of a server that announces none; `undefined` to assume none. */
  readonly assumedPulse: PulseTiming | undefined;
  /** Whether the pulse of a server that announces none may be drawn from when it is heard. */
  readonly learnsCadence: boolean;
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

/** A request, and what is known of its answer. */
interface Exchange {
  readonly attempt: Attempt;
  readonly request: MadeRequest;
  /** Where the reader stood when it left. */
  readonly shownId: string;
  response: FetchResponse | undefined;
}

/** After its owner held a stream back, what has long arrived gets this much time to be read. */
const CATCH_UP_MS = 500;

/** The byte that a comment begins with. */
const COLON = 0x3a;

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
  readonly #requests: RequestMaker;
  readonly #counts = { requests: 0, bytes: 0 };
  /** The request or response that is the connection. */
  #present: Exchange | undefined;
  /** The one that is to take its place, during a handover. */
  #successor: Exchange | undefined;
  #lease: Lease | undefined;
  /** Disruptions of which the server has been told, or that were followed by others before. */
  #recoveriesTold = 0;
  #stopWatchingPage: (() => void) | undefined;
  /** What the server has said of what fills the stream. */
  #source: Source | undefined;
  /** Whether the owner holds the stream back: its silence is then of our own making. */
  #isHeld = false;

  constructor(options: DriverOptions, environment: Environment, owner: DriverOwner) {
    this.#options = options;
    this.#environment = environment;
    this.#owner = owner;
    this.#timer = new Timer(environment, () => this.feed({ kind: "tick" }));
    this.#requests = new RequestMaker(options, environment.origin);
    const listener = {
      onEvent: (event: ParsedEvent) => owner.onEvent(event, new URL(this.#responseUrl).origin),
      onGap: (gap: Gap) => owner.onGap(gap),
      onHello: (hello: Greeting) => this.#onHello(hello),
      onRetry: (retryMs: number) => {
        this.retryMs = retryMs;
        this.feed({ kind: "retry", retryMs });
      },
      onDrain: (withinMs: number) => this.feed({ kind: "drain", withinMs, why: "drained" }),
      onRenew: (expiresInMs: number) => {
        this.#requests.headersCause = "expiring";
        // Half of it, because new credentials may take their time.
        this.feed({ kind: "drain", withinMs: expiresInMs / 2, why: "expiring" });
      },
      onEnd: () => this.feed({ kind: "complete" }),
      onSource: (source: Source) => this.#setSource(source),
    };
    this.#reader = new StreamReader(listener, options.lastEventId, options.maxEventLength);
  }

  /** What a reconnect will show. */
  get lastEventId(): string {
    return this.#reader.bookmark.lastEventId;
  }

  /** Whether the server is known to be a Throughline server. */
  get isOurs(): boolean {
    return this.#requests.isOurs;
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
      state: state.name === "polling" ? "live" : state.name,
      reason: state.reason,
      attempts: attemptsOf(state),
      dueMs: dueOf(state),
      isDegraded: state.name === "polling" || ("memory" in state && state.memory.poll === "proven"),
      source: this.#source,
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
    if (effects.includes("take-over")) this.#tellResponse();
  }

  #carryOut(effect: ConnectionEffect): void {
    if (effect === "abort") {
      this.#dropSuccessor();
      this.#hangUp();
    }
    if (effect === "drop-successor") this.#dropSuccessor();
    if (effect === "connect" && this.#owner.mayConnect()) this.#connect();
    if (effect === "connect-successor" && this.#owner.mayConnect())
      this.#successor = this.#send(undefined);
    if (effect === "take-over") this.#takeOver();
  }

  #announce(effect: ConnectionEffect): void {
    if (effect === "announce-open") this.#owner.onOpen();
    if (effect === "announce-error") this.#owner.onError();
  }

  #connect(): void {
    if (isFetchable(this.#options.url, this.#environment.origin)) {
      this.#present = this.#send(requestWaitMs(this.state));
      return;
    }
    this.#counts.requests += 1;
    // Like every answer, this one comes later: nobody can have listened yet.
    queueMicrotask(() => this.state.name === "connecting" && this.feed({ kind: "futile" }));
  }

  /** Sends a request. What comes of it concerns the connection, or its successor until that is it. */
  #send(waitMs: number | undefined): Exchange {
    this.#counts.requests += 1;
    const shownId = this.lastEventId;
    const request = this.#requests.make(shownId, waitMs);
    const isPresent = () => this.#present === exchange;
    const onOver = (kind: "ended" | "broken" | "unprepared") => {
      if (!isPresent()) this.feed({ kind: "successor-broken" });
      else {
        this.#hangUp();
        this.feed({ kind });
      }
    };
    const attempt = startAttempt(this.#environment.fetch, request, {
      onAsking: () => this.feed({ kind: "asking", isSuccessor: !isPresent() }),
      onSent: () => this.feed({ kind: "sent", isSuccessor: !isPresent() }),
      onUnprepared: () => onOver("unprepared"),
      onResponse: (response) => {
        exchange.response = response;
        request.onAnswered(response.status);
        if (isPresent()) this.#tellResponse();
        else this.feed({ kind: "successor-response", ...this.#headOf(response) });
      },
      onBytes: (chunk) => {
        const pulse = this.#pulseOf(exchange.response);
        if (!isPresent()) this.feed({ kind: "successor-bytes", pulse });
        if (isPresent()) this.#onBytes(chunk);
      },
      onEnded: () => onOver("ended"),
      onBroken: () => onOver("broken"),
      readyToRead: () => (isPresent() ? this.#waitForOwner() : undefined),
    });
    const exchange: Exchange = { attempt, request, shownId, response: undefined };
    return exchange;
  }

  /** Leaves the present response. */
  #hangUp(): void {
    this.#present?.attempt.abort();
    this.#present = undefined;
    this.#lease?.end();
    this.#lease = undefined;
    this.#isHeld = false;
    this.#reader.leave();
  }

  #dropSuccessor(): void {
    this.#successor?.attempt.abort();
    this.#successor = undefined;
  }

  #takeOver(): void {
    this.#hangUp();
    this.#present = this.#successor;
    this.#successor = undefined;
    this.#reader.begin(false, this.#present?.shownId);
  }

  /** A successor may have been answered before it took over, and then only its bytes are new. */
  #tellResponse(): void {
    const { response, request, shownId } = this.#present ?? {};
    const { name } = this.state;
    if (response === undefined || (name !== "connecting" && name !== "polling")) return;
    this.#reader.begin(request?.isPlaceUnknown === true, shownId);
    const pulse = this.#pulseOf(response);
    const isOurs = announcedPulse(response) !== undefined;
    this.feed({ kind: "response", ...this.#headOf(response), pulse, isOurs });
  }

  #headOf({ headers, status }: FetchResponse): ResponseHead {
    const { epochMs } = this.#environment;
    return {
      status,
      contentType: headers.get("content-type") ?? "",
      retryAfterMs: parseRetryAfter(headers.get("retry-after"), epochMs(), Date.parse),
      canRenew: typeof this.#options.headers === "function",
    };
  }

  #pulseOf(response: FetchResponse | undefined): PulseTiming | undefined {
    return announcedPulse(response) ?? this.#options.assumedPulse;
  }

  get #responseUrl(): string {
    return this.#present?.response?.url || this.#options.url;
  }

  #onBytes(chunk: Uint8Array): void {
    this.#counts.bytes += chunk.byteLength;
    const sign = chunk[0] === COLON ? "comment" : "other";
    this.feed({ kind: "bytes", sign: this.#options.learnsCadence ? sign : undefined });
    // A listener to the state may have left the response.
    if (this.state.name !== "live" && this.state.name !== "polling") return;
    if (this.#reader.read(chunk) === "overflow") this.feed({ kind: "overflow" });
  }

  #setSource(source: Source | undefined): void {
    this.#source = source;
    this.#owner.onChange();
  }

  #onHello({ pulse, lease }: Greeting): void {
    // What is so is said again, right after the greeting.
    if (this.#source !== undefined) this.#setSource(undefined);
    this.#requests.isOurs = true;
    this.feed({ kind: "hello", pulse });
    this.#lease?.end();
    if (lease === undefined) return;
    const url = leaseUrl(lease.url, this.#responseUrl);
    if (url === undefined) return;
    const holder = {
      credentials: this.#options.credentials,
      cursor: () => this.lastEventId,
      takeRecoveryMs: () => this.#takeRecoveryMs(),
      onLost: () => this.feed({ kind: "lease-lost" }),
      // Who holds the stream back is behind, and knows why.
      onBehind: () => this.#isHeld || this.feed({ kind: "behind" }),
    };
    this.#lease = holdLease(url, lease.everyMs, holder, this.#environment);
  }

  #takeRecoveryMs(): number | undefined {
    const { count, recent } = this.incidents;
    const { healedMs, lastByteMs } = recent.at(-1) ?? {};
    if (count === this.#recoveriesTold || healedMs === undefined) return undefined;
    this.#recoveriesTold = count;
    return lastByteMs === undefined ? undefined : healedMs - lastByteMs;
  }

  #onPage(signal: PageSignal): void {
    if (signal === "nudge") this.#lease?.renew();
    // The silence of a stream that its own reader holds back makes it no suspect.
    if (signal !== "nudge" || !this.#isHeld) this.feed({ kind: signal });
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
    const exchange = this.#present;
    this.#isHeld = true;
    this.#setTimer();
    await ready;
    if (this.#present !== exchange) return;
    this.#isHeld = false;
    this.#setTimer(this.#environment.nowMs() + CATCH_UP_MS);
  }

  #setTimer(notBeforeMs = 0): void {
    const deadlineMs = connectionDeadlineMs(this.state, this.#options.limits);
    if (deadlineMs === undefined || this.#isHeld) this.#timer.clear();
    else this.#timer.setNoLaterThan(Math.max(deadlineMs, notBeforeMs));
  }
}

function announcedPulse(response: FetchResponse | undefined): PulseTiming | undefined {
  return parsePulseHeader(response?.headers.get(PULSE_HEADER) ?? null);
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
