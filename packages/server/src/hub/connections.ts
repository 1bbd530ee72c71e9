// All connections of a hub: who is there, how many may be, and their common rhythm.

import type { HubEnvironment } from "./environment.js";
import type { Feeds } from "./feeds.js";
import type { HubSettings } from "./options.js";
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

/** The connections of one hub. */
export class Connections implements SubscriberHost {
  readonly cadence: Cadence;
  readonly flushWithinMs = FLUSH_WITHIN_MS;
  readonly heartbeatType: string;
  readonly #settings: HubSettings;
  readonly #environment: HubEnvironment;
  readonly #feeds: Feeds;
  readonly #wheel: Wheel;
  readonly #byId = new Map<string, Subscriber>();
  /** Requests that have been let in and are not yet connections, and those that are. */
  #admitted = 0;
  #acceptedTotal = 0;
  #refusedTotal = 0;
  #whenEmpty: (() => void)[] = [];

  constructor(settings: HubSettings, environment: HubEnvironment, feeds: Feeds) {
    this.#settings = settings;
    this.#environment = environment;
    this.#feeds = feeds;
    this.heartbeatType = settings.heartbeatType;
    this.#wheel = new Wheel(environment, settings.pulse.intervalMs / INTERVAL_TICKS);
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

  defer(task: () => void): void {
    this.#environment.defer(task);
  }

  toTicks(ms: number): number {
    return Math.floor(ms / this.#wheel.tickMs);
  }

  /** Takes one of the places, if there is one. */
  admit(): boolean {
    if (this.#admitted >= this.#settings.maxConnections) {
      this.#refusedTotal += 1;
      return false;
    }
    this.#admitted += 1;
    return true;
  }

  /** Gives back a place that did not become a connection. */
  dismiss(): void {
    this.#admitted -= 1;
    this.#tellIfEmpty();
  }

  /** Takes an admitted subscriber into the books. */
  add(subscriber: Subscriber): void {
    this.#byId.set(subscriber.connection, subscriber);
    this.#wheel.add(subscriber);
    this.#acceptedTotal += 1;
  }

  find(connection: string): Subscriber | undefined {
    return this.#byId.get(connection);
  }

  all(): readonly Subscriber[] {
    return [...this.#byId.values()];
  }

  release(subscriber: Subscriber): void {
    this.#byId.delete(subscriber.connection);
    this.#wheel.remove(subscriber);
    this.#feeds.release(subscriber.feed);
    subscriber.session?.close();
    this.dismiss();
  }

  report(error: unknown, { feed, connection }: Subscriber): void {
    this.#settings.onError(error, { operation: "deliver", stream: feed.stream, connection });
  }

  /** Resolves when nobody is there any more. */
  async empty(): Promise<void> {
    if (this.#admitted === 0) return;
    await new Promise<void>((resolve) => this.#whenEmpty.push(resolve));
  }

  #tellIfEmpty(): void {
    if (this.#admitted > 0) return;
    const waiting = this.#whenEmpty;
    this.#whenEmpty = [];
    for (const resolve of waiting) resolve();
  }
}
