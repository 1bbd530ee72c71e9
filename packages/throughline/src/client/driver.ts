// Runs the connection machine against the world: feeds it what happens, carries out its effects.
// It decides nothing; what a state is left for, and when, stands in core/connection.

import type {
  Bookmark,
  ConnectionEffect,
  ConnectionInput,
  ConnectionLimits,
  ConnectionState,
  Gap,
  Hello,
  IncidentLog,
  ParsedEvent,
  Parser,
  PulseTiming,
} from "../core/index.js";
import {
  advance,
  connectionDeadlineMs,
  createParser,
  EVENT_STREAM,
  FRESH_BOOKMARK,
  greeted,
  INITIAL_STATE,
  jump,
  NO_INCIDENTS,
  PULSE_HEADER,
  parsePulseHeader,
  parseRetryAfter,
  readBlock,
  recordIncident,
  StreamError,
  stepConnection,
  turnPage,
} from "../core/index.js";
import type { Attempt } from "./attempt.js";
import { startAttempt } from "./attempt.js";
import type { ChannelFacts } from "./channel.js";
import type { Environment, PageSignal, TimerId } from "./environment.js";
import type { Lease } from "./lease.js";
import { holdLease } from "./lease.js";
import { resumeRequest } from "./resume-request.js";
import type { ConnectionStatistics, FetchResponse, ResumeBy } from "./types.js";

/** What a driver is told once and for all. */
export interface DriverOptions {
  /** Absolute. */
  readonly url: string;
  readonly credentials: "include" | "same-origin";
  readonly resumeBy: ResumeBy;
  readonly limits: ConnectionLimits;
  /** The pulse to assume of a server that announces none; `undefined` to assume none. */
  readonly assumedPulse: PulseTiming | undefined;
  readonly maxEventLength: number | undefined;
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

/** After a reader held the stream back, what has long arrived gets this much time to be read. */
const CATCH_UP_MS = 500;

/** Runs one connection. Made anew for nothing: it lives as long as the reader. */
export class Driver {
  state: ConnectionState = INITIAL_STATE;
  bookmark: Bookmark;
  incidents: IncidentLog = NO_INCIDENTS;
  /** The newest `retry:` of the server in milliseconds; `undefined` before the first. */
  retryMs: number | undefined;
  readonly counts = { eventsDelivered: 0, duplicatesDropped: 0, requests: 0, bytes: 0, gaps: 0 };

  readonly #options: DriverOptions;
  readonly #environment: Environment;
  readonly #owner: DriverOwner;
  readonly #parser: Parser;
  readonly #isCrossOrigin: boolean;
  #attempt: Attempt | undefined;
  #lease: Lease | undefined;
  #timer: TimerId | undefined;
  #timerDueMs = Number.POSITIVE_INFINITY;
  #stopWatchingPage: (() => void) | undefined;
  /** Whether the server knows the cursor parameter: it greeted, or its reader brought a cursor. */
  #isOurs: boolean;
  #responseUrl = "";
  #origin = "";
  #isHeld = false;

  constructor(
    options: DriverOptions,
    lastEventId: string,
    environment: Environment,
    owner: DriverOwner,
  ) {
    this.#options = options;
    this.#environment = environment;
    this.#owner = owner;
    this.bookmark = jump(FRESH_BOOKMARK, lastEventId);
    this.#isOurs = lastEventId !== "";
    const { origin } = environment;
    this.#isCrossOrigin = origin !== undefined && origin !== new URL(options.url).origin;
    this.#parser = createParser(
      {
        onEvent: (event) => this.#onBlock(event),
        onId: (id) => this.#advance(id),
        onRetry: (retryMs) => {
          this.retryMs = retryMs;
          this.#feedResponse({ kind: "retry", retryMs });
        },
      },
      {
        maxEventLength: options.maxEventLength,
        decoder: new TextDecoder("utf-8", { ignoreBOM: true }),
      },
    );
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
      attempts: state.name === "closed" ? 0 : state.memory.failures,
      dueMs: state.name === "waiting" ? state.dueMs : undefined,
      incidents,
      statistics,
    };
  }

  get statistics(): ConnectionStatistics {
    return { ...this.counts, incidents: this.incidents.count };
  }

  /** Goes on from another place: where somebody else has read to. */
  moveTo(lastEventId: string): void {
    this.bookmark = jump(this.bookmark, lastEventId);
  }

  /** One input through the machine, and all that follows from it. */
  feed(input: ConnectionInput): void {
    const before = this.state;
    const nowMs = this.#environment.nowMs();
    const { random } = this.#environment;
    const { limits } = this.#options;
    const { state, effects } = stepConnection(before, input, { nowMs, random, limits });
    this.state = state;
    const incidents = recordIncident(this.incidents, before, state, nowMs);
    const hasChanged =
      before.name !== state.name || before.reason !== state.reason || incidents !== this.incidents;
    this.incidents = incidents;
    if (state.name === "closed" || state.name === "failed") this.#stopWatching();
    for (const effect of effects) if (!isAnnouncement(effect)) this.#run(effect);
    this.#armTimer();
    if (hasChanged) this.#owner.onChange();
    // Announcements come last: the application may call back, and must find everything settled.
    for (const effect of effects) if (isAnnouncement(effect)) this.#run(effect);
  }

  #run(effect: ConnectionEffect): void {
    switch (effect) {
      case "connect":
        if (this.#owner.mayConnect()) this.#connect();
        return;
      case "abort":
        this.#hangUp();
        return;
      case "announce-open":
        this.#owner.onOpen();
        return;
      case "announce-error":
        this.#owner.onError();
        return;
    }
  }

  #connect(): void {
    this.#hangUp();
    this.counts.requests += 1;
    this.bookmark = turnPage(this.bookmark);
    this.#parser.reset(this.bookmark.lastEventId);
    const { resumeBy, credentials, url } = this.#options;
    const request = resumeRequest(url, this.bookmark, {
      resumeBy,
      isCrossOrigin: this.#isCrossOrigin,
      isOurs: this.#isOurs,
    });
    const attempt: Attempt = startAttempt(
      this.#environment.fetch,
      request.url,
      {
        method: "GET",
        headers: { accept: EVENT_STREAM, ...request.headers },
        credentials,
        cache: "no-store",
      },
      {
        onResponse: (response) => this.#onResponse(response),
        onBytes: (chunk) => this.#onBytes(chunk),
        onEnded: () => this.#onOver({ kind: "ended" }),
        onBroken: () => this.#onOver({ kind: "broken" }),
        readyToRead: () => this.#hold(),
      },
    );
    this.#attempt = attempt;
  }

  #hangUp(): void {
    this.#attempt?.abort();
    this.#attempt = undefined;
    this.#lease?.end();
    this.#lease = undefined;
    this.#isHeld = false;
  }

  #watchPage(): void {
    this.#stopWatchingPage ??= this.#environment.watchPage((signal) => this.#onPage(signal));
  }

  #stopWatching(): void {
    this.#stopWatchingPage?.();
    this.#stopWatchingPage = undefined;
  }

  #onResponse(response: FetchResponse): void {
    this.#responseUrl = response.url === "" ? this.#options.url : response.url;
    this.#origin = new URL(this.#responseUrl).origin;
    const { headers, status } = response;
    this.feed({
      kind: "response",
      status,
      contentType: headers.get("content-type") ?? "",
      retryAfterMs: parseRetryAfter(headers.get("retry-after"), this.#environment.epochMs()),
      pulse: parsePulseHeader(headers.get(PULSE_HEADER)) ?? this.#options.assumedPulse,
    });
  }

  #onBytes(chunk: Uint8Array): void {
    const attempt = this.#attempt;
    this.counts.bytes += chunk.byteLength;
    this.feed({ kind: "bytes" });
    if (this.#attempt !== attempt) return;
    try {
      this.#parser.push(chunk);
    } catch (error) {
      if (!(error instanceof StreamError) || error.code !== "event-too-large") throw error;
      this.#feedResponse({ kind: "overflow" });
    }
  }

  #onOver(input: ConnectionInput): void {
    this.#hangUp();
    this.feed(input);
  }

  /** What the body says counts only while its response is open: a handler may have closed it. */
  #feedResponse(input: ConnectionInput): void {
    if (this.#attempt !== undefined && this.state.name === "live") this.feed(input);
  }

  #onBlock(event: ParsedEvent): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    const meaning = readBlock(this.bookmark, event);
    switch (meaning.kind) {
      case "event":
        this.counts.eventsDelivered += 1;
        this.#owner.onEvent(event, this.#origin);
        this.#advance(event.id);
        break;
      case "duplicate":
        this.counts.duplicatesDropped += 1;
        break;
      case "hello":
        this.#onHello(meaning.hello);
        break;
      case "gap":
        this.bookmark = jump(this.bookmark, event.id);
        this.counts.gaps += 1;
        this.#owner.onGap(meaning.gap);
        break;
      case "drain":
        this.#feedResponse({ kind: "drain", withinMs: meaning.drain.withinMs });
        break;
      case "end":
        this.#advance(event.id);
        this.#feedResponse({ kind: "complete" });
        break;
      case "quiet":
        this.#advance(event.id);
        break;
    }
    // The rest of the chunk belongs to a response that a handler has left.
    if (this.#attempt !== attempt) this.#parser.reset(this.bookmark.lastEventId);
  }

  #onHello(hello: Hello): void {
    this.#isOurs = true;
    this.bookmark = greeted(this.bookmark);
    this.#feedResponse({ kind: "hello", pulse: hello.pulse });
    if (hello.lease === undefined || this.#attempt === undefined) return;
    this.#lease?.end();
    const holder = {
      credentials: this.#options.credentials,
      cursor: () => this.bookmark.lastEventId,
      onLost: () => this.feed({ kind: "lease-lost" }),
    };
    this.#lease = holdLease(hello.lease, this.#responseUrl, holder, this.#environment);
  }

  #advance(id: string | undefined): void {
    this.bookmark = advance(this.bookmark, id);
  }

  #onPage(signal: PageSignal): void {
    if (signal === "nudge") this.#lease?.renew();
    this.feed({ kind: signal });
  }

  /** While the reader holds the stream back, its silence is of its own making. */
  async #holdUntil(ready: Promise<void>): Promise<void> {
    const attempt = this.#attempt;
    this.#isHeld = true;
    this.#disarmTimer();
    await ready;
    if (this.#attempt !== attempt) return;
    this.#isHeld = false;
    this.#armTimer(this.#environment.nowMs() + CATCH_UP_MS);
  }

  #hold(): Promise<void> | undefined {
    const ready = this.#owner.readyToRead();
    return ready === undefined ? undefined : this.#holdUntil(ready);
  }

  /**
   * Keeps one timer, no later than the machine's deadline. A timer that is already set for an earlier
   * moment is left alone: every chunk of bytes moves the deadline, and a tick that comes early
   * changes nothing.
   */
  #armTimer(notBeforeMs = 0): void {
    const deadlineMs = connectionDeadlineMs(this.state, this.#options.limits);
    if (deadlineMs === undefined || this.#isHeld) {
      this.#disarmTimer();
      return;
    }
    const dueMs = Math.max(deadlineMs, notBeforeMs);
    if (dueMs >= this.#timerDueMs) return;
    this.#disarmTimer();
    this.#timerDueMs = dueMs;
    const delayMs = Math.max(0, Math.ceil(dueMs - this.#environment.nowMs()));
    this.#timer = this.#environment.setTimer(() => {
      this.#timerDueMs = Number.POSITIVE_INFINITY;
      this.feed({ kind: "tick" });
    }, delayMs);
  }

  #disarmTimer(): void {
    if (this.#timerDueMs === Number.POSITIVE_INFINITY) return;
    this.#environment.clearTimer(this.#timer);
    this.#timerDueMs = Number.POSITIVE_INFINITY;
  }
}

function isAnnouncement(effect: ConnectionEffect): boolean {
  return effect === "announce-open" || effect === "announce-error";
}
