// Fills one stream of the log from its backend: asks, sorts what comes, stores it, and asks again. What
// cannot be stored is as if it had not come: the log is read again, and the backend asked from there.

import { setTimeout as delay } from "node:timers/promises";
import type { ConnectionSnapshot, StreamEvent } from "throughline";
import { RESERVED, StreamError } from "throughline/core";
import type { Remark } from "../hub/index.js";
import type { EventLog, NewEvent, StreamName } from "../log/index.js";
import { ActionQueue } from "./action-queue.js";
import type { GatewayCounts } from "./counts.js";
import { Intake, type IntakeAction } from "./intake.js";
import { type Moment, momentText } from "./moment.js";
import { recall } from "./recall.js";
import type { EndRule, GatewayRoute } from "./route.js";
import type { ThreadBudget } from "./thread-budget.js";
import { ThreadLease } from "./thread-lease.js";
import { UNKNOWN_GAP } from "./unknown-gap.js";
import { openUpstream, type Upstream } from "./upstream.js";
import type { UpstreamAnswer, UpstreamQuestion } from "./upstream-fetch.js";

/** What is filled, and from where. */
export interface FillerOptions {
  readonly log: EventLog;
  readonly threads: ThreadBudget;
  readonly counts: GatewayCounts;
  readonly stream: StreamName;
  readonly route: GatewayRoute;
  /** Origin of the backend. */
  readonly upstream: URL;
  /** Path and query at the backend. */
  readonly target: string;
  /** What is asked after before anything has come. */
  readonly since: Moment | undefined;
  /** The epoch that the first reader has read already; `undefined` where it shows none. */
  readonly knownEpoch: string | undefined;
}

/** Who is told what comes of it. */
export interface FillerOwner {
  /** The headers that show who asks. */
  credentials(): Readonly<Record<string, string>>;
  hasOtherCredentials(): boolean;
  /** The log has been read; whether it holds anything of the stream. */
  onRecalled(epoch: string, hasHistory: boolean): void;
  onState(snapshot: ConnectionSnapshot): void;
  onRefused(answer: UpstreamAnswer): void;
  /** The stream has something. */
  onStored(): void;
  /** Something for whoever reads now. */
  onSaid(remark: Remark): void;
  onGreeted(greeting: Remark): void;
  /** The backend has ended a response by design, and is about to be asked again. */
  onReopening(): void;
  /** The backend's work is done; it has been left. */
  onFinished(): void;
  /** The backend has refused for good, or has said that there is nothing more. */
  onDismissed(): void;
  /** An event of the backend's cannot be stored, and never could be; a gap stands in its place. */
  onUnfit(error: StreamError): void;
  /** The log failed, or there is a bug. It is tried again. */
  onFailed(error: unknown): void;
}

/** A stream that could not be filled is taken up again after so long, then after twice as long, … */
const RESTART_AFTER_MS = 1000;
const LONGEST_RESTART_MS = 30_000;

/** Between two requests of a backend that ends its responses by design: as often as it would speak. */
const REOPEN_SPACING_MS = 1000;

/** Fills a stream until it is closed. */
export class Filler {
  readonly #options: FillerOptions;
  readonly #owner: FillerOwner;
  readonly #thread: ThreadLease;
  #intake: Intake;
  #upstream: Upstream | undefined;
  #flushTimer: NodeJS.Timeout | undefined;
  #restartTimer: NodeJS.Timeout | undefined;
  /** What the intake says. */
  #actions: ActionQueue;
  #lastEventId = "";
  /** Failures since something was stored. */
  #failures = 0;
  /** Whether the backend has ended a response by design, and has not been heard since. */
  #isReopening = false;
  /** When the newest request left. */
  #begunMs = Number.NEGATIVE_INFINITY;
  /** Whether anything has come. */
  #hasHeard = false;
  #isOver = false;

  constructor(options: FillerOptions, owner: FillerOwner) {
    this.#options = options;
    this.#owner = owner;
    this.#thread = new ThreadLease(options.threads, options.route.upstream.releaseMs);
    this.#intake = new Intake(options.route, options.counts);
    this.#actions = this.#newActions();
    void this.#begin();
  }

  /** Leaves the backend. What has come is still stored. */
  close(): void {
    this.#isOver = true;
    clearTimeout(this.#restartTimer);
    this.#leave();
  }

  /** Nobody reads. `reclaim` is called when others wait for a thread. */
  linger(reclaim: () => void): void {
    this.#thread.linger(reclaim);
  }

  /** Somebody reads again. */
  occupy(): void {
    this.#thread.occupy();
  }

  async #begin(): Promise<void> {
    const { log, stream, since, knownEpoch } = this.#options;
    try {
      const { epoch, lastId, hasHistory } = await recall(log, stream, this.#intake);
      // It was read before, by whoever shows its epoch, and nobody knows until when.
      if (!hasHistory && epoch === knownEpoch) this.#intake.resume();
      this.#lastEventId = lastId;
      this.#intake.newest ??= since;
      this.#owner.onRecalled(epoch, hasHistory);
      if (!this.#isOver) this.#upstream = this.#connect();
    } catch (error) {
      this.#onFailed(error);
    }
  }

  #connect(): Upstream {
    const { upstream: rules, refusals, ends } = this.#options.route;
    const owner = this.#owner;
    const upstream: Upstream = openUpstream(
      {
        rules,
        refusals,
        endsByDesign: ends.some(({ means }) => means === "reopen"),
        ask: () => this.#ask(),
        lastEventId: rules.resume.by === "last-event-id" ? this.#lastEventId : "",
        credentials: async () => {
          if (this.#isReopening) await this.#keepDistance();
          // It may have been left meanwhile, and then nothing is asked: what it took nobody would give back.
          if (!this.#isOver) await this.#thread.take();
          return owner.credentials();
        },
        hasOtherCredentials: () => owner.hasOtherCredentials(),
      },
      {
        onBegun: () => {
          this.#options.counts.requests += 1;
          this.#begunMs = performance.now();
          this.#thread.use();
        },
        onOver: (by) => this.#thread.end(by),
        onOpen: (isResuming) => this.#actions.add(this.#intake.open(isResuming)),
        onEvent: (event) => this.#take(event),
        onState: (snapshot) => this.#onState(snapshot),
        onRefused: (answer) => {
          if (!this.#isOver) owner.onRefused(answer);
        },
        onComplete: () => {
          if (this.#upstream === upstream) this.#dismiss();
        },
        onFailed: (error) => {
          // One that has been left had to fail: it has nobody to give its events to.
          if (this.#upstream === upstream) this.#onFailed(error);
        },
      },
    );
    return upstream;
  }

  /** A backend that ends its responses as soon as it begins them must not be asked without end. */
  async #keepDistance(): Promise<void> {
    await delay(Math.max(0, this.#begunMs + REOPEN_SPACING_MS - performance.now()));
  }

  #onState(snapshot: ConnectionSnapshot): void {
    if (this.#isOver) return;
    const { state, reason } = snapshot;
    if (state === "live") this.#isReopening = false;
    const hasEnded = reason === "ended" || reason === "short-lived";
    // The end of a response is the end of its work, where asking again would begin another.
    if (hasEnded && state === "waiting" && this.#isWorkOver)
      this.#actions.add([{ kind: "end", means: "end" }]).catch(() => {
        // It has been told.
      });
    // It ends its responses by design, and is asked again: nobody has to be told.
    else if (!hasEnded || !this.#isReopening) this.#owner.onState(snapshot);
  }

  get #isWorkOver(): boolean {
    const { life, upstream } = this.#options.route;
    return life === "run" && upstream.resume.by === "none" && this.#hasHeard;
  }

  #ask(): UpstreamQuestion {
    const { route, target, upstream } = this.#options;
    const { resume } = route.upstream;
    const { newest } = this.#intake;
    const url = new URL(target, upstream);
    if (resume.by !== "since" || newest === undefined) {
      return { url, isResuming: resume.by === "last-event-id" && this.#lastEventId !== "" };
    }
    url.searchParams.set(resume.parameter, momentText(newest, resume.overlapMs));
    return { url, isResuming: true };
  }

  // ---- what comes --------------------------------------------------------------------------------

  async #take(event: StreamEvent): Promise<void> {
    this.#lastEventId = event.lastEventId;
    this.#hasHeard = true;
    const done = this.#actions.add(this.#intake.take(event, performance.now()));
    this.#planFlush();
    await done;
  }

  #planFlush(): void {
    clearTimeout(this.#flushTimer);
    const { deadlineMs } = this.#intake;
    if (deadlineMs === undefined) return;
    const flush = () => this.#flush();
    this.#flushTimer = setTimeout(flush, Math.max(0, deadlineMs - performance.now()));
  }

  #flush(): void {
    this.#actions.add(this.#intake.flush()).catch(() => {
      // It has been told, or will be read from the backend again.
    });
  }

  #newActions(): ActionQueue {
    const actions: ActionQueue = new ActionQueue({
      append: (events) => this.#append(events),
      perform: (action) => this.#perform(action),
      onFailed: (error) => {
        // One that has been given up already says nothing about the present one.
        if (actions === this.#actions) this.#onFailed(error);
      },
    });
    return actions;
  }

  async #append(events: readonly NewEvent[]): Promise<void> {
    const { log, stream, counts } = this.#options;
    try {
      await log.append(stream, events);
    } catch (error) {
      if (!(error instanceof StreamError) || error.code !== "invalid-event") throw error;
      await this.#appendApart(events, error);
      return;
    }
    this.#failures = 0;
    for (const { type } of events) counts[type === RESERVED.gap ? "gaps" : "stored"] += 1;
    this.#owner.onStored();
  }

  /** One of them cannot be stored, as it is too large: in its place readers are told that it is missing. */
  async #appendApart(events: readonly NewEvent[], error: StreamError): Promise<void> {
    if (events.length === 1) {
      this.#owner.onUnfit(error);
      await this.#append([UNKNOWN_GAP]);
      return;
    }
    for (const event of events) await this.#append([event]);
  }

  #perform(action: Exclude<IntakeAction, { readonly kind: "append" }>): Promise<void> | void {
    switch (action.kind) {
      case "say":
        this.#options.counts.said += 1;
        return this.#owner.onSaid(toRemark(action.event));
      case "greet":
        return this.#owner.onGreeted(toRemark(action.event));
      case "end":
        return this.#end(action.means);
    }
  }

  async #end(means: EndRule["means"]): Promise<void> {
    if (means === "reopen") {
      this.#isReopening = true;
      this.#owner.onReopening();
      return;
    }
    const { log, stream } = this.#options;
    if (means === "end") await log.seal(stream);
    this.close();
    this.#owner.onFinished();
  }

  // ---- trouble -----------------------------------------------------------------------------------

  #onFailed(error: unknown): void {
    if (this.#isOver) return;
    if (error instanceof StreamError && error.code === "http") {
      this.#dismiss();
      return;
    }
    this.#leave();
    this.#owner.onFailed(error);
    const afterMs = Math.min(RESTART_AFTER_MS * 2 ** this.#failures, LONGEST_RESTART_MS);
    this.#failures += 1;
    this.#restartTimer = setTimeout(() => {
      this.#intake = new Intake(this.#options.route, this.#options.counts);
      this.#actions = this.#newActions();
      void this.#begin();
    }, afterMs);
  }

  /** The backend has nothing (more) for anybody. */
  #dismiss(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#leave();
    this.#owner.onDismissed();
  }

  #leave(): void {
    clearTimeout(this.#flushTimer);
    this.#flush();
    this.#upstream?.close();
    this.#upstream = undefined;
    this.#thread.drop();
  }
}

function toRemark({ type, data }: { readonly type: string; readonly data: string }): Remark {
  return { type, data };
}
