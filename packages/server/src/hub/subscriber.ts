// The shell of one delivery: feeds the machine its inputs, and runs the effects that it answers
// with. One object per subscriber, nothing per subscriber and event.

import {
  assert,
  assertNever,
  beginDelivery,
  type DeliveryEffect,
  type DeliveryInput,
  type DeliveryState,
  deliveredUpTo,
  deliveryDeadlineMs,
  encodeComment,
  type Position,
  stepDelivery,
} from "throughline/core";
import type { Audience, AudienceMember } from "./audience.js";
import type { DeliveryWitness } from "./delivery-witness.js";
import type { Feed, FeedSubscriber, FeedWatcher } from "./feed.js";
import { encodeFrame, type Frame } from "./frame.js";
import type { Place } from "./limits/places.js";
import type { Page } from "./page-source.js";
import type { PacedReader, ReplayPacer } from "./replay-pacer.js";
import type { Session } from "./session.js";
import type { Sink, SinkOwner } from "./sink.js";
import { drainText, heartbeatText, renewText } from "./stream-text.js";
import { WHEEL_SLOTS, type WheelMember } from "./wheel.js";

/** What all subscribers of a hub share. */
export interface SubscriberHost {
  /** The wheel's present tick. */
  readonly tick: number;
  readonly cadence: Cadence;
  nowMs(): number;
  /** Says when a subscriber may have its next page. */
  readonly pacer: ReplayPacer;
  /** Milliseconds that a reader gets to take the last bytes. */
  readonly flushWithinMs: number;
  /** How long a reader that is told to go for its age may stay. */
  readonly retirement: { readonly ticks: number; readonly withinMs: number };
  /** Takes note of a failure that cost one subscriber its connection. */
  report(error: unknown, subscriber: Subscriber): void;
  /** The subscriber is over. Called once. */
  release(subscriber: Subscriber): void;
}

/** The rhythm of a hub, in ticks of its wheel. */
export interface Cadence {
  /** The longest silence. */
  readonly pulse: number;
  readonly heartbeat: number;
  /** How long a lease lasts. */
  readonly lease: number;
}

/** Why a connection is over. */
export type SubscriberEnd =
  | Extract<DeliveryState, { name: "closed" }>["reason"]
  /** Its reader had renewed a lease, and stopped. */
  | "lease-expired"
  /** A bug; it has been reported. */
  | "internal-error";

/** A delivery in a running hub. */
export class Subscriber
  implements AudienceMember, FeedSubscriber, FeedWatcher, PacedReader, SinkOwner, WheelMember
{
  readonly connection: string;
  readonly feed: Feed;
  /** Its place among the connections of the hub, held until it is over. */
  readonly admission: Place;
  /** By what right it is served, where the hub asks for one. */
  readonly session: Session | undefined;
  seat = -1;
  slot = 0;
  place = 0;
  readonly #host: SubscriberHost;
  readonly #audience: Audience;
  readonly #sink: Sink;
  readonly #witness: DeliveryWitness | undefined;
  readonly #onLive: (() => void) | undefined;
  #state: DeliveryState;
  /** Why it was ended from here, where the machine cannot know. */
  #endReason: SubscriberEnd | undefined;
  /** Ticks of the last write, of the last heartbeat, of the last lease, and of the farewell. */
  #writtenTick = 0;
  #heartbeatTick = 0;
  #leaseTick = NEVER;
  #farewellTick = NEVER;
  #retireTick = NEVER;

  /** @param options.at the position after which delivery begins */
  constructor(
    host: SubscriberHost,
    options: {
      readonly connection: string;
      readonly feed: Feed;
      readonly admission: Place;
      readonly audience: Audience;
      readonly sink: Sink;
      readonly at: Position;
      readonly session?: Session | undefined;
      readonly witness?: DeliveryWitness | undefined;
      /** Called whenever it has all that there is. */
      readonly onLive?: (() => void) | undefined;
    },
  ) {
    this.connection = options.connection;
    this.feed = options.feed;
    this.admission = options.admission;
    this.session = options.session;
    this.#host = host;
    this.#audience = options.audience;
    this.#sink = options.sink;
    this.#witness = options.witness;
    this.#onLive = options.onLive;
    this.#state = beginDelivery(options.at);
  }

  get state(): DeliveryState["name"] {
    return this.#state.name;
  }

  /** Bytes that wait in the process for the reader to take them. */
  get queuedBytes(): number {
    return this.#sink.queuedBytes;
  }

  /** How far this subscriber has been served: the position of the last bytes handed to its sink. */
  get position(): Position {
    return deliveredUpTo(this.#state, this.feed) ?? this.feed.pointer;
  }

  /** Greets (which includes a heartbeat), and begins to deliver. The wheel has to turn by now. */
  begin(greeting: Frame): void {
    this.#heartbeatTick = this.#host.tick;
    this.#sink.attach(this);
    try {
      this.#step(this.#verdict(greeting));
    } catch (error) {
      this.#fail(error);
    }
  }

  /**
   * Takes a frame: events if the subscriber is live, else something that may stand between any two
   * writes of a delivery. The hot path: one write, and no step of the machine if there is room.
   */
  deliver(frame: Frame): void {
    this.#writtenTick = this.#host.tick;
    try {
      if (!this.#sink.write(frame)) this.#step(FULL);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** A reader that does not keep up has enough to take. */
  hear(frame: Frame): void {
    const { name } = this.#state;
    if (name === "draining" || name === "closed" || this.#sink.isFull) return;
    this.deliver(frame);
  }

  /**
   * The reader says that it is there. From now on it has to go on saying so. It is answered in the stream
   * as well: one that hears how far it has been served, and then not from its stream, knows that something
   * on the way holds bytes back.
   */
  renewLease(): void {
    this.#leaseTick = this.#host.tick;
    const { name } = this.#state;
    if ((name === "live" || name === "replaying") && !this.#sink.isFull) this.#sayHeartbeat();
  }

  /** Announces that this connection will be ended in good order in so many ticks. */
  sayFarewell(ticks: number, withinMs: number): void {
    if (this.#state.name === "draining" || this.#state.name === "closed") return;
    this.#farewellTick = this.#host.tick + ticks;
    this.deliver(encodeFrame(drainText({ withinMs })));
  }

  /** Says at which tick this connection will be old enough to be ended. */
  retireAt(tick: number): void {
    this.#retireTick = tick;
  }

  /** Ends this delivery in good order, wherever it is. */
  finish(): void {
    this.#step(FINISH);
  }

  /** Ends this delivery now. */
  cut(): void {
    this.#step(CUT);
  }

  onAdvanced(): void {
    this.#step(ADVANCED);
  }

  onWritable(): void {
    this.#step(WRITABLE);
  }

  onFlushed(): void {
    this.#step(FLUSHED);
  }

  onLost(): void {
    this.#step(LOST);
  }

  /** The wheel comes by: is anything due before it comes again? */
  visit(tick: number): void {
    const { cadence } = this.#host;
    if (deliveryDeadlineMs(this.#state) !== undefined) this.#step(TICK);
    else if (isSince(this.#leaseTick, tick - cadence.lease)) this.#expire();
    else if (isSince(this.#farewellTick, tick)) this.finish();
    else if (this.session !== undefined && this.#heed(this.session)) return;
    else if (isSince(this.#retireTick, tick)) this.#retire();
    else if (this.#sink.isFull) return;
    else if (tick - this.#heartbeatTick + WHEEL_SLOTS > cadence.heartbeat) this.#sayHeartbeat();
    else if (tick - this.#writtenTick + WHEEL_SLOTS > cadence.pulse) this.deliver(PULSE);
  }

  /**
   * A lease has run out. Whoever takes no bytes either is gone. Whoever takes them may be there all the
   * same, with its renewals gone to other hubs behind the same address: it is told to leave, which
   * costs a reader that lives no more than a handover.
   */
  #expire(): void {
    this.#leaseTick = NEVER;
    this.#endReason = "lease-expired";
    if (this.#sink.isFull) this.cut();
    else this.#leaveSoon();
  }

  /** Does what is due for the session; `false` where that is nothing. */
  #heed(session: Session): boolean {
    const due = session.due();
    if (due === "end") this.finish();
    else if (due === "renew") this.#sayRenew(session.remainingMs);
    return due !== "nothing";
  }

  #sayRenew(remainingMs: number): void {
    const expiresInMs = Math.max(0, Math.floor(remainingMs));
    this.deliver(encodeFrame(renewText({ expiresInMs })));
  }

  #retire(): void {
    this.#retireTick = NEVER;
    this.#leaveSoon();
  }

  /** Whoever has been told to go for another reason has its time already. */
  #leaveSoon(): void {
    if (this.#farewellTick !== NEVER) return;
    const { ticks, withinMs } = this.#host.retirement;
    this.sayFarewell(ticks, withinMs);
  }

  #sayHeartbeat(): void {
    this.#heartbeatTick = this.#host.tick;
    const state = this.#state;
    const isReplaying = state.name === "replaying";
    const text = isReplaying ? heartbeatText(this.feed.heartbeatType, state.at) : undefined;
    this.deliver(text === undefined ? this.feed.heartbeat() : encodeFrame(text));
  }

  #verdict(frame: Frame): DeliveryInput {
    this.#writtenTick = this.#host.tick;
    return this.#sink.write(frame) ? ACCEPTED : FULL;
  }

  /** Steps until the machine rests. */
  #step(input: DeliveryInput, page?: Page): void {
    try {
      let hadPage = page !== undefined;
      let next: Pending | undefined = { input, page };
      while (next !== undefined) {
        next = this.#stepOnce(next, hadPage);
        hadPage ||= next?.page !== undefined;
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** One step. Its effects have at most one sequel. */
  #stepOnce({ input, page }: Pending, hadPage: boolean): Pending | undefined {
    const { feed } = this;
    const { flushWithinMs } = this.#host;
    const context = { nowMs: this.#host.nowMs(), feed, flushWithinMs };
    const before = this.#state.name;
    const { state, effects } = stepDelivery(this.#state, input, context);
    this.#state = state;
    if (state.name !== before) this.#witness?.onChanged(before, state.name);
    let sequel: Pending | undefined;
    for (const effect of effects) {
      if (effect === "write") sequel = this.#write(page);
      else if (effect !== "request-page") this.#run(effect);
      // One page per turn: a long replay, also one that the filter hides whole, holds up nobody.
      else if (hadPage || !this.#host.pacer.hasRoom) this.#host.pacer.enqueue(this);
      else sequel = this.#requestPage();
    }
    return sequel;
  }

  /** Runs an effect that has no sequel. */
  #run(effect: Exclude<DeliveryEffect, "write" | "request-page">): void {
    switch (effect) {
      case "watch-feed":
        this.feed.watch(this);
        break;
      case "join":
        this.#audience.join(this);
        this.#onLive?.();
        break;
      case "leave":
        this.#audience.leave(this);
        break;
      case "write-end":
        this.#sink.write(this.feed.endFrame());
        break;
      case "end":
        this.#sink.end();
        break;
      case "destroy":
        this.#sink.destroy();
        break;
      case "release":
        this.#release();
        break;
      default:
        assertNever(effect);
    }
  }

  #write(page: Page | undefined): Pending {
    assert(page?.frame !== undefined, "there is a page to write");
    this.#witness?.onPage(page);
    return { input: this.#verdict(page.frame) };
  }

  /** Asks for the page that was put off to this turn, unless the delivery has ended meanwhile. */
  takePage(): void {
    if (this.#state.name !== "replaying") return;
    try {
      const answer = this.#requestPage();
      if (answer !== undefined) this.#step(answer.input, answer.page);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Answers at once where the page is in memory; otherwise the log does later. */
  #requestPage(): Pending | undefined {
    const { pacer } = this.#host;
    const at = this.position;
    const page = this.feed.cachedPage(at, this.#audience.filter);
    if (page !== undefined) {
      pacer.spend(page.frame?.byteLength ?? 0);
      return toPending(page);
    }
    const endRead = pacer.beginRead(this);
    if (endRead === undefined) return undefined;
    this.feed.readPage(at, this.#audience.filter).then(
      (read) => {
        endRead();
        this.#step(toPending(read).input, read);
      },
      (error: unknown) => {
        endRead();
        this.#host.report(error, this);
        this.#step(FAILED);
      },
    );
    return undefined;
  }

  #release(): void {
    this.feed.releaseAudience(this.#audience);
    this.#host.release(this);
    if (this.#state.name !== "closed") return;
    this.#witness?.onEnded(this.#endReason ?? this.#state.reason);
  }

  /** After a bug the machine cannot be trusted any more. It costs this connection, not the hub. */
  #fail(error: unknown): void {
    this.#host.report(error, this);
    if (this.#state.name === "closed") return;
    if (this.seat >= 0) this.#audience.leave(this);
    this.#state = { name: "closed", reason: "cut" };
    this.#endReason = "internal-error";
    this.#sink.destroy();
    this.#release();
  }
}

/** An input that is about to be fed, and the page that it is about. */
interface Pending {
  readonly input: DeliveryInput;
  readonly page?: Page | undefined;
}

function toPending(page: Page): Pending {
  const input: DeliveryInput =
    page.kind === "gap"
      ? { kind: "gap", resumeAfter: page.resumeAfter }
      : { kind: "page", upTo: page.upTo, isEmpty: page.frame === undefined };
  return { input, page };
}

/** The tick of what has not happened: before all others. */
const NEVER = -1;

/** Whether something has happened, and not after `tick`. */
function isSince(happened: number, tick: number): boolean {
  return happened !== NEVER && happened <= tick;
}

/** The shortest thing that shows that a connection is alive. */
export const PULSE = encodeFrame(encodeComment());

const ACCEPTED: DeliveryInput = { kind: "accepted" };
const FULL: DeliveryInput = { kind: "full" };
const WRITABLE: DeliveryInput = { kind: "writable" };
const ADVANCED: DeliveryInput = { kind: "advanced" };
const FINISH: DeliveryInput = { kind: "finish" };
const CUT: DeliveryInput = { kind: "cut" };
const FLUSHED: DeliveryInput = { kind: "flushed" };
const LOST: DeliveryInput = { kind: "lost" };
const FAILED: DeliveryInput = { kind: "failed" };
const TICK: DeliveryInput = { kind: "tick" };
