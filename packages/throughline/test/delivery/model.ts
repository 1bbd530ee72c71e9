// A log, a feed and a sink, each as simple as it can be, around the real machine. Nothing happens by
// itself: a script says what happens next, so that every order of things can be tried.

import type { DeliveryInput, DeliveryState, Position } from "throughline/core";
import { beginDelivery, stepDelivery } from "throughline/core";

/** What was handed to the sink. */
export type Sent =
  | { readonly kind: "event"; readonly at: Position; readonly value: number }
  | { readonly kind: "gap"; readonly resumeAfter: Position; readonly reason: "trimmed" | "reset" }
  | { readonly kind: "end" };

type Answer =
  | { readonly kind: "events"; readonly upTo: number; readonly events: readonly Sent[] }
  | Extract<Sent, { kind: "gap" }>;

const PAGE_EVENTS = 3;

/** The log: every event has a value that no other event has, in whatever epoch. */
class ModelLog {
  epoch = "a0";
  isSealed = false;
  #values: number[] = [];
  #earliest = 1;
  #lastValue = 0;
  #epochs = 0;

  get head(): Position {
    return { epoch: this.epoch, offset: this.#earliest - 1 + this.#values.length };
  }

  get earliest(): number {
    return this.#earliest;
  }

  append(count: number): void {
    for (let left = this.isSealed ? 0 : count; left > 0; left -= 1) {
      this.#lastValue += 1;
      this.#values.push(this.#lastValue);
    }
  }

  trim(count: number): void {
    const gone = Math.min(count, this.#values.length);
    this.#values.splice(0, gone);
    this.#earliest += gone;
  }

  /** Everything is lost, and begins anew. */
  reset(): void {
    this.#epochs += 1;
    this.epoch = `a${this.#epochs}`;
    this.#values = [];
    this.#earliest = 1;
    this.isSealed = false;
  }

  read(at: Position, through: number): Answer {
    const head = this.head.offset;
    if (at.epoch !== this.epoch) return this.#gap("reset", this.#earliest - 1);
    if (at.offset > head) return this.#gap("reset", head);
    if (at.offset + 1 < this.#earliest) return this.#gap("trimmed", this.#earliest - 1);
    const upTo = Math.max(at.offset, Math.min(head, through, at.offset + PAGE_EVENTS));
    const events: Sent[] = [];
    for (let offset = at.offset + 1; offset <= upTo; offset += 1) {
      const value = this.#values[offset - this.#earliest] ?? Number.NaN;
      events.push({ kind: "event", at: { epoch: this.epoch, offset }, value });
    }
    return { kind: "events", upTo, events };
  }

  #gap(reason: "trimmed" | "reset", offset: number): Answer {
    return { kind: "gap", reason, resumeAfter: { epoch: this.epoch, offset } };
  }
}

/** One subscriber on one feed on one log. */
export class Model {
  readonly log = new ModelLog();
  readonly sent: Sent[] = [];
  pointer: Position;
  isSealed = false;
  state: DeliveryState;
  nowMs = 0;
  isReleased = false;
  isEnded = false;
  /** Whether the next write fills the sink. */
  willBeFull = false;
  readonly #shows: (at: Position) => boolean;
  #isFull = false;
  #isInLiveSet = false;
  #isWatching = false;
  #asked: { readonly at: Position; readonly through: number } | undefined;
  #answered: Answer | undefined;

  /** @param options.shows what the subscriber's filter lets through */
  constructor(options: { stored: number; startAt: Position; shows: (at: Position) => boolean }) {
    this.log.append(options.stored);
    this.pointer = this.log.head;
    this.#shows = options.shows;
    this.state = beginDelivery(options.startAt);
  }

  /** The feed hears the next thing from its tail, if there is one. */
  hear(): void {
    const next = this.log.read(this.pointer, Number.POSITIVE_INFINITY);
    if (next.kind === "gap") {
      this.pointer = next.resumeAfter;
      if (this.#isInLiveSet) this.#writeLive([next]);
    } else if (next.events.length > 0) {
      this.pointer = { epoch: this.log.epoch, offset: next.upTo };
      if (this.#isInLiveSet) this.#writeLive(next.events.filter((event) => this.#isShown(event)));
    } else if (this.log.isSealed && !this.isSealed) {
      this.isSealed = true;
      if (this.#isInLiveSet) this.feed({ kind: "advanced" });
    } else {
      return;
    }
    if (!this.#isWatching) return;
    this.#isWatching = false;
    this.feed({ kind: "advanced" });
  }

  /** The log reads what it was asked for. */
  readPage(): void {
    if (this.#asked === undefined || this.#answered !== undefined) return;
    this.#answered = this.log.read(this.#asked.at, this.#asked.through);
  }

  /** The log's answer arrives, which may be long after it was read. */
  receivePage(): void {
    this.readPage();
    const answer = this.#answered;
    if (answer === undefined) return;
    this.#asked = undefined;
    this.#answered = undefined;
    if (answer.kind === "gap") {
      this.feed({ kind: "gap", resumeAfter: answer.resumeAfter }, [answer]);
      return;
    }
    const shown = answer.events.filter((event) => this.#isShown(event));
    this.feed({ kind: "page", upTo: answer.upTo, isEmpty: shown.length === 0 }, shown);
  }

  /** The reader takes what waits in the sink. */
  makeRoom(): void {
    if (!this.#isFull) return;
    this.#isFull = false;
    this.feed({ kind: "writable" });
  }

  feed(input: DeliveryInput, bytes: readonly Sent[] = []): void {
    const context = {
      nowMs: this.nowMs,
      flushWithinMs: 100,
      feed: { pointer: this.pointer, isSealed: this.isSealed },
    };
    if (this.isReleased) throw new Error("an input after release");
    const { state, effects } = stepDelivery(this.state, input, context);
    this.state = state;
    for (const effect of effects) this.#run(effect, bytes);
  }

  #run(effect: ReturnType<typeof stepDelivery>["effects"][number], bytes: readonly Sent[]): void {
    if (this.isEnded && effect !== "destroy" && effect !== "release") {
      throw new Error(`${effect} after the end`);
    }
    switch (effect) {
      case "write":
        if (bytes.length === 0) throw new Error("an empty write");
        this.feed({ kind: this.#write(bytes) ? "accepted" : "full" });
        break;
      case "request-page":
        if (this.#asked !== undefined) throw new Error("two pages at a time");
        this.#asked = this.#question();
        break;
      case "watch-feed":
        this.#isWatching = true;
        break;
      case "join":
        if (this.#isInLiveSet) throw new Error("joined twice");
        this.#isInLiveSet = true;
        break;
      case "leave":
        if (!this.#isInLiveSet) throw new Error("left twice");
        this.#isInLiveSet = false;
        break;
      case "write-end":
        this.sent.push({ kind: "end" });
        break;
      case "end":
        this.isEnded = true;
        break;
      case "destroy":
        break;
      case "release":
        if (this.#isInLiveSet) throw new Error("released while live");
        this.isReleased = true;
        break;
    }
  }

  #question(): { readonly at: Position; readonly through: number } {
    if (this.state.name !== "replaying") throw new Error("a page for nobody");
    const { at } = this.state;
    const isSameEpoch = at.epoch === this.pointer.epoch;
    return { at, through: isSameEpoch ? Math.max(at.offset, this.pointer.offset) : at.offset };
  }

  #writeLive(bytes: readonly Sent[]): void {
    if (bytes.length > 0 && !this.#write(bytes)) this.feed({ kind: "full" });
  }

  #write(bytes: readonly Sent[]): boolean {
    this.sent.push(...bytes);
    if (this.willBeFull) this.#isFull = true;
    this.willBeFull = false;
    return !this.#isFull;
  }

  #isShown(sent: Sent): boolean {
    return sent.kind !== "event" || this.#shows(sent.at);
  }
}
