// All connections of a hub: who is there, how many may be, and their common rhythm.

import type { HubEnvironment } from "./environment.js";
import type { Feeds } from "./feeds.js";
import { type FullOf, type Place, Places, type Visitor } from "./limits/places.js";
import { QueueMeter } from "./limits/queue-meter.js";
import type { HubSettings } from "./options.js";
import { ReplayPacer } from "./replay-pacer.js";
import type { Cadence, Subscriber, SubscriberHost } from "./subscriber.js";
import { Wheel } from "./wheel.js";

/** The ticks that the announced interval of the pulse is divided into. */
const INTERVAL_TICKS = 22;

/** What is promised within a time is due so much earlier: rounding to ticks, and a late timer. */
const SPARE_TICKS = 2;

/** A lease lasts as long as this many renewals take. */
const LEASE_LASTS = 3;

/** Time for the last bytes: longer than a drop that heals, shorter than anybody's patience. */
const FLUSH_WITHIN_MS = 10_000;

/** Connections are ended at up to this share before or after their greatest age, so never as one. */
const AGE_SPREAD = 0.2;

/** Time for a reader to be connected anew before its old connection is ended: as in a deploy. */
export const RETIRE_WITHIN_MS = 5000;

/** The connections of one hub. */
export class Connections implements SubscriberHost {
  readonly cadence: Cadence;
  readonly pacer: ReplayPacer;
  readonly meter: QueueMeter;
  readonly flushWithinMs = FLUSH_WITHIN_MS;
  readonly retirement: SubscriberHost["retirement"];
  readonly #settings: HubSettings;
  readonly #environment: HubEnvironment;
  readonly #feeds: Feeds;
  readonly #wheel: Wheel;
  readonly #byId = new Map<string, Subscriber>();
  readonly #places: Places;
  #acceptedTotal = 0;
  #refusedTotal = 0;
  #whenEmpty: (() => void)[] = [];

  constructor(settings: HubSettings, environment: HubEnvironment, feeds: Feeds) {
    this.#settings = settings;
    this.#environment = environment;
    this.#feeds = feeds;
    this.meter = new QueueMeter(settings.maxQueuedBytes);
    // Not at once: it happens while an audience is written to, and who is cut off leaves it.
    this.meter.onExceeded = () => environment.defer(() => this.meter.relieve(this.all()));
    this.pacer = new ReplayPacer(environment, this.meter);
    this.#places = new Places(settings, settings.peers);
    this.#wheel = new Wheel(environment, settings.pulse.intervalMs / INTERVAL_TICKS);
    this.retirement = { ticks: this.toTicks(RETIRE_WITHIN_MS), withinMs: RETIRE_WITHIN_MS };
    this.cadence = {
      pulse: INTERVAL_TICKS - SPARE_TICKS,
      heartbeat: this.toTicks(settings.heartbeatMs) - SPARE_TICKS,
      lease: this.toTicks(settings.leaseMs * LEASE_LASTS),
    };
  }

  get tick(): number {
    return this.#wheel.tick;
  }

  get acceptedTotal(): number {
    return this.#acceptedTotal;
  }

  get refusedTotal(): number {
    return this.#refusedTotal;
  }

  nowMs(): number {
    return this.#environment.nowMs();
  }

  toTicks(ms: number): number {
    return Math.floor(ms / this.#wheel.tickMs);
  }

  /** A place for a visitor, or which limit leaves none. Becomes a connection, or is dismissed. */
  admit(visitor: Visitor): Place | FullOf {
    const place = this.#places.take(visitor);
    if (typeof place === "string") this.#refusedTotal += 1;
    return place;
  }

  /** A place that was taken, for the identity that has been found; see `Places.identify`. */
  identify(place: Place, identity: string | undefined): Place | "identity" {
    const identified = this.#places.identify(place, identity);
    if (typeof identified === "string") this.#refusedTotal += 1;
    return identified;
  }

  /** See `Places.countElsewhere`. */
  countElsewhere(key: string, change: number): void {
    this.#places.countElsewhere(key, change);
  }

  /** Gives back a place that did not become a connection. */
  dismiss(place: Place): void {
    this.#places.giveBack(place);
    this.#tellIfEmpty();
  }

  /** Takes an admitted subscriber into the books. */
  add(subscriber: Subscriber): void {
    this.#byId.set(subscriber.connection, subscriber);
    subscriber.feed.subscribers.add(subscriber);
    this.#wheel.add(subscriber);
    this.#acceptedTotal += 1;
    const { maxConnectionAgeMs } = this.#settings;
    if (maxConnectionAgeMs === 0) return;
    const share = 1 - AGE_SPREAD + 2 * AGE_SPREAD * this.#environment.random();
    subscriber.retireAt(this.tick + this.toTicks(maxConnectionAgeMs * share));
  }

  find(connection: string): Subscriber | undefined {
    return this.#byId.get(connection);
  }

  all(): readonly Subscriber[] {
    return [...this.#byId.values()];
  }

  release(subscriber: Subscriber): void {
    this.#byId.delete(subscriber.connection);
    subscriber.feed.subscribers.delete(subscriber);
    this.#wheel.remove(subscriber);
    this.#feeds.release(subscriber.feed);
    subscriber.session?.close();
    this.dismiss(subscriber.admission);
  }

  report(error: unknown, { feed, connection }: Subscriber): void {
    this.#settings.onError(error, { operation: "deliver", stream: feed.stream, connection });
  }

  /** Resolves when nobody is there any more. */
  async empty(): Promise<void> {
    if (this.#places.taken === 0) return;
    await new Promise<void>((resolve) => this.#whenEmpty.push(resolve));
  }

  #tellIfEmpty(): void {
    if (this.#places.taken > 0) return;
    const waiting = this.#whenEmpty;
    this.#whenEmpty = [];
    for (const resolve of waiting) resolve();
  }
}
