// What becomes of what a backend sends: event → HERE → log. Pure, apart from what it remembers: which items
// have come, and how far the backend's own clock is.

import { RESERVED } from "throughline/core";
import { DEFAULT_EVENT_TYPE, type NewEvent } from "../log/index.js";
import type { GatewayCounts } from "./counts.js";
import { type Item, readItem } from "./item.js";
import { fits, fitsAny, valueAt } from "./match.js";
import { laterMoment, type Moment, parseMoment } from "./moment.js";
import { Rounds, type Shown } from "./rounds.js";
import type { EndRule, GatewayRoute } from "./route.js";
import { UNKNOWN_GAP } from "./unknown-gap.js";

/** An event as a backend sent it. */
export interface UpstreamEvent {
  readonly type: string;
  readonly data: string;
  /** What the backend's `Last-Event-ID` would be now; empty where it gives none. */
  readonly lastEventId: string;
}

/** What has to be done, in this order. */
export type IntakeAction =
  /** Stores events. All of them come from one chunk of thought, and belong together. */
  | { readonly kind: "append"; readonly events: readonly NewEvent[] }
  /** Passes an event on to whoever reads now. */
  | { readonly kind: "say"; readonly event: UpstreamEvent }
  /** Keeps a greeting for readers to come. */
  | { readonly kind: "greet"; readonly event: UpstreamEvent }
  /** The backend has ended, or will. */
  | { readonly kind: "end"; readonly means: EndRule["means"] };

/**
 * How long a batch is waited for that may go on: what belongs together comes together, and readers wait
 * for it, so it is a quarter of a second and not more.
 */
const HOLD_MS = 250;

/** Sorts what one stream's backend sends. */
export class Intake {
  /**
   * The moment to ask after: of the newest item of the last poll that came whole, or of the greeting
   * before there is one.
   */
  newest: Moment | undefined;
  /** When what is held back has been held for long enough; `undefined` where nothing is. */
  deadlineMs: number | undefined;
  readonly #route: GatewayRoute;
  readonly #rounds: Rounds;
  /** Items that wait for those that may belong to them. */
  #held: NewEvent[] = [];
  /** The moment of the newest item of the poll that comes at the moment. */
  #coming: Moment | undefined;
  /** Whether something of the stream is known from before, or has come. */
  #hasHistory = false;
  /** Whether it holds events that are of no kind, so that nobody can tell whether one is missing. */
  #hasPlain = false;
  /** Whether the last that was stored was a gap: another one right after it says nothing. */
  #endsWithGap = false;
  /** Whether a response has begun that was not the first. */
  #hasOpened = false;

  readonly #counts: Pick<GatewayCounts, "known">;

  constructor(route: GatewayRoute, counts: Pick<GatewayCounts, "known"> = { known: 0 }) {
    this.#route = route;
    this.#counts = counts;
    const { by } = route.upstream.resume;
    this.#rounds = new Rounds(by === "since" ? [] : route.kinds.map(({ name }) => name));
  }

  /** Learns an event that is stored already: once each, in order, before anything else. */
  recall(type: string, data: string): void {
    this.#hasHistory = true;
    this.#rounds.begun();
    this.#endsWithGap = type === RESERVED.gap;
    if (this.#endsWithGap) return;
    const item = readItem(this.#route, parseJson(data));
    if (item === undefined) {
      this.#hasPlain = true;
      return;
    }
    this.#rounds.recall(item.elements.map(({ key }) => key));
    this.newest = laterMoment(this.newest, item.newest);
  }

  /** Everything has been learnt. The last poll may not be stored whole, so all of it is asked for. */
  recalled(): void {
    const { silenceMs } = this.#route.upstream;
    if (this.newest === undefined || !this.#isCutSometimes || !Number.isFinite(silenceMs)) return;
    // Polls are not further apart than the longest silence.
    this.newest = { ...this.newest, ms: this.newest.ms - silenceMs };
  }

  /**
   * A response has begun. Where something may have been missed before it, a gap says so.
   *
   * @param wasAsked whether the backend was told where to go on
   */
  open(wasAsked: boolean): IntakeAction[] {
    const actions: IntakeAction[] = [];
    this.#release(actions, this.#rounds.cut());
    this.#coming = undefined;
    const isAgain = this.#hasOpened || this.#hasHistory;
    this.#hasOpened = true;
    if (isAgain && this.#mayMiss(wasAsked)) this.#appendGap(actions);
    return actions;
  }

  /** Takes an event. */
  take(event: UpstreamEvent, nowMs: number): IntakeAction[] {
    const payload = parseJson(event.data);
    const route = this.#route;
    const end = route.ends.find(({ match }) => fits(payload, match));
    if (end !== undefined) return this.#end(event, end);
    if (fitsAny(payload, route.greetings)) {
      const { resume } = route.upstream;
      if (resume.by === "since" && resume.greetingTime !== undefined) {
        this.newest ??= parseMoment(valueAt(payload, resume.greetingTime));
      }
      return [...this.#endRound(), { kind: "greet", event }];
    }
    if (fitsAny(payload, route.passing)) {
      const actions = this.#endRound();
      this.#rounds.begun();
      // What is said between polls says that the one before is over.
      this.#settle();
      return [...actions, { kind: "say", event }];
    }
    const item = readItem(route, payload);
    if (item !== undefined) return this.#takeItem(event, item, nowMs);
    this.#hasPlain = true;
    const actions = this.#endRound();
    this.#append(actions, [this.#toNewEvent(event, event.data)]);
    return actions;
  }

  /** Lets go of what is held back: nothing has come for a while. */
  flush(): IntakeAction[] {
    const actions: IntakeAction[] = [];
    this.#release(actions, this.#rounds.pause());
    if (this.#route.passing.length === 0) this.#settle();
    return actions;
  }

  #end(event: UpstreamEvent, { means }: EndRule): IntakeAction[] {
    const actions = this.#endRound();
    if (means !== "reopen") this.#append(actions, [this.#toNewEvent(event, event.data)]);
    actions.push({ kind: "end", means });
    return actions;
  }

  #takeItem(event: UpstreamEvent, item: Item, nowMs: number): IntakeAction[] {
    const { kind, elements } = item;
    const rounds = this.#rounds;
    const keys = elements.map(({ key }) => key);
    const actions = rounds.continues(kind, keys) ? [] : this.#endRound();
    const fresh = elements.filter(({ key }) => !rounds.isKnown(key));
    this.#counts.known += elements.length - fresh.length;
    if (fresh.length > 0) {
      const isWhole = fresh.length === elements.length;
      this.#held.push(this.#toNewEvent(event, isWhole ? event.data : item.keeping(fresh)));
    }
    this.#coming = laterMoment(this.#coming, item.newest);
    if (!this.#isCutSometimes) this.#settle();
    const shown = rounds.take(kind, keys);
    if (shown !== "open") this.#release(actions, shown);
    // One event is all that a poll has to say of such a kind.
    else if (kind.each !== undefined) actions.push(...this.#endRound());
    else if (this.#held.length > 0) this.deadlineMs = nowMs + HOLD_MS;
    return actions;
  }

  /** Whether the backend may leave out rows; then it shows its newest first. */
  get #isCutSometimes(): boolean {
    return this.#route.kinds.some(({ atMost }) => atMost !== undefined);
  }

  #endRound(): IntakeAction[] {
    const actions: IntakeAction[] = [];
    this.#release(actions, this.#rounds.end());
    return actions;
  }

  /** Everything up to the newest item has come. */
  #settle(): void {
    this.newest = laterMoment(this.newest, this.#coming);
  }

  #release(actions: IntakeAction[], shown: Shown): void {
    const events = this.#held;
    this.#held = [];
    this.deadlineMs = undefined;
    if (shown === "cut") this.#appendGap(actions);
    if (events.length > 0) this.#append(actions, events);
  }

  #mayMiss(wasAsked: boolean): boolean {
    const { by } = this.#route.upstream.resume;
    if (by === "none" || this.#hasPlain) return by !== "last-event-id" || !wasAsked;
    // What comes again proves that nothing is missing, or that something may be.
    return by !== "repetition" && !wasAsked;
  }

  #appendGap(actions: IntakeAction[]): void {
    if (this.#endsWithGap) return;
    this.#append(actions, [UNKNOWN_GAP]);
    this.#endsWithGap = true;
  }

  #append(actions: IntakeAction[], events: readonly NewEvent[]): void {
    this.#hasHistory = true;
    this.#endsWithGap = false;
    actions.push({ kind: "append", events });
  }

  #toNewEvent({ type, lastEventId }: UpstreamEvent, data: string): NewEvent {
    const isKept = this.#route.upstream.resume.by === "last-event-id" && isLogId(lastEventId);
    return {
      ...(type === DEFAULT_EVENT_TYPE ? {} : { type }),
      data,
      ...(isKept ? { id: lastEventId } : {}),
    };
  }
}

/** Longest id that a log takes, in bytes of UTF-8. */
const LONGEST_ID_BYTES = 512;

function isLogId(id: string): boolean {
  return id !== "" && Buffer.byteLength(id) <= LONGEST_ID_BYTES;
}

function parseJson(data: string): unknown {
  try {
    return JSON.parse(data) as unknown;
  } catch {
    // Not JSON: it fits no rule, and is passed on as it is.
    return undefined;
  }
}
