// What becomes of what a backend sends: event → HERE → log. Pure, apart from what it remembers: which items
// have come, and how far the backend's own clock is.

import { type Gap, RESERVED } from "throughline/core";
import { DEFAULT_EVENT_TYPE, type NewEvent } from "../log/index.js";
import type { GatewayCounts } from "./counts.js";
import { type Item, readItem } from "./item.js";
import { KeyWindow } from "./key-window.js";
import { fits, fitsAny, valueAt } from "./match.js";
import { laterMoment, type Moment, parseMoment } from "./moment.js";
import type { EndRule, GatewayRoute } from "./route.js";

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

/** Items of one kind that came one right after the other, all of them new. */
interface Batch {
  readonly kind: string;
  readonly events: NewEvent[];
}

/** Sorts what one stream's backend sends. */
export class Intake {
  /** The moment of the newest item, or of the greeting before there is one. */
  newest: Moment | undefined;
  /** When what is held back has been held for long enough; `undefined` where nothing is. */
  deadlineMs: number | undefined;
  readonly #route: GatewayRoute;
  readonly #window = new KeyWindow();
  #batch: Batch | undefined;
  /** Whether something of the stream is known from before, or has come. */
  #hasHistory = false;
  /** Whether it holds events that are of no kind, so that nobody can tell whether one is missing. */
  #hasPlain = false;
  /** Whether the last that was stored was a gap: another one right after it says nothing. */
  #endsWithGap = false;
  /** Whether a response has begun that was not the first. */
  #hasOpened = false;
  /**
   * Kinds of which the first batch is still to come from a backend that begins with its newest: it is
   * the beginning of the stream, and nothing is missing before it.
   */
  readonly #beginning = new Set<string>();

  readonly #counts: Pick<GatewayCounts, "known">;

  constructor(route: GatewayRoute, counts: Pick<GatewayCounts, "known"> = { known: 0 }) {
    this.#route = route;
    this.#counts = counts;
    if (route.upstream.resume.by === "since") return;
    for (const { name } of route.kinds) this.#beginning.add(name);
  }

  /** Learns an event that is stored already: once each, in order, before anything else. */
  recall(type: string, data: string): void {
    this.#hasHistory = true;
    this.#beginning.clear();
    this.#endsWithGap = type === RESERVED.gap;
    if (this.#endsWithGap) return;
    const item = readItem(this.#route, parseJson(data));
    if (item === undefined) {
      this.#hasPlain = true;
      return;
    }
    for (const { key } of item.elements) this.#window.add(key);
    this.newest = laterMoment(this.newest, item.newest);
  }

  /**
   * A response has begun. Where something may have been missed before it, a gap says so.
   *
   * @param wasAsked whether the backend was told where to go on
   */
  open(wasAsked: boolean): IntakeAction[] {
    const actions = this.flush();
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
      return [...this.flush(), { kind: "greet", event }];
    }
    if (fitsAny(payload, route.passing)) {
      this.#beginning.clear();
      return [...this.flush(), { kind: "say", event }];
    }
    const item = readItem(route, payload);
    if (item !== undefined) return this.#takeItem(event, item, nowMs);
    this.#hasPlain = true;
    const actions = this.flush();
    this.#append(actions, [this.#toNewEvent(event, event.data)]);
    return actions;
  }

  /** Lets go of what is held back. */
  flush(): IntakeAction[] {
    const actions: IntakeAction[] = [];
    const batch = this.#batch;
    this.#batch = undefined;
    this.deadlineMs = undefined;
    if (batch === undefined) return actions;
    this.#beginning.delete(batch.kind);
    this.#append(actions, batch.events);
    return actions;
  }

  #end(event: UpstreamEvent, { means }: EndRule): IntakeAction[] {
    const actions = this.flush();
    if (means !== "reopen") this.#append(actions, [this.#toNewEvent(event, event.data)]);
    actions.push({ kind: "end", means });
    return actions;
  }

  #takeItem(event: UpstreamEvent, item: Item, nowMs: number): IntakeAction[] {
    const { kind } = item;
    const fresh = item.elements.filter(({ key }) => !this.#window.has(key));
    for (const { key } of item.elements) this.#window.add(key);
    this.newest = laterMoment(this.newest, item.newest);
    this.#counts.known += item.elements.length - fresh.length;
    if (fresh.length < item.elements.length) {
      // A known one: whatever came before it in its batch goes on where the stream was.
      this.#beginning.clear();
      const actions = this.flush();
      if (fresh.length > 0) {
        this.#append(actions, [this.#toNewEvent(event, item.keeping(fresh))]);
      }
      return actions;
    }
    const actions = this.#batch?.kind === kind.name ? [] : this.flush();
    const batch = this.#batch ?? { kind: kind.name, events: [] };
    batch.events.push(this.#toNewEvent(event, event.data));
    if (kind.atMost === undefined) {
      this.#append(actions, batch.events);
      return actions;
    }
    const size = kind.each === undefined ? batch.events.length : fresh.length;
    this.#batch = batch;
    if (size >= kind.atMost) {
      if (!this.#beginning.has(kind.name)) this.#appendGap(actions);
      actions.push(...this.flush());
    } else if (kind.each !== undefined) {
      actions.push(...this.flush());
    } else {
      this.deadlineMs = nowMs + HOLD_MS;
    }
    return actions;
  }

  #mayMiss(wasAsked: boolean): boolean {
    const { by } = this.#route.upstream.resume;
    if (by === "none" || this.#hasPlain) return by !== "last-event-id" || !wasAsked;
    // What comes again proves that nothing is missing, or that something may be.
    return by !== "repetition" && !wasAsked;
  }

  #appendGap(actions: IntakeAction[]): void {
    if (this.#endsWithGap) return;
    this.#append(actions, [{ type: RESERVED.gap, data: JSON.stringify(UNKNOWN_GAP) }]);
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

/** Nobody knows how much is missing: the backend has not said how much there was. */
const UNKNOWN_GAP: Gap = { from: null, to: null, reason: "upstream" };

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
